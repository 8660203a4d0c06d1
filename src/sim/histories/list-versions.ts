import type { ListTransaction } from "./list-history.ts";

/** Who appended an element. */
export type Writer = {
  /** The transaction's place in the history. */
  readonly at: number;
  /** Whether the transaction appended nothing to the list after it. */
  readonly last: boolean;
};

/** The versions of one list, as far as reads show them. */
export type ListVersions = {
  /** The longest list that was read. Version n of the list is its first n elements. */
  readonly order: readonly string[];
  /** The transactions that appended an element, by the element: one of each, where the history is
   * well formed. */
  readonly writers: ReadonlyMap<string, Writer>;
  /** Elements that no read shows, of transactions that were carried out: also of one without an
   * answer, where reads show another element of it. They come after `order`, one after the other in
   * an order that nobody knows. */
  readonly unseen: readonly string[];
};

/** Returns the versions of all lists of a history, by key. */
export function listVersions(history: readonly ListTransaction[]): Map<string, ListVersions> {
  const longest = new Map<string, readonly string[]>();
  const writers = new Map<string, Map<string, Writer>>();
  history.forEach(({ outcome, accesses }, at) => {
    const last = new Map<string, string>();
    for (const access of accesses)
      if (access.kind === "append") last.set(access.key, access.element);
    for (const access of accesses) {
      const { key } = access;
      const before = longest.get(key) ?? [];
      longest.set(key, before);
      if (access.kind === "append") {
        const { element } = access;
        const ofKey = writers.get(key) ?? new Map<string, Writer>();
        writers.set(key, ofKey.set(element, { at, last: last.get(key) === element }));
      } else if (outcome === "ok" && (access.elements?.length ?? 0) > before.length)
        longest.set(key, access.elements ?? []);
    }
  });
  const seenWriters = new Set(
    [...longest].flatMap(([key, order]) => order.map((of) => writers.get(key)?.get(of)?.at)),
  );
  const carriedOut = (at: number): boolean => {
    const outcome = history[at]?.outcome;
    return outcome === "ok" || (outcome === "info" && seenWriters.has(at));
  };
  return new Map(
    [...longest].map(([key, order]) => {
      const ofKey = writers.get(key) ?? new Map<string, Writer>();
      const seen = new Set(order);
      const unseen = [...ofKey]
        .filter(([element, { at }]) => !seen.has(element) && carriedOut(at))
        .map(([element]) => element);
      return [key, { order, writers: ofKey, unseen }];
    }),
  );
}

/** Whether a list is how another one begins. */
export function begins(list: readonly string[], other: readonly string[]): boolean {
  return list.length <= other.length && list.every((element, at) => element === other[at]);
}
