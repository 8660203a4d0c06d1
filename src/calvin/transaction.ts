// A transaction as the ordered plane sees it: something that reads by patterns and ends in changes
// or in an abort, the same on every replica. What it is made of is the language's.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Attribute, Value } from "../value/schema.ts";

/** A tuple of an ordered relation, or of a free one. */
export type Row = { readonly relation: number; readonly values: readonly Value[] };

/** All tuples of a relation that have these values in these columns (ascending): what a transaction
 * probes, and what is locked for it, absence included. Without columns it is the whole relation. */
export type Pattern = {
  readonly relation: number;
  readonly columns: readonly number[];
  readonly values: readonly Value[];
};

/** What a transaction may probe, and where it may change tuples. */
export type Footprint = {
  readonly reads: readonly Pattern[];
  readonly writes: readonly Pattern[];
};

/** The state before a transaction: base relations as they are at its place in the order. */
export type View = {
  /** The tuples that fit, in any order. */
  tuples(pattern: Pattern): Iterable<readonly Value[]>;
};

/** How a transaction ends. Removals apply before insertions: a tuple in both stays. */
export type Outcome =
  | {
      readonly kind: "done";
      readonly removed: readonly Row[];
      readonly inserted: readonly Row[];
    }
  /** The least of the reasons in value order; `key-conflict` where two rows would have one key. */
  | { readonly kind: "aborted"; readonly reason: string };

/** The reason of an abort where two rows would have one key. */
export const keyConflict = "key-conflict";

/** A transaction that can be run: a function of its arguments and of what the view holds. */
export type TransactionCode = {
  readonly name: string;
  readonly parameters: readonly Attribute[];
  /** The base relations that it can read or change, whatever its arguments are. */
  readonly relations: {
    readonly reads: readonly number[];
    readonly writes: readonly number[];
  };
  /** What it touches by its arguments alone; undefined where that depends on data, so that
   * reconnaissance has to tell (OLLP: Thomson and others, SIGMOD 2012, section 3.2.1). */
  footprint(args: readonly Value[]): Footprint | undefined;
  /** Probes nothing but through the view, and writes nothing. `footprint` is what its method of
   * that name has returned for these arguments, where that is at hand. */
  run(view: View, args: readonly Value[], footprint?: Footprint): Outcome;
};

/** An evaluation met a limit, or a functor failed: alike on every replica. */
export class TransactionFault extends Error {
  override readonly name = "TransactionFault";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message ?? "the evaluation failed");
    this.diagnostics = diagnostics;
  }
}
