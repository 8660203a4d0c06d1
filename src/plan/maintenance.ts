// How a stratum is kept up with what is new below it: what it reads, and the variants of its rules
// that begin with what is new.
import type { Literal, Program, Relation, Rule, Stratum, Term } from "../analysis/program.ts";
import { partsOf } from "../analysis/terms.ts";
import { termsOf, visitLiterals } from "../analysis/work-rule.ts";
import type { Estimates } from "./estimate.ts";
import type { Variant } from "./goal.ts";
import { literalCounts, termCounts, termVariables } from "./literals.ts";
import type { Upkeep, Window } from "./plan.ts";
import { type AtomStep, type Step, stepVariables } from "./step.ts";

/** Returns what there is to know of a stratum to keep it up. */
export function upkeepOf(
  { relations, rules }: Pick<Program, "relations" | "rules">,
  stratum: Stratum,
): Upkeep {
  const { relations: computes } = stratum;
  const own = stratum.rules.flatMap((at) => rules[at] ?? []);
  const joins = new Set<number>();
  const wholes = new Set<number>();
  for (const { body } of own) {
    visitLiterals(body, (literal, aggregate) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const whole = literal.kind === "negation" || aggregate !== undefined;
      (whole ? wholes : joins).add(literal.relation);
    });
  }
  const isOwn = (relation: number): boolean => computes.includes(relation);
  const derived = own.length > 0;
  const anew =
    own.some(({ subsumes }) => subsumes === true) ||
    own.some(isPassing) ||
    [...wholes].some(isOwn) ||
    (derived && computes.some((at) => relations[at]?.limit !== undefined));
  const ownLattices = [...joins].some((at) => isOwn(at) && relations[at]?.lattices !== undefined);
  const below = (read: ReadonlySet<number>): number[] => [...read].filter((at) => !isOwn(at));
  const plain = [...computes, ...joins, ...wholes].every((at) => isPlain(relations[at], isOwn(at)));
  const recursive = [...joins].some(isOwn);
  const [only, ...others] = computes.flatMap((at) => relations[at] ?? []);
  const ordered = others.length === 0 && only !== undefined && only.attributes.length > 0;
  return {
    ...{ derived, joins: below(joins), wholes: below(wholes), ownLattices, anew },
    removable: derived && plain && !anew && (ordered || !recursive ? "ranked" : "unranked"),
  };
}

/** Whether a relation is a set of rows, each of which is there or not. It is told of a relation
 * below, if not of an equivalence or lattice, which tuples it lost. */
function isPlain(relation: Relation | undefined, own: boolean): boolean {
  if (relation?.equivalence === true || relation?.lattices !== undefined) return false;
  return !own || relation?.choices === undefined;
}

/** Returns the ways to run a rule on what is new: first one for each atom of the stratum's own
 * relations, as in an evaluation; then one for each atom of a relation below. Such a one is run
 * before what is new in own relations can be seen. Atoms of relations below that stand before it
 * read stable rows, those after it all, so that two new rows join once. In `p(x, z) :- e(x, y),
 * e(y, z), p(z, _)` with new rows e(1, 2) and e(2, 3) and a new p(3, 4) the variant of p is the one
 * that finds p(1, 3).
 *
 * With `wholes` a rule that reads a relation as a whole is not run on what is new below but once,
 * on everything.
 *
 * An order that the text gives does not count: it may begin with what is not new. */
export function maintenanceVariants(
  rule: Rule,
  computes: readonly number[],
  wholes: boolean,
): Variant[] {
  const atoms = rule.body.filter((literal) => literal.kind === "atom");
  const isOwn = atoms.map(({ relation }) => computes.includes(relation));
  const variant = (deltaAt: number): Variant => ({
    deltaAt,
    windows: atoms.map((_, at): Window => {
      if (at === deltaAt) return "delta";
      return at < deltaAt && isOwn[at] === isOwn[deltaAt] ? "stable" : "full";
    }),
  });
  const places = [...atoms.keys()];
  const own = places.filter((at) => isOwn[at]).map(variant);
  if (wholes && readsWhole(rule)) return [...own, { windows: atoms.map(() => "full") }];
  return [...own, ...places.filter((at) => !isOwn[at]).map(variant)];
}

