// A rule → one that derives the same tuples without a relation between it and what that follows
// from: an atom of a relation with one plain rule is replaced by the body of this rule.
import type { Literal, Program, Rule, Term, Variable } from "../analysis/program.ts";
import { mapLiteral, termsOf, visitLiteral } from "../analysis/work-rule.ts";

/** Returns a rule with the body of the rule of `relation` in place of its first atom of that, and
 * of those that this reads, as far as each is one of `among`, has one rule and nothing else, and
 * what would be joined does not grow. So with
 *
 *     live(k, dot, data) :- put(k, dot, data), cell(k, dot, 1).    seen(k, dot) :- live(k, dot, _).
 *
 * `answer(k, dot) :- asked(k), seen(k, dot).` is
 * `answer(k, dot) :- asked(k), put(k, dot, data), cell(k, dot, 1).` for `seen`. In place of an atom
 * among others a body may have no variable that is not in its head: in
 *
 *     named(k) :- value(k, v).    both(k, w) :- named(k), weight(k, w).
 *
 * each `v` of a `k` would be joined with each `w` in `answer(k, w) :- asked(k), both(k, w).` */
export function unfolded(
  program: Program,
  rule: Rule,
  relation: number,
  among: ReadonlySet<number>,
): Rule {
  const first = rule.body.findIndex(
    (literal) => literal.kind === "atom" && literal.relation === relation,
  );
  const own = among.has(relation) ? definition(program, relation) : undefined;
  if (first < 0 || own === undefined) return rule;
  let found = replaced(rule, first, own);
  for (let at = first; at < found.body.length; at++) {
    const literal = found.body[at];
    if (literal?.kind !== "atom" || !among.has(literal.relation) || !isPlain(literal)) continue;
    const next = definition(program, literal.relation);
    const alone = own.body.length === 1 && found.body.length === rule.body.length;
    if (next === undefined || (!alone && projects(next))) continue;
    found = replaced(found, at, next);
    at--;
  }
  return found;
}

/** The only rule of a relation, where all that the relation holds is what this rule derives, as it
 * is: no functor that may fail or count, and variables alone in the head. */
function definition({ relations, rules, facts, strata, directives }: Program, at: number) {
  const { limit, choices, lattices, equivalence } = relations[at] ?? {};
  const special = limit ?? choices ?? lattices ?? equivalence;
  const [rule, ...others] = rules.filter(({ head }) => head.relation === at);
  if (rule === undefined || others.length > 0 || special !== undefined) return undefined;
  const stratum = strata.find((one) => one.relations.includes(at));
  const given =
    facts.some(({ relation }) => relation === at) ||
    directives.some(({ word, relation }) => word === "input" && relation === at);
  if (given || stratum === undefined || stratum.recursive) return undefined;
  const { head, body, orders, subsumes, when } = rule;
  if (orders !== undefined || subsumes !== undefined || when !== undefined) return undefined;
  const variables = head.terms.flatMap((term) => (term.kind === "variable" ? term.variable : []));
  if (new Set(variables).size < head.terms.length || !body.every(isPlain)) return undefined;
  return rule;
}

function isPlain(literal: Literal): boolean {
  if (literal.kind !== "atom" && literal.kind !== "negation" && literal.kind !== "comparison")
    return false;
  return termsOf(literal).every(({ kind }) => /^(variable|anonymous|constant)$/.test(kind));
}

/** Whether a rule's body has more ways to hold than its head has tuples. */
function projects({ head, body }: Rule): boolean {
  const shown = new Set(head.terms.map((term) => (term.kind === "variable" ? term.variable : -1)));
  return body.some((literal) => {
    let more = literal.kind === "atom" && literal.terms.some(({ kind }) => kind === "anonymous");
    visitLiteral(literal, (variable) => {
      more ||= !shown.has(variable);
    });
    return more;
  });
}

/** A rule with the body of a definition in place of the atom at a place of its own. */
function replaced(rule: Rule, at: number, definition: Rule): Rule {
  const atom = rule.body[at];
  const terms = atom?.kind === "atom" ? atom.terms : [];
  const variables: Variable[] = [...rule.variables];
  const known = new Map<number, Term>();
  for (const [column, head] of definition.head.terms.entries()) {
    const given = terms[column];
    if (head.kind === "variable" && given !== undefined && given.kind !== "anonymous")
      known.set(head.variable, given);
  }
  const replace = (variable: number): Term => {
    const term = known.get(variable);
    if (term !== undefined) return term;
    const { name, kind } = definition.variables[variable] ?? { name: "x", kind: "number" };
    const fresh: Term = { kind: "variable", variable: variables.length };
    variables.push({ name, kind });
    known.set(variable, fresh);
    return fresh;
  };
  const body = definition.body.map((literal) => mapLiteral(literal, replace, (of) => of));
  return { ...rule, body: rule.body.toSpliced(at, 1, ...body), variables };
}
