// What a program reads of the network that it runs on. Who reads both `Id` and `All` as data can
// wait for all others, hence coordinate (Ameloot, Neven, Van den Bussche, PODS 2011, theorem 16).
import type { FoundPoint } from "./monotone-points.ts";
import { components, readBy, type RelationFacts } from "./monotone-relations.ts";
import type { Literal, Program, RelationAt, Rule } from "./program.ts";
import { visitLiteral, visitLiterals, visitTerm } from "./work-rule.ts";

/** For each relation, whether it depends on `Id` and on `All` as data. */
export type NetworkReads = {
  readonly id: readonly boolean[];
  readonly all: readonly boolean[];
  /** Where both come together first. */
  readonly points: readonly FoundPoint[];
};

/** Returns what the relations of `program` depend on of the network. */
export function networkReads(program: Program, facts: RelationFacts): NetworkReads {
  const { relations, rules } = program;
  const id = relations.map(() => false);
  const all = relations.map(() => false);
  const points: FoundPoint[] = [];
  const reads = rules.map((rule) => dataReads(rule, program));
  for (const component of components(facts)) {
    const within = new Set(component);
    let [seesId, seesAll, seesBoth] = [false, false, false];
    let point: FoundPoint | undefined;
    for (const at of component.flatMap((of) => facts.rulesOf[of] ?? [])) {
      const rule = rules[at];
      if (rule === undefined) continue;
      visitLiterals(rule.body, (literal) => {
        if (literal.kind !== "atom" && literal.kind !== "negation") return;
        const { relation } = literal;
        const [before, data] = [seesId && seesAll, reads[at]?.has(literal) === true];
        const system = relations[relation]?.place?.system;
        const below = !within.has(relation);
        seesId ||= (data && system === "Id") || (below && id[relation] === true);
        seesAll ||= (data && system === "All") || (below && all[relation] === true);
        seesBoth ||= below && id[relation] === true && all[relation] === true;
        if (!before && seesId && seesAll) point = coordination(program, rule, at, literal);
      });
    }
    // Where both come from one relation, the point is there.
    if (point !== undefined && !seesBoth) points.push(point);
    for (const at of component) [id[at], all[at]] = [seesId, seesAll];
  }
  return { id, all, points };
}

/** The literals of a rule that read a system relation as data: for anything but the place to which
 * its head is sent. */
function dataReads({ head, body, location }: Rule, { relations }: Program): Set<Literal> {
  const system = (literal: Literal) =>
    (literal.kind === "atom" || literal.kind === "negation") &&
    relations[literal.relation]?.place?.system !== undefined;
  const uses = new Map<number, number>();
  const found = new Set<Literal>();
  const count = (variable: number) => uses.set(variable, (uses.get(variable) ?? 0) + 1);
  const reads = readBy({ body });
  if (![...reads].some((at) => relations[at]?.place?.system !== undefined)) return found;
  for (const term of head.terms) visitTerm(term, count);
  for (const literal of body) visitLiteral(literal, count);
  if (location !== undefined && location.kind !== "variable") visitTerm(location, count);
  visitLiterals(body, (literal, aggregate) => {
    if (!system(literal) || (literal.kind !== "atom" && literal.kind !== "negation")) return;
    const [term] = literal.terms;
    const unused =
      term?.kind === "anonymous" || (term?.kind === "variable" && uses.get(term.variable) === 1);
    if (literal.kind === "negation" || aggregate !== undefined || !unused) found.add(literal);
  });
  return found;
}

function coordination(
  { relations }: Program,
  { head: { relation } }: Rule,
  rule: number,
  { relation: reads, span }: Literal & { readonly relation: RelationAt },
): FoundPoint {
  const name = relations[relation]?.name ?? "";
  const message =
    `relation "${name}" is not proved monotone: ` +
    "it depends on both `Id` and `All` as data, and so can wait for all others";
  const hint = 'say why it does: `.calm coordinating "…"`';
  return {
    point: { kind: "coordination", relation, reads, rule, span, message, hint },
    scopes: [],
  };
}