/** Returns what is known of relations while a stratum is planned that is kept up: their sizes, all
 * of which may change. */
export function growingEstimates(sizes: readonly number[]): Estimates {
  return { rows: (relation) => Math.max(1, sizes[relation] ?? 1), final: () => undefined };
}

/** Returns steps in which a whole tuple of a relation below is looked up in its relation's table,
 * also where stable rows are meant: two new rows that meet there may join twice, and no index on
 * all columns is needed. */
export function wholeTupleSteps(steps: readonly Step[], computes: readonly number[]): Step[] {
  return steps.map((step) => withWholeTuples(step, computes));
}

/** Returns the steps of such a way as they are run, with whole tuples as above.
 *
 * A new row of a relation below of which only some columns matter is left out where a stable row
 * agrees with it there: in `p(x) :- e(x, y), f(y, _)` a new f(1, 8) gives nothing if f(1, 7) was
 * there, however many e(x, 1) there are. */
export function maintenanceSteps(
  steps: readonly Step[],
  rule: Rule,
  { relations }: Pick<Program, "relations">,
  computes: readonly number[],
): readonly Step[] {
  const ways = wholeTupleSteps(steps, computes);
  const at = ways.findIndex((step) => "window" in step && step.window === "delta");
  const delta = ways[at];
  if (delta === undefined || !("window" in delta)) return ways;
  const { relation, terms } = delta;
  const of = relations[relation];
  const below = of !== undefined && !computes.includes(relation) && of.equivalence !== true;
  const rest = ways.slice(at + 1);
  const loops = rest.some(({ kind }) => kind === "loop" || kind === "aggregate");
  if (!below || !loops) return ways;
  const key = delta.kind === "loop" ? columnsAsked(delta, ways, rule) : delta.key;
  if (key.length === terms.length) return ways;
  const sought = terms.map((term, column) => (key.includes(column) ? term : anonymous));
  const absent: Step = { kind: "absent", relation, window: "stable", terms: sought, key };
  return [...ways.slice(0, at + 1), absent, ...rest];
}

/** The columns of the rows that a loop meets of which the rest of the rule knows. */
function columnsAsked(loop: AtomStep, steps: readonly Step[], { head }: Rule): readonly number[] {
  const others = steps.filter((step) => step !== loop);
  const asked = new Set([...others.flatMap(stepVariables), ...head.terms.flatMap(termVariables)]);
  const own = loop.terms.flatMap(termVariables);
  return [...loop.terms.entries()].flatMap(([column, term]) => {
    if (term.kind === "anonymous") return [];
    if (term.kind !== "variable") return [column];
    const twice = own.filter((of) => of === term.variable).length > 1;
    return twice || asked.has(term.variable) ? [column] : [];
  });
}

const anonymous: Term = { kind: "anonymous" };

function withWholeTuples(step: Step, computes: readonly number[]): Step {
  if (step.kind !== "exists" || step.window !== "stable") return step;
  if (step.key.length < step.terms.length || computes.includes(step.relation)) return step;
  return { ...step, window: "full" };
}

function readsWhole({ body }: Rule): boolean {
  return body.some(({ kind }) => kind === "negation" || kind === "aggregate");
}

/** Whether what a rule derives depends on when, or how often, it is run. */
function isPassing({ head, body }: Rule): boolean {
  if (head.terms.some(termCounts) || body.some(literalCounts)) return true;
  let iterates = head.terms.some(hasIteration);
  visitLiterals(body, (literal) => {
    iterates ||= [...termsOf(literal), ...aggregated(literal)].some(hasIteration);
  });
  return iterates;
}

function aggregated(literal: Literal): Term[] {
  if (literal.kind !== "aggregate") return [];
  const { value, fold } = literal;
  return [...(value === undefined ? [] : [value]), ...(fold === undefined ? [] : [fold.start])];
}

function hasIteration(term: Term): boolean {
  return term.kind === "iteration" || partsOf(term).some(hasIteration);
}
