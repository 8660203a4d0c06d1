/** Names of fields that count what has happened, or are given from outside: two nodes that differ
 * in these alone do the same from then on. */
const passedOver: ReadonlySet<string> = new Set([
  ...["options", "limits", "trail", "out"],
  ...["recordCount", "persistedCount", "nowMs"],
]);

/** Returns the text of a state: what is in objects, sets and maps all the way down, in an order
 * that does not depend on how it came there. Equal texts are equal states. */
export function stateText(value: unknown): string {
  if (typeof value === "function" || value === undefined) return "-";
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map)
    return `{${Array.from(value, (entry) => stateText(entry))
      .toSorted()
      .join(" ")}}`;
  if (value instanceof Set) return `{${Array.from(value, stateText).toSorted().join(" ")}}`;
  if (Array.isArray(value)) return `[${value.map(stateText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([name, of]) => {
    return of !== undefined && !passedOver.has(name);
  });
  return `(${fields.map(([name, of]) => `${name}=${stateText(of)}`).join(" ")})`;
}
