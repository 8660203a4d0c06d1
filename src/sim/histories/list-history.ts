// Histories of transactions that append to lists and read them: what clients asked for, what they
// were told, and when. Each element is appended to a list at most once in a history, so a read
// shows which appends it saw, and in which order.

/** One access of a transaction to a list. */
export type ListAccess =
  | { readonly kind: "append"; readonly key: string; readonly element: string }
  | {
      readonly kind: "read";
      readonly key: string;
      /** What was there; undefined where the client was not told. */
      readonly elements: readonly string[] | undefined;
    };

/** A transaction as its client saw it. */
export type ListTransaction = {
  /** Who asked: a process does one thing after the other. */
  readonly process: string;
  /** It was carried out; it was not, in no part; or nobody knows. */
  readonly outcome: "ok" | "fail" | "info";
  /** When it was asked for. */
  readonly from: number;
  /** When its answer came, later than `from`; of no meaning where nobody knows how it ended. */
  readonly to: number;
  /** In the order of the transaction. */
  readonly accesses: readonly ListAccess[];
};

/** A list that a transaction was told. */
export type ListRead = {
  /** The transaction's place in the history. */
  readonly at: number;
  readonly key: string;
  readonly elements: readonly string[];
};

/** Returns what transactions were told that were carried out, in their order. */
export function listReads(history: readonly ListTransaction[]): ListRead[] {
  return history.flatMap(({ outcome, accesses }, at) =>
    accesses.flatMap((access) =>
      outcome === "ok" && access.kind === "read" && access.elements !== undefined
        ? [{ at, key: access.key, elements: access.elements }]
        : [],
    ),
  );
}

/** Returns a transaction as one line: `a ok 0-3: append x 1, read y [2 3]`. */
export function listTransactionText(transaction: ListTransaction): string {
  const { outcome, from, to, accesses } = transaction;
  const when = outcome === "info" ? `${from}-` : `${from}-${to}`;
  return `${transaction.process} ${outcome} ${when}: ${accesses.map(accessText).join(", ")}`;
}

function accessText(access: ListAccess): string {
  if (access.kind === "append") return `append ${access.key} ${access.element}`;
  const { key, elements } = access;
  return elements === undefined ? `read ${key}` : `read ${key} ${elementsText(elements)}`;
}

/** Returns the elements of a list as text: `[1 2]`. */
export function elementsText(elements: readonly string[]): string {
  return `[${elements.join(" ")}]`;
}
