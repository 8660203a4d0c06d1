import { monotonicity } from "../analysis/monotone.ts";
import type { Literal, Program } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import type { NetworkProgram } from "./network.ts";

/** Returns whether a relation of a step's program only grows, from step to step, while what is
 * inserted and delivered only grows: those of level M that no event touches, and effects of
 * such. */
export function growingRelations(
  program: Program,
  { step, roles, effects }: NetworkProgram,
): (relation: number) => boolean {
  const across = monotonicity(program).relations;
  const within = monotonicity(step).relations;
  const grows = step.relations.map(
    (_, at) =>
      within[at]?.level === "M" &&
      (at >= roles.length || (across[at]?.level === "M" && roles[at]?.passing === false)),
  );
  const reads = (at: number): boolean =>
    step.rules
      .filter(({ head }) => head.relation === at)
      .flatMap(({ body }) => relationsIn(body))
      .every((relation) => grows[relation] === true);
  for (const { of } of effects) if (of >= roles.length && !reads(of)) grows[of] = false;
  return (relation) => grows[relation] === true;
}

function relationsIn(body: readonly Literal[]): number[] {
  const found: number[] = [];
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom") found.push(literal.relation);
  });
  return found;
}
