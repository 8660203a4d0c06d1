import type { Relation, Rule, Stratum } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { stronglyConnected } from "../base/graph.ts";

/** That rules of the relation `head` read the relation `body`. `complete`: they negate it or
 * aggregate over it. */
type Reading = { readonly head: number; readonly body: number; readonly complete: boolean };

/** Returns what the rules read, each once for every place where they do. */
export function readings(rules: readonly Rule[]): Reading[] {
  const found: Reading[] = [];
  for (const { head, body, subsumes } of rules) {
    // A relation does not depend on itself for being rid of tuples.
    visitLiterals(subsumes === true ? body.slice(2) : body, (literal, aggregate) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const complete = literal.kind === "negation" || aggregate !== undefined;
      found.push({ head: head.relation, body: literal.relation, complete });
    });
  }
  return found;
}

/** Returns for each relation those that its rules read. */
export function readsOf(count: number, found: readonly Reading[]): number[][] {
  const reads = Array.from({ length: count }, () => new Set<number>());
  for (const { head, body } of found) reads[head]?.add(body);
  return reads.map((of) => [...of]);
}

/** Returns `from` and all that they depend on. */
export function dependencies(
  from: Iterable<number>,
  reads: readonly (readonly number[])[],
): Set<number> {
  const reached = new Set(from);
  for (const relation of reached) for (const read of reads[relation] ?? []) reached.add(read);
  return reached;
}

/** Returns the strata in which the relations can be evaluated. Those of `kept` are among them, in
 * this order; all that these read has to be in them. */
export function strataOf(
  relations: readonly Relation[],
  rules: readonly Rule[],
  kept: readonly Stratum[],
): Stratum[] {
  const reads = readsOf(relations.length, readings(rules));
  for (const { relations: members } of kept)
    for (const [at, relation] of members.entries())
      if (members.length > 1) reads[relation]?.push(members[at - 1] ?? members.at(-1) ?? relation);
  const order = [...new Set([...kept.flatMap((of) => of.relations), ...relations.keys()])];
  const placeOf = new Map(order.map((relation, place) => [relation, place]));
  const places = reads.map((of) => of.map((read) => placeOf.get(read) ?? 0));
  const components = stronglyConnected(order.length, (place) => places[order[place] ?? 0] ?? []);
  const members = components.map((of) => of.map((place) => order[place] ?? 0).sort(ascending));
  const stratumOf = stratumOfEach(members);
  const rulesOf: number[][] = members.map(() => []);
  for (const [at, { head }] of rules.entries()) rulesOf[stratumOf[head.relation] ?? 0]?.push(at);
  return members.map((of, at) => ({
    relations: of,
    rules: rulesOf[at] ?? [],
    recursive: of.some((relation) => reads[relation]?.some((read) => stratumOf[read] === at)),
  }));
}

/** Returns for each relation the place of its stratum. */
export function stratumOfEach(strata: readonly (readonly number[])[]): number[] {
  const stratumOf: number[] = [];
  for (const [at, relations] of strata.entries())
    for (const relation of relations) stratumOf[relation] = at;
  return stratumOf;
}

function ascending(left: number, right: number): number {
  return left - right;
}
