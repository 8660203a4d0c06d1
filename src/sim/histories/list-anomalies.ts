// What reads of lists show to be wrong by themselves, without any order of transactions.
import { type Anomaly, type AnomalyKind, transactionName } from "./anomaly.ts";
import { elementsText, type ListRead, listReads, type ListTransaction } from "./list-history.ts";
import { begins, type ListVersions } from "./list-versions.ts";

/** Returns what is wrong with single transactions, single lists and pairs of reads. */
export function listAnomalies(
  history: readonly ListTransaction[],
  versions: ReadonlyMap<string, ListVersions>,
): Anomaly[] {
  return [
    ...duplicateAppends(history),
    ...history.flatMap((transaction, at) =>
      transaction.outcome === "ok" ? own(transaction, at) : [],
    ),
    ...listReads(history).flatMap((read) => wrongElements(history, versions, read)),
    ...[...versions].flatMap(([key, of]) => dirtyUpdates(history, key, of)),
    ...listReads(history).flatMap((read) => otherOrder(history, versions, read)),
    ...lostUpdates(history),
  ];
}

function found(kind: AnomalyKind, transactions: readonly number[], why: string): Anomaly {
  return { kind, transactions: [...new Set(transactions)], why: [why] };
}

function duplicateAppends(history: readonly ListTransaction[]): Anomaly[] {
  const first = new Map<string, number>();
  return history.flatMap(({ accesses }, at) =>
    accesses.flatMap((access) => {
      if (access.kind === "read") return [];
      const { key, element } = access;
      const name = JSON.stringify([key, element]);
      const before = first.get(name);
      first.set(name, before ?? at);
      if (before === undefined) return [];
      return [found("duplicate-append", [before, at], `${element} is appended to ${key} twice`)];
    }),
  );
}

/** What a transaction knows of a list by itself: all, once it has read it, else how it ends. */
type Known = { readonly all: boolean; readonly elements: readonly string[] };

function own({ accesses }: ListTransaction, at: number): Anomaly[] {
  const name = transactionName(at);
  const known = new Map<string, Known>();
  return accesses.flatMap((access, place) => {
    const { key } = access;
    const before = known.get(key) ?? { all: false, elements: [] };
    if (access.kind === "append") {
      known.set(key, { ...before, elements: [...before.elements, access.element] });
      return [];
    }
    const { elements } = access;
    if (elements === undefined) return [];
    known.set(key, { all: true, elements });
    const later = accesses
      .slice(place + 1)
      .find((of) => of.kind === "append" && of.key === key && elements.includes(of.element));
    if (later?.kind === "append")
      return [
        found(
          "future-read",
          [at],
          `${name} reads ${later.element} of ${key}, and appends it later`,
        ),
      ];
    const end = before.all ? elements : elements.slice(elements.length - before.elements.length);
    const same = end.length === before.elements.length && begins(before.elements, end);
    if (same || (!before.all && before.elements.length === 0)) return [];
    const list = `${before.all ? "" : "... "}${before.elements.join(" ")}`;
    return [
      found(
        "internal",
        [at],
        `${name} knows ${key} as [${list}], and reads ${elementsText(elements)}`,
      ),
    ];
  });
}

function wrongElements(
  history: readonly ListTransaction[],
  versions: ReadonlyMap<string, ListVersions>,
  { at, key, elements }: ListRead,
): Anomaly[] {
  const name = transactionName(at);
  const writers = versions.get(key)?.writers;
  const seen = new Set<string>();
  const anomalies: Anomaly[] = [];
  elements.forEach((element, place) => {
    const saw = `${name} reads ${element} of ${key}`;
    if (seen.has(element)) anomalies.push(found("duplicate-element", [at], `${saw} twice`));
    seen.add(element);
    const writer = writers?.get(element);
    if (writer === undefined) {
      anomalies.push(found("unknown-element", [at], `${saw}, which nobody appended`));
      return;
    }
    const by = transactionName(writer.at);
    if (history[writer.at]?.outcome === "fail")
      anomalies.push(found("G1a", [writer.at, at], `${saw}, of ${by}, which was not carried out`));
    if (place === elements.length - 1 && !writer.last && writer.at !== at)
      anomalies.push(found("G1b", [writer.at, at], `${saw}, and not what ${by} appended after it`));
  });
  return anomalies;
}

function dirtyUpdates(
  history: readonly ListTransaction[],
  key: string,
  { order, writers }: ListVersions,
): Anomaly[] {
  const of = (outcome: "ok" | "fail") => (element: string) =>
    history[writers.get(element)?.at ?? -1]?.outcome === outcome;
  const dirtyAt = order.findIndex(of("fail"));
  const after = dirtyAt < 0 ? undefined : order.slice(dirtyAt).find(of("ok"));
  const [first, then] = [writers.get(order[dirtyAt] ?? ""), writers.get(after ?? "")];
  if (first === undefined || then === undefined) return [];
  const by = transactionName(first.at);
  const why = `${after ?? ""} of ${key} follows ${order[dirtyAt] ?? ""} of ${by}`;
  return [found("dirty-update", [first.at, then.at], `${why}, which was not carried out`)];
}

function otherOrder(
  history: readonly ListTransaction[],
  versions: ReadonlyMap<string, ListVersions>,
  { at, key, elements }: ListRead,
): Anomaly[] {
  const order = versions.get(key)?.order ?? [];
  if (begins(elements, order)) return [];
  const longest = listReads(history).find((read) => read.key === key && read.elements === order);
  const why = `${key} is read as ${elementsText(order)} and as ${elementsText(elements)}`;
  return [found("incompatible-order", [...(longest === undefined ? [] : [longest.at]), at], why)];
}

/** Of those that read a version and append to the list one would have to see the other. */
function lostUpdates(history: readonly ListTransaction[]): Anomaly[] {
  const updates = new Map<string, number[]>();
  history.forEach(({ outcome, accesses }, at) => {
    if (outcome !== "ok") return;
    const appended = new Set(accesses.flatMap((of) => (of.kind === "append" ? [of.key] : [])));
    const touched = new Set<string>();
    for (const access of accesses) {
      const { key } = access;
      if (
        access.kind === "read" &&
        access.elements !== undefined &&
        !touched.has(key) &&
        appended.has(key)
      ) {
        const version = JSON.stringify([key, access.elements]);
        updates.set(version, [...(updates.get(version) ?? []), at]);
      }
      touched.add(key);
    }
  });
  return [...updates].flatMap(([version, transactions]) => {
    if (transactions.length < 2) return [];
    const [key, elements] = JSON.parse(version) as [string, string[]];
    const names = transactions.map(transactionName).join(", ");
    const why = `${names} read ${key} as ${elementsText(elements)}, and append to it`;
    return [found("lost-update", transactions, why)];
  });
}
