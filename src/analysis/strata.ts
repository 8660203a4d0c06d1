// Stratification: relations that depend on each other are evaluated together, after all that they
// read, so what a rule negates or aggregates is complete before the rule runs.
import type { Label } from "../base/diagnostic.ts";
import { shortestPath, stronglyConnected } from "../base/graph.ts";
import type { Span } from "../base/source.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Stratum } from "./program.ts";
import { counts, visitLiterals, type WorkRule } from "./work-rule.ts";

/** That the relation `head` reads the relation `body`, and how. */
type Edge = {
  readonly head: number;
  readonly body: number;
  readonly how: "positive" | "negated" | "aggregated";
  readonly span: Span;
};

/** Returns the strata of these rules in the order of evaluation, each relation in one of them.
 * Reports cycles through negation or aggregation, and counters in recursive rules. */
export function strata(
  rules: readonly WorkRule[],
  relations: readonly DeclaredRelation[],
  findings: Findings,
): Stratum[] {
  // What holds in another step is no part of this step's dependencies.
  const edges = [
    ...rules.filter(({ when }) => when === undefined).flatMap(edgesOf),
    ...relations.flatMap(edgeToHistory),
  ];
  const reads: Edge[][] = relations.map(() => []);
  for (const edge of edges) reads[edge.head]?.push(edge);
  const successors = reads.map((of) => [...new Set(of.map(({ body }) => body))]);
  const components = stronglyConnected(relations.length, (at) => successors[at] ?? []);
  const stratumOf = new Int32Array(relations.length);
  for (const [at, component] of components.entries())
    for (const relation of component) stratumOf[relation] = at;

  const rulesOf: number[][] = components.map(() => []);
  for (const [at, { head, when }] of rules.entries())
    if (when === undefined) rulesOf[stratumOf[head.relation] ?? 0]?.push(at);
  const found = components.map((members, at) => ({
    relations: members,
    rules: rulesOf[at] ?? [],
    recursive: members.some((of) => successors[of]?.some((read) => stratumOf[read] === at)),
  }));

  const within = (edge: Edge) => stratumOf[edge.head] === stratumOf[edge.body];
  const reported = new Set<number>();
  for (const edge of edges) {
    if (edge.how === "positive" || !within(edge)) continue;
    const key = edge.head * relations.length + edge.body;
    if (reported.has(key)) continue;
    reported.add(key);
    reportCycle(edge, reads, within, relations, findings);
  }
  for (const rule of rules) {
    if (rule.when !== undefined) continue;
    const at = stratumOf[rule.head.relation];
    const recursive = edgesOf(rule).some(({ body }) => stratumOf[body] === at);
    if (recursive && counts(rule)) reportCounter(rule, relations, findings);
  }
  return found;
}

/** A history is filled in the rounds of its relation. */
function edgeToHistory({ at, historyOf, span }: DeclaredRelation): Edge[] {
  return historyOf === undefined ? [] : [{ head: historyOf, body: at, how: "positive", span }];
}

function edgesOf({ head, body, subsumes }: WorkRule): Edge[] {
  const edges: Edge[] = [];
  // A relation does not depend on itself for being rid of tuples.
  const read = subsumes === true ? body.slice(2) : body;
  visitLiterals(read, (literal, aggregate) => {
    if (literal.kind !== "atom" && literal.kind !== "negation") return;
    const how =
      aggregate !== undefined ? "aggregated" : literal.kind === "atom" ? "positive" : "negated";
    edges.push({ head: head.relation, body: literal.relation, how, span: literal.span });
  });
  return edges;
}

function reportCycle(
  edge: Edge,
  reads: readonly (readonly Edge[])[],
  within: (edge: Edge) => boolean,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): void {
  const name = (at: number) => relations[at]?.name ?? "";
  const inside = (at: number) => (reads[at] ?? []).filter(within).map(({ body }) => body);
  const path = shortestPath(edge.body, edge.head, inside) ?? [edge.body];
  const rest = path.slice(1).map((body, at): Label => {
    const head = path[at] ?? body;
    const read = reads[head]?.find((of) => of.body === body);
    return {
      span: read?.span ?? edge.span,
      text: `${name(head)} ${verbs[read?.how ?? "positive"]} ${name(body)} here`,
    };
  });
  const cycle = [edge.head, ...path].map(name).join(" → ");
  const what = edge.how === "negated" ? "negation" : "aggregate";
  const message = `relation "${name(edge.head)}" depends on its own ${what}`;
  findings.error("unstratified", message, edge.span, {
    label: `${name(edge.head)} ${verbs[edge.how]} ${name(edge.body)} here, which breaks the cycle`,
    related: rest,
    notes: [`the cycle is ${cycle}`],
    hint: `${advice[edge.how]} a relation that does not depend on ${name(edge.head)}`,
  });
}

const verbs = {
  positive: "reads",
  negated: "negates",
  aggregated: "aggregates over",
} as const;

const advice = { positive: "read", negated: "negate", aggregated: "aggregate over" } as const;

function reportCounter(
  rule: WorkRule,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): void {
  const name = relations[rule.head.relation]?.name ?? "";
  const message = `a rule of the recursive relation "${name}" counts`;
  findings.error("counter-in-recursion", message, rule.span, {
    hint: "count in a rule of a relation that does not depend on itself",
  });
}
