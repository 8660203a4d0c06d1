import { printValue } from "../value/print-value.ts";
import type { FactSource } from "../transducer/trail.ts";
import type { Value } from "../value/schema.ts";

/** A tuple of a relation of the program, by its place. */
export type Tuple = { readonly relation: number; readonly values: readonly Value[] };

/** Why a tuple holds. `height` is the number of rules on the longest way down to what is given; no
 * proof has less, unless lattices or subsumptions are in it. It is unknown where a part of the
 * proof is left out that has no height of its own. */
export type Proof = {
  readonly tuple: Tuple;
  readonly height: number | undefined;
  readonly derivation: Derivation;
  /** The step in which it holds, where a program takes several. */
  readonly step?: number;
};

/** What the last step of a proof is. */
export type Derivation =
  /** Stated in the text, or read; on a node with the dot, or the message, that it came with. */
  | { readonly kind: "given"; readonly source?: FactSource }
  /** What a rule of an earlier step gave: put into memory, or sent. `earlier` is its proof then;
   * undefined where that is left out. */
  | {
      readonly kind: "arrival";
      readonly step: number;
      readonly sent: boolean;
      readonly earlier: Proof | undefined;
    }
  /** An instance of a rule, with what it needs, in the order of its body. */
  | { readonly kind: "rule"; readonly rule: number; readonly premises: readonly Premise[] }
  /** A way through pairs of an equivalence; `reversed` ones are taken from the right. */
  | { readonly kind: "closure"; readonly pairs: readonly PairProof[] }
  /** The join of what rules, or givers, have contributed. */
  | { readonly kind: "join"; readonly contributions: readonly Proof[] }
  /** Left out: too deep, or too much. */
  | { readonly kind: "cut" }
  /** Proven where this proof began: the two add to each other. */
  | { readonly kind: "circle" }
  /** Derived from tuples that were dropped since. */
  | { readonly kind: "dropped" };

/** A pair in a way. */
export type PairProof = { readonly proof: Proof; readonly reversed: boolean };

/** What a literal of a rule rests on. */
export type Premise =
  | { readonly kind: "tuple"; readonly proof: Proof }
  /** No tuple matches `text`, whose variables have their values. */
  | { readonly kind: "absent"; readonly text: string; readonly relation: number }
  | { readonly kind: "condition"; readonly text: string }
  /** An aggregate over `count` ways to satisfy its body, with the tuples of some of them. */
  | {
      readonly kind: "aggregate";
      readonly text: string;
      readonly result: Value;
      readonly count: number;
      readonly witnesses: readonly Proof[];
    };

/** How much of a proof is worked out. */
export type ProofLimits = {
  /** Steps below the tuple that is asked for. */
  readonly depth: number;
  /** Tuples in all. */
  readonly tuples?: number;
  /** How many proofs that end with different instances of rules. */
  readonly alternatives?: number;
  /** How many rows may be looked at. */
  readonly steps?: number;
};

/** Returns a text that is another for other tuples. */
export function tupleKey({ relation, values }: Tuple): string {
  return `${relation}(${values.map(printValue).join(", ")})`;
}

/** Whether two tuples are one. */
export function same(a: Tuple, b: Tuple): boolean {
  return tupleKey(a) === tupleKey(b);
}
