import type { RulePlan } from "../plan/plan.ts";
import type { Operations } from "../value/operations.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { UserFunctor } from "../value/user-functor.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { Classes, Heap, Index, RowIndex, Store } from "./store.ts";

/** What a stratum's code works on. Stores and indexes are the same objects from round to round. */
export type Environment = {
  /** In the order of the plan's relations. */
  readonly stores: readonly Store[];
  /** Those of relations that are equivalences, at the same places. */
  readonly classes: readonly (Classes | undefined)[];
  /** In the order of `indexNeeds`; a `RowIndex` where that has the form `tuples`. */
  readonly indexes: readonly (Index | RowIndex)[];
  readonly values: Values;
  /** Returns the word of a constant. The code may hold it as long as it runs. */
  readonly constant: (kind: ValueKind, value: Value) => Word;
  readonly operations: Operations;
  readonly counters: Counters;
  /** Where code for a `tallied` stratum counts. */
  readonly tally?: Tally;
  /** The implementation of a functor that the program declares. */
  readonly functor: (user: UserFunctor) => OnWords;
  /** Where the arrays of stores and indexes may lie so that WebAssembly can work on them. */
  readonly heap?: Heap;
  /** What a rule has met so far, also in code that was bound before; nothing where that is not
   * kept. */
  readonly effort?: (rule: RulePlan) => Effort;
  /** Is told that a rule goes on in WebAssembly. */
  readonly onWasm?: (rule: RulePlan) => void;
};

/** What tells whether a rule has much to do: the rows that it has met, scanned and derived. */
export type Effort = { rows: number };

/** A functor on words; what it cannot compute is an `EvaluationFault`. */
export type OnWords = (...words: readonly Word[]) => Word;

/** The numbers that rules can ask for. */
export type Counters = {
  /** Returns a fresh number each time, from 0. */
  counter(): Word;
  /** Returns the round of the fixpoint, from 1; 0 outside of rounds. */
  iteration(): Word;
};

/** What rules have done so far. */
export type Tally = {
  /** Keys that bodies looked up: groups of rows in indexes, whole tuples in sets, classes of
   * equivalences. A key that is still known from an outer loop is not looked up again. */
  probes: number;
  /** Tuples that bodies came to derive or drop, whether they were new or not. */
  firings: number;
};

/** A rule, ready to run. A rule that begins with a scan runs on the rows [from, to) of it, which
 * lie in the scan's window; any other ignores both. Throws `EvaluationFault` and `LimitFault`; what
 * was derived until then stays. */
export type RuleCode = {
  (from: number, to: number): void;
  /** Returns the rule for several threads, once it is in WebAssembly and where it can be shared. */
  readonly halves?: () => RuleHalves | undefined;
};

/** A rule in two halves that do together what it does, in the same order. The first half reads what
 * no rule changes while it runs, and asks for each tuple whether it is in; another thread may be
 * putting tuples in meanwhile. */
export type RuleHalves = {
  /** A WebAssembly module: a function that gathers what the rule derives from the rows [from, to)
   * of its scan, but for tuples that are in already. See `linkedGathering`. */
  readonly gathering: Uint8Array;
  /** How many words the function's frame has, */
  readonly frameWords: number;
  /** and where in it stands how many tuples were gathered, of how many that were derived. */
  readonly sizeAt: number;
  readonly derivedAt: number;
  /** How many columns a tuple has. */
  readonly arity: number;
  /** Fills a frame in, with columns that have room for `room` tuples to be gathered. Returns false
   * where some array does not lie in the memory, or tuples are found by the store alone. */
  readonly fill: (frame: Int32Array, columns: readonly Int32Array[], room: number) => boolean;
  /** Puts tuples in that were gathered. */
  readonly put: (columns: readonly Int32Array[], count: number) => void;
};

/** The rules of a stratum's plan, in its order. */
export type StratumCode = {
  readonly once: readonly RuleCode[];
  readonly rounds: readonly RuleCode[];
  readonly subsumptions?: readonly RuleCode[];
};
