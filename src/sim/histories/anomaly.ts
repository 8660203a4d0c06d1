/** What cannot be in a history of transactions that are carried out as if one by one. The names are
 * those of Adya's thesis (1999) and of Elle (Kingsbury and Alvaro, VLDB 2020). */
export const anomalyKinds = {
  "duplicate-append": "an element is appended twice: the history cannot be judged",
  "duplicate-element": "a read shows an element twice",
  "unknown-element": "a read shows an element that nobody appended",
  internal: "a read differs from what its own transaction read or appended before",
  "future-read": "a read shows what its own transaction appends later",
  G1a: "a read shows what a transaction appended that was not carried out",
  G1b: "a read shows a list as it was amid another transaction",
  "dirty-update": "an append follows one of a transaction that was not carried out",
  "incompatible-order": "two reads show elements in different orders",
  "lost-update": "two transactions read the same version of a list, and both append to it",
  G0: "transactions append after each other in a circle",
  G1c: "transactions see or append after each other in a circle",
  "G-single": "a circle in which one transaction did not see what another appended",
  "G-nonadjacent":
    "a circle in which several, none next to another, did not see what others appended",
  G2: "a circle in which two in a row did not see what the next one appended",
} as const;

/** One of what cannot be in a history. */
export type AnomalyKind = keyof typeof anomalyKinds;

/** What else a circle of dependencies needs: that a process did one thing after another, or that
 * one transaction was answered before another one was asked for. */
export type OrderUsed = "process" | "realtime";

/** Something that was found in a history. */
export type Anomaly = {
  readonly kind: AnomalyKind;
  /** For a circle that is none without it. */
  readonly order?: OrderUsed;
  /** The transactions that show it, by their places in the history. */
  readonly transactions: readonly number[];
  /** What they show, a statement a line; transactions are named `T` and their place from 1. */
  readonly why: readonly string[];
};

/** Returns the name by which papers and reports call an anomaly: `G-single-realtime`. */
function anomalyName({ kind, order }: Pick<Anomaly, "kind" | "order">): string {
  return order === undefined ? kind : `${kind}-${order}`;
}

/** Returns an anomaly with the transactions that show it, as text. */
export function anomalyText(anomaly: Anomaly, transactionText: (at: number) => string): string {
  const { kind, transactions, why } = anomaly;
  return [
    `${anomalyName(anomaly)}: ${anomalyKinds[kind]}`,
    ...transactions.map((at) => `  ${transactionName(at)} = ${transactionText(at)}`),
    ...why.map((line) => `  ${line}`),
  ].join("\n");
}

/** Returns the name of the transaction at a place of a history: `T1` is the first. */
export function transactionName(at: number): string {
  return `T${at + 1}`;
}
