// From a claim about all values of some kinds to values for which it is false.
import type { Random } from "../base/random.ts";
import { EvaluationFault } from "../value/fault.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { combinations } from "./domain.ts";
import type { SampleValues } from "./sample-values.ts";
import { smallerValues } from "./smaller-values.ts";

/** Something that is to hold for all values of these kinds. Where computing it is an
 * `EvaluationFault`, so is an evaluation that comes to it, and nothing is said. */
export type Claim = {
  readonly kinds: readonly ValueKind[];
  readonly holds: (words: readonly Word[]) => boolean;
};

/** Where samples come from, and what their words mean. */
export type Sampling = {
  readonly values: Values;
  readonly structures: Structures;
  readonly source: SampleValues;
  readonly random: Random;
};

/** What became of a claim. */
export type Trial =
  /** It is false for these values, of which none can be plainer. */
  | { readonly kind: "false"; readonly values: readonly Value[] }
  | { readonly kind: "held" }
  /** There was nothing to try, or each sample was a fault, of which this is the first. */
  | { readonly kind: "untried"; readonly fault?: string };

/** The share of the samples that the values to try first are combined in. */
const markedShare = 0.5;
/** So many plainer values are tried for a sample for which a claim is false. */
const stepsMax = 2000;

/** Tries a claim on so many samples. */
export function counterexample(
  claim: Claim,
  { values, structures, source, random }: Sampling,
  samples: number,
): Trial {
  const { kinds } = claim;
  const kindAt = (at: number): ValueKind => kinds[at] ?? "number";
  if (kinds.some((kind) => source.marked(kind).length === 0)) return { kind: "untried" };
  const known: { held: boolean; fault?: string } = { held: false };
  const isFalse = (some: readonly Value[]): boolean => {
    try {
      const holds = claim.holds(some.map((value, at) => values.encode(kindAt(at), value)));
      known.held ||= holds;
      return !holds;
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      known.fault ??= error.message;
      return false;
    }
  };
  for (const some of sampled(kinds, source, random, samples)) {
    if (!isFalse(some)) continue;
    const smaller = (value: Value, at: number) => smallerValues(kindAt(at), value, structures);
    return { kind: "false", values: plainest(some, smaller, isFalse) };
  }
  const { held, fault } = known;
  if (held) return { kind: "held" };
  return { kind: "untried", ...(fault !== undefined && { fault }) };
}

/** What becomes of values for which the claim is false when none of them can be plainer. */
function plainest(
  some: readonly Value[],
  smaller: (value: Value, at: number) => readonly Value[],
  isFalse: (some: readonly Value[]) => boolean,
): readonly Value[] {
  let steps = 0;
  const plainer = (from: readonly Value[]): readonly Value[] | undefined => {
    for (const [at, value] of from.entries())
      for (const other of smaller(value, at)) {
        if (steps++ >= stepsMax) return undefined;
        const next = from.with(at, other);
        if (isFalse(next)) return next;
      }
    return undefined;
  };
  let found = some;
  for (let next = plainer(found); next !== undefined; next = plainer(found)) found = next;
  return found;
}

/** Values for each kind: all ways to combine the plainest of those to try first, then random ones,
 * which are equal or near each other more often than by chance. */
function* sampled(
  kinds: readonly ValueKind[],
  source: SampleValues,
  random: Random,
  samples: number,
): Generator<readonly Value[]> {
  const width = Math.floor((samples * markedShare) ** (1 / Math.max(1, kinds.length)));
  const first = combinations(kinds.map((kind) => source.marked(kind).slice(0, width)));
  yield* first;
  for (let at = first.length; at < samples; at++) {
    const some: Value[] = [];
    for (const kind of kinds) {
      const before = some.filter((_, place) => kinds[place] === kind);
      if (before.length === 0 || random.chance(0.6)) some.push(source.next(kind));
      else if (random.chance(0.5)) some.push(random.pick(before));
      else some.push(source.near(kind, random.pick(before)));
    }
    yield some;
  }
}
