// From `.plan` to the orders of a rule's positive atoms.
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Rule, Stratum } from "./program.ts";
import type { WorkRule } from "./work-rule.ts";

/** Returns for each version of `.plan` the order of the positive atoms, both from 0; undefined
 * without one. Reports what does not fit the rule. Atoms that analysis added to those in the text
 * follow them, in their order. */
export function orders(
  rule: WorkRule,
  stratum: Stratum,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): Rule["orders"] {
  if (rule.plan === undefined) return undefined;
  const { stated } = rule;
  const atoms = rule.body.filter((literal) => literal.kind === "atom");
  const versions = atoms
    .slice(0, stated)
    .filter(({ relation }) => stratum.relations.includes(relation)).length;
  const name = relations[rule.head.relation]?.name ?? "";
  if (!stratum.recursive || versions === 0) {
    const message = `\`.plan\` follows a rule of "${name}" that is not recursive`;
    findings.error("wrong-plan", message, rule.plan.span, {
      hint: "without recursion the order is chosen from the sizes of the relations",
    });
    return undefined;
  }
  const found = new Map<number, readonly number[]>();
  for (const { version, order, span } of rule.plan.versions) {
    const complete = order.toSorted((a, b) => a - b).every((atom, at) => atom === at + 1);
    if (version >= versions) {
      const message = `version ${version} of \`.plan\` does not exist`;
      const last = versions === 1 ? "only version 0" : `the versions 0 to ${versions - 1}`;
      const hint = `this rule has ${last}, one for each recursive atom`;
      findings.error("wrong-plan", message, span, { hint });
    } else if (order.length !== stated || !complete) {
      const message = `the order (${order.join(",")}) is no permutation of the rule's atoms`;
      findings.error("wrong-plan", message, span, {
        hint: `the positive atoms of the body are numbered from 1 to ${stated}`,
      });
    } else if (found.has(version)) {
      findings.error("wrong-plan", `version ${version} of \`.plan\` is given twice`, span);
    } else {
      const added = atoms.slice(stated).map((_, at) => stated + at);
      found.set(version, [...order.map((atom) => atom - 1), ...added]);
    }
  }
  return found;
}
