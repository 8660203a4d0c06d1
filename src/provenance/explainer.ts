import type { Program } from "../analysis/program.ts";
import type { Database } from "../engine/database.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { Value } from "../value/schema.ts";
import type { Proof, ProofLimits, Tuple } from "./proof.ts";
import type { Absence, AbsenceLimits } from "./why-not.ts";

/** What says why tuples hold, or do not. Input is put into `database`, where the directives of
 * `inputs` say, and then it is evaluated, once. */
export type Explainer = {
  /** The program that relations and rules are of in what is said. */
  readonly program: Program;
  readonly inputs: Program;
  readonly database: Database;
  /** Of a goal that is known no more is evaluated than it depends on. */
  evaluate(goal?: number): Evaluation;
  /** The first tuples of a relation of which `fits` is true. */
  first(
    relation: number,
    fits: (values: readonly Value[]) => boolean,
    max: number,
  ): readonly Tuple[];
  holds(tuple: Tuple): boolean;
  /** Proofs of a tuple, one of the least height first; none if it does not hold. */
  proofs(tuple: Tuple, limits: ProofLimits): readonly Proof[];
  /** Why a tuple does not hold; undefined where it does. */
  absence(tuple: Tuple, limits?: AbsenceLimits): Absence | undefined;
};

/** How an explainer evaluates. */
export type ExplainerOptions = EvaluateOptions & {
  /** How many steps a program of a network may take. */
  readonly stepsMax?: number;
};
