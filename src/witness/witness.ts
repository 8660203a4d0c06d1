// From a program and one of its relations to a proof that the relation is not monotone: two sets of
// facts, the smaller one with an answer that the larger one takes back.
import type { Program, RelationAt } from "../analysis/program.ts";
import { random } from "../base/random.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Answers, type FactAt } from "./answers.ts";
import { cone, type Cone } from "./cone.ts";
import type { InputFact, Tuple } from "./fact.ts";
import { exhaustively, grown, smaller, type Growth } from "./search.ts";
import { shrunk } from "./shrink.ts";
import { unsearched } from "./unsearched.ts";

/** How long and where a witness is looked for. */
export type WitnessOptions = {
  /** How often the program may be evaluated. */
  readonly stepsMax?: number;
  readonly seed?: number;
  /** What computes the functors that the program declares. */
  readonly functors?: Implementations;
  /** Is asked before each step; nothing further is tried once it is false. Whoever has a clock can
   * end a search by it. */
  readonly goOn?: () => boolean;
};

/** What a search came to. */
export type WitnessResult =
  /** With the facts `before` (and those of the text) the relation holds `withdrawn`; with the facts
   * `added`, too, it does not. Neither set can do without any of its facts. Tuples are in value
   * order. */
  | {
      readonly kind: "found";
      readonly before: readonly InputFact[];
      readonly added: readonly InputFact[];
      readonly withdrawn: readonly Tuple[];
      readonly answerBefore: readonly Tuple[];
      readonly answerAfter: readonly Tuple[];
    }
  /** There is none among what was tried. `exhausted`: that was all within the bounds of the search
   * (see `exhaustively`); or why nothing was tried: "it is …". */
  | {
      readonly kind: "none";
      readonly steps: number;
      readonly exhausted: boolean;
      readonly unsearched?: string;
    };

/** The steps of a search, unless others are given. */
const witnessStepsMax = 3000;
/** The seed of a search, unless another is given. */
const witnessSeed = 1;
/** The share of the steps that random inputs may take; the rest is for all small inputs in turn. */
const randomShare = 0.6;

/** So many steps may be taken to find a smaller witness than the one that was found first. */
const smallerStepsMax = 500;

/** Returns facts that take an answer of `relation` back, if a bounded search finds some. The same
 * program and options have the same result. */
export function witness(
  program: Program,
  relation: RelationAt,
  options: WitnessOptions = {},
): WitnessResult {
  const { stepsMax = witnessStepsMax, seed = witnessSeed, functors = {} } = options;
  const of = cone(program, relation);
  const reason = unsearched(of, functors);
  if (reason !== undefined) return { kind: "none", steps: 0, exhausted: false, unsearched: reason };

  const answers = new Answers(of, functors);
  const until = (steps: number) => () => answers.steps < steps && options.goOn?.() !== false;
  const guessed = grown(of, answers, random(seed), until(stepsMax * randomShare));
  if (guessed !== undefined) return found(answers, smallest(of, answers, guessed, options));
  const { growth, exhausted } = exhaustively(of, answers, until(stepsMax));
  if (growth !== undefined) return found(answers, smallest(of, answers, growth, options));
  return { kind: "none", steps: Math.min(answers.steps, stepsMax), exhausted };
}

/** What is left of a growth when nothing more can be taken from it. */
function smallest(of: Cone, answers: Answers, growth: Growth, { goOn }: WitnessOptions): Growth {
  const small = shrunk(of, answers, growth);
  const stepsMax = answers.steps + smallerStepsMax;
  const next = smaller(of, answers, small, () => answers.steps < stepsMax && goOn?.() !== false);
  return next === undefined ? small : shrunk(of, answers, next);
}

function found(answers: Answers, { before, added }: Growth): WitnessResult {
  const facts = (some: readonly FactAt[]): InputFact[] =>
    answers.sorted(some).map((at) => answers.fact(at));
  const first = answers.of(before) ?? new Map<string, never>();
  const second = answers.of([...before, ...added]) ?? new Map<string, never>();
  return {
    kind: "found",
    before: facts(before),
    added: facts(added),
    withdrawn: answers.tuples(answers.withdrawn(first, second)),
    answerBefore: answers.tuples(first.values()),
    answerAfter: answers.tuples(second.values()),
  };
}
