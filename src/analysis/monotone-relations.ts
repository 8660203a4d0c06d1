// What the checker has to know of relations before it looks at rules: which are inputs, which never
// change, which are there for one step only, and which columns hold values of inputs alone.
import { stronglyConnected } from "../base/graph.ts";
import type { Literal, Program, RelationAt, Rule, Term } from "./program.ts";
import { partsOf } from "./terms.ts";
import { termsOf, visitLiterals } from "./work-rule.ts";

/** What is known of the relations of a program, each in arrays by its place. */
export type RelationFacts = {
  /** The places of the rules with this head. */
  readonly rulesOf: readonly (readonly number[])[];
  /** Those that rules with this head read, also in aggregates and negated. */
  readonly reads: readonly (readonly RelationAt[])[];
  /** Read from outside, or with neither rules nor facts. */
  readonly input: readonly boolean[];
  /** The same in every run: of facts of the text, by rules over such. */
  readonly closed: readonly boolean[];
  /** Present for one step: an event, or derived from one and not kept. */
  readonly ephemeral: readonly boolean[];
};

/** Returns what is known of the relations of `program`. */
export function relationFacts(program: Program): RelationFacts {
  const { relations, rules } = program;
  const rulesOf: number[][] = relations.map(() => []);
  const reads: Set<RelationAt>[] = relations.map(() => new Set());
  for (const [at, rule] of rules.entries()) {
    rulesOf[rule.head.relation]?.push(at);
    for (const read of readBy(rule)) reads[rule.head.relation]?.add(read);
  }
  const readsOf = reads.map((of) => [...of]);
  const input = inputs(program, rulesOf);
  const facts = { rulesOf, reads: readsOf, input };
  const closed = closedRelations(program, facts);
  return { ...facts, closed, ephemeral: ephemeralRelations(program) };
}

/** The relations that the body of a rule reads, also in aggregates and negated. */
export function readBy({ body }: Pick<Rule, "body">): Set<RelationAt> {
  const read = new Set<RelationAt>();
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom" || literal.kind === "negation") read.add(literal.relation);
  });
  return read;
}

/** Whether a term of a rule is one for which `holds`, at any depth. */
export function someTerm({ head, body, location }: Rule, holds: (term: Term) => boolean): boolean {
  const within = (term: Term): boolean => holds(term) || partsOf(term).some(within);
  let found = head.terms.some(within) || (location !== undefined && within(location));
  visitLiterals(body, (literal) => {
    found ||= ownTerms(literal).some(within);
  });
  return found;
}

/** The terms of a literal, what an aggregate is of included. */
export function ownTerms(literal: Literal): readonly Term[] {
  if (literal.kind !== "aggregate") return termsOf(literal);
  const { value, fold } = literal;
  return [...(value === undefined ? [] : [value]), ...(fold === undefined ? [] : [fold.start])];
}

/** What an order of evaluation, or of interning, decides; undefined for a term that is a
 * function of the values in it. */
export function orderDependence(term: Term): string | undefined {
  if (term.kind === "counter") return "`autoinc()` numbers by the order of evaluation";
  if (term.kind === "iteration") return "the round of the fixpoint depends on what came together";
  if (term.kind !== "functor") return undefined;
  if (term.name === "user")
    return term.user.stateful ? `functor @${term.user.name} is stateful` : undefined;
  const named = term.of === "symbol" || term.of.startsWith("record ");
  if (named && term.name === "ord") return "`ord` of such a value is by the order of interning";
  if (named && term.name.startsWith("as_") && term.name !== "as_symbol")
    return "the pattern of such a value is its number in the order of interning";
  if (term.name === "as_symbol" && term.of !== "symbol")
    return "which symbol has a number is by the order of interning";
  return undefined;
}

function inputs({ relations, directives, facts }: Program, rulesOf: number[][]): boolean[] {
  const read = new Set(
    directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  const stated = new Set(facts.map(({ relation }) => relation));
  return relations.map(({ inlined, place }, at) => {
    if (read.has(at)) return true;
    if (inlined || place?.system !== undefined || place?.seals !== undefined) return false;
    return rulesOf[at]?.length === 0 && !stated.has(at);
  });
}

/** The greatest set of relations that are the same in every run. */
function closedRelations(
  { relations, rules }: Program,
  { rulesOf, reads, input }: Pick<RelationFacts, "rulesOf" | "reads" | "input">,
): boolean[] {
  const closed = relations.map(({ inlined, limit, choices, place, lattices = [] }, at) => {
    if (input[at] === true || inlined || limit !== undefined || choices !== undefined) return false;
    if (place !== undefined && (place.partitions === undefined || Object.keys(place).length > 1))
      return false;
    if (lattices.some(({ lub }) => lub.kind !== "functor" || lub.name === "user")) return false;
    return (rulesOf[at] ?? []).every((of) => {
      const rule = rules[of];
      if (rule === undefined || rule.subsumes === true || rule.when !== undefined) return false;
      return !someTerm(rule, (term) => orderDependence(term) !== undefined);
    });
  });
  for (const component of components({ reads })) {
    const within = new Set(component);
    const all = component.every(
      (at) =>
        closed[at] === true &&
        reads[at]?.every((read) => within.has(read) || closed[read] === true) === true,
    );
    for (const at of component) closed[at] = all;
  }
  return closed;
}

/** Events, and what is derived from them in the same step and not kept. */
function ephemeralRelations({ relations, rules }: Program): boolean[] {
  const kept = relations.map(
    ({ place }) =>
      place?.event !== true && (place?.message ?? place?.memory ?? place?.ordered) !== undefined,
  );
  const ephemeral = relations.map(({ place }) => place?.event === true);
  const passedOn: RelationAt[][] = relations.map(() => []);
  for (const rule of rules) {
    const { relation } = rule.head;
    if (rule.when !== undefined || kept[relation] === true) continue;
    for (const read of readBy(rule)) passedOn[read]?.push(relation);
  }
  const open = [...ephemeral.keys()].filter((at) => ephemeral[at]);
  for (const at of open) {
    for (const head of passedOn[at] ?? []) {
      if (ephemeral[head] === true) continue;
      ephemeral[head] = true;
      open.push(head);
    }
  }
  return ephemeral;
}

/** Relations with those that each reads, in components: what a relation reads comes before it. */
export function components({ reads }: Pick<RelationFacts, "reads">): RelationAt[][] {
  return stronglyConnected(reads.length, (at) => reads[at] ?? []);
}
