import { monotonicity } from "../analysis/monotone.ts";
import type { Literal, Program } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import type { NetworkProgram } from "./network.ts";

/** Returns whether a relation of a step's program only grows, from step to step, while what is
 * inserted and delivered only grows: those of level M that no event touches, and effects on such
 * from what no event touches. The levels are those of the whole program: a step's rules alone do
 * not say that memory changes. */
export function growingRelations(
  program: Program,
  { step, roles, effects }: NetworkProgram,
): (relation: number) => boolean {
  const levels = monotonicity(program).relations;
  const monotone = (at: number): boolean => levels[at]?.level === "M";
  const lasting = (at: number): boolean => roles[at]?.passing === false;
  const growing = new Set([...roles.keys()].filter((at) => monotone(at) && lasting(at)));
  for (const { relation, of } of effects) {
    if (of < roles.length || !monotone(relation)) continue;
    const rules = step.rules.filter(({ head }) => head.relation === of);
    if (rules.flatMap(({ body }) => relationsIn(body)).every(lasting)) growing.add(of);
  }
  return (relation) => growing.has(relation);
}

function relationsIn(body: readonly Literal[]): number[] {
  const found: number[] = [];
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom" || literal.kind === "negation") found.push(literal.relation);
  });
  return found;
}
