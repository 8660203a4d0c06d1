// The demand transformation (magic sets): a program → one with the same answers that derives less.
// Bancilhon, Maier, Sagiv, Ullman, "Magic sets and other strange ways to implement logic programs"
// (PODS 1986); Beeri, Ramakrishnan, "On the power of magic" (PODS 1987).
import type { Program, Relation, Rule, Stratum, Term } from "../analysis/program.ts";
import { partsOf } from "../analysis/terms.ts";
import { termsOf, visitLiterals } from "../analysis/work-rule.ts";
import { assert } from "../base/assert.ts";
import { rewritten, type Rewritten, type Version } from "./demand-rewriting.ts";
import { dependencies, readings, readsOf, strataOf, stratumOfEach } from "./demand-strata.ts";
import { termCounts } from "./literals.ts";

/** Which relations are derived on demand, by name; `*` is all. Those declared `magic` are anyway,
 * those declared `no_magic` and those in `exclude` are not. */
export type DemandOptions = {
  readonly relations: readonly string[] | "*";
  readonly exclude: readonly string[];
  /** False: what a rule joins before it asks is never kept for the rest of the rule, but joined
   * again, so that rules for what is asked name what it follows from. */
  readonly keepsJoins?: boolean;
};

/** Returns a program that derives all of what is put out, expected, limited, or not chosen by the
 * options, and of the other relations what is asked for on the way. So `path` of
 *
 *     path(x, y) :- edge(x, y).    path(x, z) :- path(x, y), edge(y, z).    out(y) :- path(1, y).
 *
 * becomes `path{bf}`, where `?path{bf}` has the values that its first column is asked with:
 *
 *     ?path{bf}(1).
 *     path{bf}(x, y) :- ?path{bf}(x), edge(x, y).
 *     path{bf}(x, z) :- path{bf}(x, y), edge(y, z).
 *     out(y) :- path{bf}(1, y).
 *
 * A relation that is rewritten keeps its place and the tuples that are stated or read. A program
 * that puts out nothing is returned as it is. */
export function demand(program: Program, options: DemandOptions): Program {
  return demanded(program, options).program;
}

/** A program that derives what is asked for, and how relations are asked in it. */
export type Demanded = {
  readonly program: Program;
  /** The relations that are rewritten: as each is asked, and where the values of that are. */
  readonly versions: readonly Version[];
};

/** Returns a program that derives what is asked for, as `demand` does, with what is asked. */
export function demanded(program: Program, options: DemandOptions): Demanded {
  const { relations, rules, strata } = program;
  const { keepsJoins = true } = options;
  const untouched = { program, versions: [] };
  const roots = rootsOf(program);
  const chosen = new Set(
    relations.flatMap((relation, at) => (isChosen(relation, options) ? [at] : [])),
  );
  if (roots.size === 0 || chosen.size === 0) return untouched;

  const reads = readsOf(relations.length, readings(rules));
  const ordered = dependencies(orderedRelations(program), reads);
  const planned = rules.flatMap(({ head, orders }) =>
    orders === undefined ? [] : [head.relation],
  );
  const whole = new Set([...roots, ...ordered, ...planned]);
  for (const [at, { equivalence }] of relations.entries())
    if (!chosen.has(at) || equivalence === true) whole.add(at);
  if (rules.every(({ head }) => whole.has(head.relation))) return untouched;

  const free = new Set<number>();
  const stratumOf = stratumOfEach(strata.map((of) => of.relations));
  const kept = strata.filter((of) => of.relations.some((at) => ordered.has(at)));
  for (;;) {
    const made = rewritten(program, { whole, free, stratumOf, keepsJoins });
    const found = strataOf(made.relations, made.rules, kept);
    const entangled = cyclic(made, found, reads);
    const better = [...entangled, ...made.whole].filter((at) => !whole.has(at));
    const freer = [...made.free].filter((at) => !free.has(at));
    for (const relation of better) whole.add(relation);
    for (const relation of freer) free.add(relation);
    if (better.length + freer.length > 0) continue;
    const asking = {
      ...program,
      relations: made.relations,
      facts: made.facts,
      rules: made.rules.map((rule) => withOrders(rule, found, program)),
      strata: found,
    };
    return { program: asking, versions: made.versions };
  }
}

