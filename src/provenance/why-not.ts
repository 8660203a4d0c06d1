// Why a tuple does not hold: for each rule of its relation, how far the body gets.
import type { Rule } from "../analysis/program.ts";
import type { Value } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Word } from "../value/word.ts";
import { Bodies, SearchLimit, type Way } from "./bodies.ts";
import type { Completed } from "./completed.ts";
import { textOf } from "./literal-text.ts";
import type { Tuple } from "./proof.ts";
import { Terms } from "./terms.ts";

/** Why a tuple does not hold. `rules` are those of its relation, each with how it fails; there are
 * none where the relation has only what is given. */
export type Absence = {
  readonly tuple: Tuple;
  /** Whether it could have been given: its relation is read, or has facts. */
  readonly given: boolean;
  readonly rules: readonly Failure[];
  /** Tuples that stand in its way: the value that its key has, the tuple that was chosen. */
  readonly instead: readonly Instead[];
};

/** A tuple that is there in the place of another. */
export type Instead = {
  readonly because: "lattice" | "choice";
  readonly tuple: Tuple;
};

/** How a rule fails to derive a tuple. */
export type Failure = { readonly rule: number } &
  /** No instance of it has the tuple for its head. */
  (
    | { readonly kind: "head" }
    /** `held` literals hold, with these values of variables; `failed` then does not. Both are
     * printed with the values. */
    | {
        readonly kind: "body";
        readonly held: readonly string[];
        readonly failed: string;
        readonly variables: readonly Named[];
      }
    /** The body holds: the tuple is derived, and then dropped, joined or not chosen. */
    | { readonly kind: "derived"; readonly held: readonly string[] }
    /** The search was given up. */
    | { readonly kind: "unknown" }
  );

/** A variable and its value. */
export type Named = { readonly name: string; readonly value: Value };

const stepsMaxDefault = 1_000_000;

/** Returns why a tuple does not hold; undefined where it does. A rule's search is given up after so
 * many rows. */
export function whyNot(
  completed: Completed,
  tuple: Tuple,
  functors: Implementations = {},
  stepsMax = stepsMaxDefault,
): Absence | undefined {
  const { database, explainable } = completed;
  const { program, given } = explainable;
  const relation = program.relations[tuple.relation]!;
  const words = tuple.values.map((value, at) =>
    database.values.encode(relation.attributes[at]!.kind, value),
  );
  if (database.relations[tuple.relation]!.has(words)) return undefined;
  const terms = new Terms(database.values, functors);
  const rules = program.rules.flatMap((rule, at): Failure[] => {
    const plain = rule.subsumes !== true && rule.when === undefined;
    if (rule.head.relation !== tuple.relation || !plain) return [];
    const bodies = new Bodies(completed, terms, stepsMax);
    return [{ rule: at, ...failure(rule, words, { completed, terms, bodies }) }];
  });
  const derived = program.rules.some(({ head }) => head.relation === tuple.relation);
  const source = given[tuple.relation]!;
  const stated = program.directives.some(
    ({ word, relation: of }) => word === "input" && of === tuple.relation,
  );
  const facts = database.relations[source]!.size > 0 && (source !== tuple.relation || !derived);
  return {
    tuple,
    given: stated || facts || !derived,
    rules,
    instead: insteadOf(completed, tuple.relation, words),
  };
}

type Context = {
  readonly completed: Completed;
  readonly terms: Terms;
  readonly bodies: Bodies;
};

/** A failure without its rule. */
type Reason = Failure extends infer F ? (F extends Failure ? Omit<F, "rule"> : never) : never;

function failure(
  rule: Rule,
  words: readonly Word[],
  { completed, terms, bodies }: Context,
): Reason {
  const { head, body, variables } = rule;
  const open = variables.map(() => undefined);
  const start = terms.unified(head.terms, words, open);
  if (start === undefined) return { kind: "head" };
  let best:
    { readonly way: Way; readonly held: readonly number[]; readonly failed: number } | undefined;
  const stuck = (way: Way, left: readonly number[], failed: number): void => {
    const held = [...body.keys()].filter((at) => !left.includes(at));
    if (best === undefined || held.length > best.held.length) best = { way, held, failed };
  };
  const texts = (way: Way, places: readonly number[]): readonly string[] =>
    places.map((at) => textOf(body[at]!, rule, way.bindings, completed));
  try {
    for (const way of bodies.ways(rule, start, { written: true, stuck })) {
      if (terms.unified(head.terms, words, way.bindings) === undefined) continue;
      return { kind: "derived", held: texts(way, [...body.keys()]) };
    }
  } catch (error) {
    if (!(error instanceof SearchLimit)) throw error;
    return { kind: "unknown" };
  }
  if (best === undefined) return { kind: "head" };
  const { way, held, failed } = best;
  return {
    kind: "body",
    held: texts(way, held),
    failed: textOf(body[failed]!, rule, way.bindings, completed),
    variables: variables.flatMap(({ name, kind }, at) => {
      const word = way.bindings[at];
      if (word === undefined || name.startsWith("#")) return [];
      return [{ name, value: completed.database.values.decode(kind, word) }];
    }),
  };
}

/** The tuples that agree with one in the key of a lattice or of a choice. */
function insteadOf(completed: Completed, relation: number, words: readonly Word[]): Instead[] {
  const { database, explainable } = completed;
  const { attributes, lattices = [], choices = [] } = explainable.program.relations[relation]!;
  const { columns } = database.relations[relation]!.tuples;
  const found = (because: Instead["because"], key: readonly number[]): Instead[] => {
    const rows = completed.rows(
      relation,
      key,
      key.map((at) => words[at]!),
    );
    return Array.from({ length: Math.min(rows.count, 1) }, (_, place) => ({
      because,
      tuple: {
        relation,
        values: columns.map((column, at) =>
          database.values.decode(attributes[at]!.kind, column[rows.at(place)]!),
        ),
      },
    }));
  };
  const keys = [...attributes.keys()].slice(0, attributes.length - lattices.length);
  return [
    ...(lattices.length === 0 ? [] : found("lattice", keys)),
    ...choices.flatMap((key) => found("choice", key)),
  ];
}
