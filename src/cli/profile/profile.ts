import { positionAt } from "../../base/source.ts";
import type { Database } from "../../engine/database.ts";
import { sum, type Effort, type Sample } from "../../engine/profile.ts";
import type { Evaluation } from "../../engine/statistics.ts";
import type { Plan, RulePlan } from "../../plan/plan.ts";
import type { Times } from "../statistics.ts";

/** How a program was run: what `--profile` writes. Times are in milliseconds, sizes in bytes. */
export type Profile = {
  readonly program: string;
  /** Whether the fixpoint was reached. */
  readonly complete: boolean;
  readonly ms: { readonly read: number; readonly evaluate: number; readonly write: number };
  /** What relations, indexes and values held in the end, */
  readonly bytes: number;
  /** and at most. */
  readonly bytesMax: number;
  readonly relations: readonly RelationProfile[];
  /** In the order of evaluation. */
  readonly strata: readonly StratumProfile[];
  /** Variants of rules, in the order in which they ran first. */
  readonly rules: readonly RuleProfile[];
  /** In the order of time, from when evaluation began. */
  readonly memory: readonly Sample[];
};

/** What a relation holds. */
export type RelationProfile = {
  readonly name: string;
  readonly tuples: number;
  /** All of it, */
  readonly bytes: number;
  /** and the part that indexes take. */
  readonly indexBytes: number;
  /** How its tuples are found; see `Relation.form`. */
  readonly form: string;
};

/** What a stratum took. */
export type StratumProfile = Effort & {
  readonly relations: readonly string[];
  readonly rounds: number;
  readonly iterations: readonly IterationProfile[];
};

/** What iterations of a stratum took, from `round` (0: before the rounds) so many `rounds`. */
export type IterationProfile = Effort & {
  readonly round: number;
  readonly rounds: number;
  readonly bytes: number;
  /** `rule` is a place in the profile's rules. */
  readonly rules: readonly (Effort & { readonly rule: number })[];
};

/** What a variant of a rule took. */
export type RuleProfile = Effort & {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** The body's atom that reads the delta, counted from 0. */
  readonly deltaAt?: number;
  readonly runs: number;
};

const nothing: Effort = { derived: 0, firings: 0, probes: 0, ms: 0, grownBytes: 0 };

/** Returns the profile of a run. */
export function profileOf(
  program: string,
  plan: Plan,
  database: Database,
  { complete, strata, rules, samples = [] }: Evaluation,
  { startMs, readMs, evaluatedMs, endMs }: Times,
): Profile {
  const places = new Map<RulePlan, number>(rules.map(({ rule }, at) => [rule, at]));
  const bytes = database.memoryBytes;
  return {
    ...{ program, complete },
    ms: { read: readMs - startMs, evaluate: evaluatedMs - readMs, write: endMs - evaluatedMs },
    ...{ bytes, bytesMax: samples.reduce((most, one) => Math.max(most, one.bytes), bytes) },
    relations: database.relations.map((relation) => ({
      ...{ name: relation.schema.name, tuples: relation.size },
      ...{ bytes: relation.memoryBytes, indexBytes: relation.indexBytes, form: relation.form },
    })),
    strata: strata.map(({ relations, rounds, derived, ms = 0, iterations = [] }) => {
      const total = iterations.reduce<Effort>(sum, nothing);
      return {
        relations: relations.map((at) => plan.relations[at]?.name ?? ""),
        ...{ rounds, ...total, derived, ms },
        iterations: iterations.map((one) => ({
          ...{ round: one.round, rounds: one.rounds, ...effortOf(one), bytes: one.bytes },
          rules: [...one.rules].flatMap(([rule, effort]) => {
            const at = places.get(rule);
            return at === undefined ? [] : [{ rule: at, ...effortOf(effort) }];
          }),
        })),
      };
    }),
    rules: rules.map(({ rule, runs, derived, ms = 0, effort = nothing }) => ({
      rule: rule.text,
      path: rule.span.source.path,
      ...positionAt(rule.span.source, rule.span.start),
      ...(rule.deltaAt !== undefined && { deltaAt: rule.deltaAt }),
      ...{ runs, ...effortOf(effort), derived, ms },
    })),
    memory: samples,
  };
}

function effortOf({ derived, firings, probes, ms, grownBytes }: Effort): Effort {
  return { derived, firings, probes, ms, grownBytes };
}
