// What of a program is about seals: which relations nodes await, which rules seal.
import type { Monotonicity } from "../analysis/levels.ts";
import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { NetworkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { type NetworkPart, partFor, type SealRule, sealRules } from "../plan/seal-rules.ts";

/** How nodes seal what a program reads. */
export type SealingProgram = {
  /** The place of the relation of seals. */
  readonly relation: number;
  /** Nothing is computed before these are sealed: by all members where nodes share their inputs,
   * otherwise by the node itself. */
  readonly awaited?: readonly number[];
  readonly rules: readonly SealRule[];
  /** What evaluates the rules while all else waits. */
  readonly early?: NetworkPart & { readonly plan: Plan };
};

/** Returns how nodes seal what a program reads; `relation` is the place of that of the seals. */
export function sealingProgram(
  { network, relation }: { readonly network: NetworkProgram; readonly relation: number },
  awaited: readonly number[],
): SealingProgram {
  const rules = sealRules(network.step);
  if (awaited.length === 0) return { relation, rules };
  if (rules.length === 0) return { relation, rules, awaited };
  const part = partFor(
    network,
    rules.map(({ of }) => of),
  );
  return { relation, rules, awaited, early: { ...part, plan: plan(part.network.step) } };
}

/** Returns the inputs that a program has to have as a whole before it begins, though its text says
 * how it coordinates: where an output depends on what is absent, or on how much there is. Requests,
 * which are events, come at any time. */
export function inputsFirst(
  { program, verdict }: { readonly program: Program; readonly verdict: Monotonicity },
  network: NetworkProgram,
): readonly number[] {
  const waits = verdict.outputs.some((at) => {
    const { level, points } = verdict.relations[at] ?? { points: [] };
    const orders = points.some((point) => verdict.points[point]?.kind !== "coordination");
    return level === "coordinating" && orders;
  });
  return waits ? keptInputs(program, network) : [];
}

/** Returns the inputs whose facts stay. */
export function keptInputs({ relations }: Program, { roles }: NetworkProgram): readonly number[] {
  return relations.flatMap((_, at) => (roles[at]?.input === true && roles[at].kept ? [at] : []));
}

/** Returns what is wrong with rules that seal: what they wait for comes only once all has begun. */
export function sealMistakes(
  { relations }: Program,
  network: NetworkProgram,
  { rules, early }: SealingProgram,
): Diagnostic[] {
  if (early === undefined) return [];
  const later = new Set(network.effects.map(({ relation }) => relation));
  return rules.flatMap(({ of, relation }): Diagnostic[] => {
    const part = partFor(network, [of]).relations;
    const read = relations.find((_, at) => part.has(at) && later.has(at));
    const sealed = relations[relation];
    if (read === undefined || sealed === undefined) return [];
    return [
      {
        ...{ severity: "error", code: "wrong-seal", span: read.span, subject: sealed.name },
        message: `relation "${sealed.name}" is sealed by what a later step brings, and no step is \
taken before it is sealed`,
        hint: `seal it by inputs, or with \`calm node seal ${sealed.name}\``,
      },
    ];
  });
}
