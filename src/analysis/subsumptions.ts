// Subsumptive rules: `r(x, a) <= r(x, b) :- b < a.` drops a tuple where another one is better.
import type { ClauseNode, SubsumptionNode } from "../syntax/tree.ts";
import { addRules } from "./clauses.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Stratum } from "./program.ts";
import { visitLiterals, type WorkRule } from "./work-rule.ts";

/** Appends the rules of a subsumption: the head is what is dropped, the body begins with the atoms
 * of what is dropped and of what it is dropped for. Reports what is wrong with it. */
export function addSubsumption(
  node: SubsumptionNode,
  declarations: Declarations,
  rules: WorkRule[],
): void {
  const { findings } = declarations;
  const { dominated, dominating, body, plan, span } = node;
  const [less, more] = [nameOf(dominated.relation), nameOf(dominating.relation)];
  if (less !== more) {
    const message = `a tuple of "${less}" cannot be dropped for one of "${more}"`;
    const hint = "both sides of `<=` are of one relation";
    findings.error("wrong-subsumption", message, dominating.span, { hint });
    return;
  }
  const relation = declarations.find(less);
  const against = relation === undefined ? undefined : obstacle(relation);
  if (relation !== undefined && against !== undefined) {
    const related = [{ span: relation.span, text: "declared here" }];
    findings.error("wrong-subsumption", against, dominated.span, { related });
    return;
  }
  if (plan !== undefined) {
    const message = "`.plan` has no effect on a subsumptive rule";
    findings.warning("plan-without-effect", message, plan.span);
  }
  const heads = [dominated, dominating].map((atom) => ({ atom, span: atom.span }));
  const clause: ClauseNode = {
    ...{ kind: "clause", heads, operator: ":-", body, annotations: [], span },
  };
  const added: WorkRule[] = [];
  addRules(clause, heads.slice(0, 1), [dominated, dominating], declarations, added);
  rules.push(...added.map((rule) => ({ ...rule, subsumes: true as const })));
}

/** What is against dropping tuples of a relation. */
function obstacle(relation: DeclaredRelation): string | undefined {
  const { name, attributes, equivalence, choices, inlined } = relation;
  if (equivalence) return `a tuple of the equivalence "${name}" cannot be dropped`;
  if (choices.length > 0)
    return `a tuple of "${name}", which has choice domains, cannot be dropped`;
  if (attributes.some(({ lattice }) => lattice !== undefined))
    return `relation "${name}" has a lattice, which drops tuples already`;
  return inlined ? `the inlined relation "${name}" has no tuples to drop` : undefined;
}

/** Reports subsumptive rules whose conditions read what is still being computed. */
export function checkConditions(
  rules: readonly WorkRule[],
  found: readonly Stratum[],
  relations: readonly DeclaredRelation[],
  findings: Findings,
): void {
  for (const stratum of found) {
    for (const at of stratum.rules) {
      const rule = rules[at];
      if (rule?.subsumes !== true) continue;
      const name = relations[rule.head.relation]?.name ?? "";
      visitLiterals(rule.body.slice(2), (literal, aggregate) => {
        // Negated and aggregated ones are reported as cycles.
        if (literal.kind !== "atom" || aggregate !== undefined) return;
        if (!stratum.relations.includes(literal.relation)) return;
        const other = relations[literal.relation]?.name ?? "";
        const message = `the condition of a subsumption of "${name}" reads "${other}"`;
        findings.error("wrong-subsumption", message, literal.span, {
          notes: [`"${other}" is still being computed while tuples of "${name}" are dropped`],
          hint: `read relations that do not depend on "${name}"`,
        });
      });
    }
  }
}
