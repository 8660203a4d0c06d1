// From a program and a relation with values for some of its columns to the plan that finds its
// tuples on what a database holds: what is not kept there is derived, as far as it is asked for.
import type { Program, Relation, Rule, Term } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { assert } from "../base/assert.ts";
import { demand } from "./demand.ts";
import type { Plan } from "./plan.ts";
import { plan } from "./program.ts";
import { unfolded } from "./unfold.ts";

/** What answers a question, asked with other values each time. */
export type QuestionPlan = {
  readonly plan: Plan;
  /** The place of the relation that holds the values of the question, one tuple for each time that
   * it is asked; it has the columns that are given. */
  readonly asked: number;
  /** The place of the relation that holds the tuples found, all columns of each. */
  readonly answer: number;
  /** The places of relations that hold all their tuples already. */
  readonly kept: readonly number[];
};

/** Returns the snapshots that are derived when they are read: no output depends on them. */
export function readSnapshots(program: Program): ReadonlySet<number> {
  const { relations, rules, directives } = program;
  const views = new Set(
    relations.flatMap(({ place }, at) => (place?.snapshot === true ? [at] : [])),
  );
  const put = directives.filter(({ word }) => word !== "input");
  const needed = put.map(({ relation }) => relation).filter((at) => views.has(at));
  for (const at of needed) {
    if (!views.delete(at)) continue;
    for (const { head, body } of rules) if (head.relation === at) needed.push(...readBy(body));
  }
  // What is not a snapshot reads none.
  return views;
}

/** Returns a program that derives nothing for these relations. */
export function without(program: Program, relations: ReadonlySet<number>): Program {
  const places = new Map<number, number>();
  const rules = program.rules.filter((rule, at) => {
    if (relations.has(rule.head.relation)) return false;
    places.set(at, places.size);
    return true;
  });
  const strata = program.strata.map((stratum) => ({
    ...stratum,
    rules: stratum.rules.flatMap((at) => places.get(at) ?? []),
  }));
  return { ...program, rules, strata };
}

/** Returns the plan of a question: for all tuples of a relation that have given values in some of
 * its columns. Relations `onDemand` are derived for the answer, all others are kept. */
export function questionPlan(
  program: Program,
  relation: number,
  columns: readonly number[],
  onDemand: ReadonlySet<number>,
): QuestionPlan {
  const of = program.relations[relation];
  assert(of !== undefined, "what is asked for is a relation");
  const { span } = of;
  const asked = program.relations.length;
  const answer = asked + 1;
  const given = columns.flatMap((column) => of.attributes[column] ?? []);
  const added: Relation[] = [
    { name: "#asked", attributes: given, inlined: false, span },
    { name: "#answer", attributes: of.attributes, inlined: false, span },
  ];
  const terms = of.attributes.map((_, variable): Term => ({ kind: "variable", variable }));
  const rule: Rule = {
    head: { relation: answer, terms },
    body: [
      { kind: "atom", relation: asked, terms: columns.flatMap((at) => terms[at] ?? []), span },
      { kind: "atom", relation, terms, span },
    ],
    variables: of.attributes.map(({ name, kind }) => ({ name, kind })),
    span,
  };
  const whole: Program = {
    ...program,
    relations: [
      ...program.relations.map((one, at) => ({ ...one, magic: onDemand.has(at) })),
      ...added,
    ],
    rules: [...program.rules, unfolded(program, rule, relation, onDemand)],
    strata: [
      ...program.strata,
      { relations: [asked], rules: [], recursive: false },
      { relations: [answer], rules: [program.rules.length], recursive: false },
    ],
    directives: [
      { word: "input", relation: asked, parameters: new Map(), span },
      { word: "output", relation: answer, parameters: new Map(), span },
    ],
    expectations: [],
  };
  const kept = [...program.relations.keys()].filter((at) => !onDemand.has(at));
  const options = { relations: [], exclude: [] };
  return { plan: plan(demand(whole, options)), asked, answer, kept };
}

function readBy(body: Rule["body"]): number[] {
  const found: number[] = [];
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom" || literal.kind === "negation") found.push(literal.relation);
  });
  return found;
}
