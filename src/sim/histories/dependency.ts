// What of the order in which transactions were carried out is known: by what they read and append,
// by what their clients did one after the other, and by when they were asked for and answered.
import { transactionName } from "./anomaly.ts";
import { listReads, type ListTransaction } from "./list-history.ts";
import { begins, type ListVersions } from "./list-versions.ts";

/** One transaction was carried out before another: `ww` appended before it, `wr` what it read, `rw`
 * did not see what it appended, `process` by the same client, `realtime` answered before it was
 * asked for. */
export type Dependency = {
  readonly from: number;
  readonly to: number;
  readonly kind: DependencyKind;
  /** For what is of a list: it, and the element that the one appended and the other one saw or not,
   * or that follows. */
  readonly key?: string;
  readonly element?: string;
};

/** How a dependency is known. */
export type DependencyKind = "ww" | "wr" | "rw" | "process" | "realtime";

/** Returns what the lists say, each pair of transactions once for each kind. */
export function listDependencies(
  history: readonly ListTransaction[],
  versions: ReadonlyMap<string, ListVersions>,
): Dependency[] {
  const known = new Map<string, Dependency>();
  const add = (dependency: Dependency): void => {
    const { from, to, kind } = dependency;
    const name = `${from} ${kind} ${to}`;
    if (from !== to && !known.has(name)) known.set(name, dependency);
  };
  // A transaction that was not carried out is before and after nothing; that reads show it is told
  // apart.
  const writerOf = ({ writers }: ListVersions, element = ""): number | undefined => {
    const at = writers.get(element)?.at;
    return at === undefined || history[at]?.outcome === "fail" ? undefined : at;
  };
  const addFollowing = (
    { kind, from, key }: Pick<Dependency, "kind" | "from"> & { readonly key: string },
    of: ListVersions,
    count: number,
  ): void => {
    for (const element of following(of, count)) {
      const to = writerOf(of, element);
      if (to !== undefined) add({ kind, from, to, key, element });
    }
  };
  for (const [key, of] of versions)
    of.order.forEach((element, place) => {
      const from = writerOf(of, element);
      if (from !== undefined) addFollowing({ kind: "ww", from, key }, of, place + 1);
    });
  for (const { at, key, elements } of listReads(history)) {
    const of = versions.get(key);
    if (of === undefined) continue;
    const element = elements.at(-1);
    const from = writerOf(of, element);
    if (from !== undefined && element !== undefined)
      add({ kind: "wr", from, to: at, key, element });
    if (begins(elements, of.order))
      addFollowing({ kind: "rw", from: at, key }, of, elements.length);
  }
  return [...known.values()];
}

/** The elements any of which can be the next of a version: one, or those that nobody saw. */
function following({ order, unseen }: ListVersions, count: number): readonly string[] {
  const next = order[count];
  return next === undefined ? unseen : [next];
}

/** Returns what each process did one after the other. What nobody knows the end of is before
 * nothing. */
export function processDependencies(history: readonly ListTransaction[]): Dependency[] {
  const last = new Map<string, number>();
  return inTime(history).flatMap((at) => {
    const transaction = historyAt(history, at);
    const from = last.get(transaction.process);
    if (transaction.outcome === "ok") last.set(transaction.process, at);
    return from === undefined ? [] : [{ kind: "process" as const, from, to: at }];
  });
}

/** Returns pairs of transactions the first of which was answered before the second one was asked
 * for; not those that follow from others. */
export function realtimeDependencies(history: readonly ListTransaction[]): Dependency[] {
  const events = inTime(history).flatMap((at) => {
    const { from, to, outcome } = historyAt(history, at);
    return [
      { at, time: from, kind: "asked" as const },
      ...(outcome === "ok" ? [{ at, time: to, kind: "answered" as const }] : []),
    ];
  });
  // At one time questions are first: what is answered just then is not before them.
  events.sort((a, b) => a.time - b.time || (a.kind === b.kind ? 0 : a.kind === "asked" ? -1 : 1));
  const before = new Map<number, readonly number[]>();
  const answered = new Set<number>();
  return events.flatMap(({ at, kind }) => {
    if (kind === "asked") {
      before.set(at, [...answered]);
      return [...answered].map((from) => ({ kind: "realtime" as const, from, to: at }));
    }
    for (const from of before.get(at) ?? []) answered.delete(from);
    answered.add(at);
    return [];
  });
}

/** Returns a dependency as a statement. */
export function dependencyText({ from, to, kind, key = "", element = "" }: Dependency): string {
  const [first, second] = [transactionName(from), transactionName(to)];
  return `${first} -${kind}-> ${second}: ${why()}`;

  function why(): string {
    switch (kind) {
      case "ww":
        return `${second} appended ${element} to ${key} after what ${first} appended`;
      case "wr":
        return `${second} read ${element} of ${key}, which ${first} appended`;
      case "rw":
        return `${first} did not read ${element} of ${key}, which ${second} appended`;
      case "process":
        return `one process asked for ${first}, and then for ${second}`;
      case "realtime":
        return `${first} was answered before ${second} was asked for`;
    }
  }
}

/** The places of what was, or may have been, carried out, in the order of the questions. */
function inTime(history: readonly ListTransaction[]): number[] {
  const places = history.flatMap(({ outcome }, at) => (outcome === "fail" ? [] : [at]));
  return places.sort((a, b) => historyAt(history, a).from - historyAt(history, b).from || a - b);
}

function historyAt(history: readonly ListTransaction[], at: number): ListTransaction {
  const transaction = history[at];
  if (transaction === undefined) throw new RangeError(`no transaction at ${at}`);
  return transaction;
}
