// Subsumptive rules: `r(x, a) <= r(x, b) :- b < a.` drops a tuple where another one is better.
import type { AtomNode, ClauseNode, SubsumptionNode, TermNode } from "../syntax/tree.ts";
import { addRules } from "./clauses.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Literal, Stratum } from "./program.ts";
import { visitLiterals, type WorkRule } from "./work-rule.ts";

type Atom = Literal & { readonly kind: "atom" };

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
  const atoms = named([dominated, dominating]);
  const head = atoms.slice(0, 1).map((atom) => ({ atom, span: atom.span }));
  addRules(clause, head, atoms, declarations, added);
  rules.push(...added.map((rule) => ({ ...withoutRepeats(rule), subsumes: true as const })));
}

/** Returns atoms with a variable for each `_`, so that two tuples can be told apart. */
function named(atoms: readonly AtomNode[]): AtomNode[] {
  let count = 0;
  const withName = (term: TermNode): TermNode => {
    if (term.kind === "anonymous")
      return { kind: "variable", name: `#${++count}`, span: term.span };
    if (term.kind !== "record" && term.kind !== "branch") return term;
    return { ...term, fields: term.fields.map(withName) };
  };
  return atoms.map((atom) => ({ ...atom, terms: atom.terms.map(withName) }));
}

/** Returns a subsumption without those atoms of its condition that one of its two tuples satisfies
 * by itself: `m(y)` in `m(x) <= m(y) :- m(y), x > y.` */
function withoutRepeats(rule: WorkRule): WorkRule {
  const [dominated, dominating, ...condition] = rule.body;
  if (dominated?.kind !== "atom" || dominating?.kind !== "atom") return rule;
  const heads = [dominated, dominating];
  const rest = condition.filter(
    (literal) => literal.kind !== "atom" || !heads.some((head) => satisfies(head, literal)),
  );
  const stated = rule.stated - condition.length + rest.length;
  return { ...rule, body: [dominated, dominating, ...rest], stated };
}

/** Whether each tuple that matches `one` matches `other`. */
function satisfies(one: Atom, other: Atom): boolean {
  return (
    one.relation === other.relation &&
    other.terms.every((term, at) => {
      if (term.kind === "anonymous") return true;
      const same = one.terms[at];
      if (term.kind === "constant")
        return same?.kind === "constant" && Object.is(term.value, same.value);
      return (
        term.kind === "variable" && same?.kind === "variable" && term.variable === same.variable
      );
    })
  );
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

/** Reports subsumptive rules whose conditions read what is still being computed and does not only
 * grow. With the tuples 1, 2, 3 and
 *
 *     a(x) <= a(3) :- a(y), x + y = 3.
 *
 * 1 goes because of 2, and 2 because of 1: whichever goes first, the other one stays. */
export function checkConditions(
  rules: readonly WorkRule[],
  found: readonly Stratum[],
  relations: readonly DeclaredRelation[],
  findings: Findings,
): void {
  const shrinking = new Set(
    rules.flatMap(({ head, subsumes }) => (subsumes === true ? [head.relation] : [])),
  );
  for (const { at, attributes } of relations)
    if (attributes.some(({ lattice }) => lattice !== undefined)) shrinking.add(at);
  for (const stratum of found) {
    for (const at of stratum.rules) {
      const rule = rules[at];
      if (rule?.subsumes !== true) continue;
      const name = relations[rule.head.relation]?.name ?? "";
      visitLiterals(rule.body.slice(2), (literal, aggregate) => {
        // Negated and aggregated ones are reported as cycles.
        if (literal.kind !== "atom" || aggregate !== undefined) return;
        const { relation } = literal;
        if (!stratum.relations.includes(relation) || !shrinking.has(relation)) return;
        const other = relations[relation]?.name ?? "";
        const message = `the condition of a subsumption of "${name}" reads "${other}"`;
        findings.error("wrong-subsumption", message, literal.span, {
          notes: [`what it finds depends on which tuples of "${other}" are gone by then`],
          hint: `read a relation that keeps its tuples, or does not depend on "${name}"`,
        });
      });
    }
  }
}