/** What has to be there in the end, all of it. What is read may have rules, too; it keeps its
 * tuples where these are asked. */
function rootsOf({ directives, expectations }: Program): Set<number> {
  const put = directives.filter(({ word }) => word !== "input");
  return new Set([...put, ...expectations].map(({ relation }) => relation));
}

function isChosen({ name, magic }: Relation, { relations, exclude }: DemandOptions): boolean {
  if (magic === false || exclude.includes(name)) return false;
  return magic === true || relations === "*" || relations.includes(name);
}

/** The relations whose tuples depend on the order in which others are derived, or can: nothing
 * below them may change. */
function orderedRelations({ relations, rules }: Program): Set<number> {
  const found = new Set<number>();
  for (const [at, { limit, choices, lattices }] of relations.entries())
    if (limit !== undefined || choices !== undefined || lattices !== undefined) found.add(at);
  for (const { head, body, subsumes } of rules) {
    if (subsumes === true || head.terms.some(isOrdered)) found.add(head.relation);
    visitLiterals(body, (literal) => {
      const stateful = literal.kind === "aggregate" && literal.fold?.user.stateful === true;
      const value = literal.kind === "aggregate" ? literal.value : undefined;
      const terms = value === undefined ? termsOf(literal) : [value];
      if (stateful || terms.some(isOrdered)) found.add(head.relation);
    });
  }
  return found;
}

function isOrdered(term: Term): boolean {
  return term.kind === "iteration" || termCounts(term) || partsOf(term).some(isOrdered);
}

/** Returns relations that have to be whole for the rules to be stratified: where a relation is
 * negated or aggregated over within its own stratum, since what it depends on is asked by those
 * who read it. In
 *
 *     b(y) :- r(y, _).    out(y) :- s(y), !b(y).    out(y) :- out(x), r(x, y).
 *
 * r is asked with x of out, b reads that r, and out negates b. */
function cyclic(
  { rules, versions }: Rewritten,
  strata: readonly Stratum[],
  reads: readonly (readonly number[])[],
): Set<number> {
  const stratumOf = stratumOfEach(strata.map(({ relations }) => relations));
  const ofVersion = new Map(versions.map(({ at, relation }) => [at, relation]));
  const found = new Set<number>();
  for (const { head, body, complete } of readings(rules)) {
    const stratum = stratumOf[head];
    if (!complete || stratum !== stratumOf[body]) continue;
    const below = dependencies([ofVersion.get(body) ?? body], reads);
    const asked = versions.filter(
      ({ relation, at, demandAt }) =>
        below.has(relation) && stratumOf[at] === stratum && stratumOf[demandAt] === stratum,
    );
    assert(asked.length > 0, "only a demand leads from a relation to what is above it");
    for (const { relation } of asked) found.add(relation);
  }
  return found;
}

/** A version of `.plan` is numbered by the atoms of the rule's own stratum: where these are others
 * now, the plan says nothing. */
function withOrders(rule: Rule, strata: readonly Stratum[], program: Program): Rule {
  const { orders, ...plain } = rule;
  if (orders === undefined) return rule;
  const own = (of: readonly Stratum[], { head, body }: Rule): string => {
    const stratum = of.find(({ relations }) => relations.includes(head.relation));
    const atoms = body.filter((literal) => literal.kind === "atom");
    return atoms.map(({ relation }) => stratum?.relations.includes(relation)).join();
  };
  const before = program.rules.find((of) => of.orders === orders);
  assert(before !== undefined, "a plan comes from a rule");
  return own(strata, rule) === own(program.strata, before) ? rule : plain;
}
