// Why a tuple does not hold: for each rule of its relation, how far the body gets.
import type { Literal, Rule } from "../analysis/program.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Word } from "../value/word.ts";
import { Bodies, SearchLimit, type Way } from "./bodies.ts";
import type { Completed } from "./completed.ts";
import { textOf } from "./literal-text.ts";
import type { Tuple } from "./proof.ts";
import { type Bindings, Terms } from "./terms.ts";

/** Why no tuple of some pattern holds. `rules` are those of its relation, each with how it fails;
 * there are none where the relation has only what is given. */
export type Absence = {
  readonly relation: number;
  /** As a program writes it: `path(1, y)`. */
  readonly text: string;
  /** Whether it could have been given: its relation is read, or has facts. */
  readonly given: boolean;
  readonly rules: readonly Failure[];
  /** Tuples that stand in its way: the value that its key has, the tuple that was chosen. */
  readonly instead: readonly Instead[];
  /** The step after which it was taken out of memory. */
  readonly removedIn?: number;
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
     * printed with the values. `absence` says in turn why no tuple is as `failed` wants it, where
     * rules could derive one; `there` are tuples that a negation does not want. */
    | {
        readonly kind: "body";
        readonly held: readonly string[];
        readonly failed: string;
        readonly variables: readonly Named[];
        readonly absence?: Absence;
        readonly there?: readonly Tuple[];
      }
    /** The body holds: the tuple is derived, and then dropped, joined or not chosen. */
    | { readonly kind: "derived"; readonly held: readonly string[] }
    /** The search was given up. */
    | { readonly kind: "unknown" }
  );

/** A variable and its value. */
export type Named = { readonly name: string; readonly value: Value };

/** How much of an absence is worked out. */
export type AbsenceLimits = {
  /** How often it is asked in turn why a premise is absent. */
  readonly depth?: number;
  /** Absences in all. */
  readonly absences?: number;
  /** Rows that the search for one may look at in each rule. */
  readonly steps?: number;
};

/** Returns the relations whose tuples come into one of the program in a later step; those that are
 * located have another column before the others. */
export type LaterHeads = (
  relation: number,
) => readonly { readonly of: number; readonly located: boolean }[];

const absenceLimits = { depth: 0, absences: 50, steps: 1_000_000 };

/** What was asked before is not asked again below it. */
type Asked = { readonly steps: number; readonly seen: Set<string>; left: number };

/** A value for each column that one is asked of. */
type Pattern = readonly (Word | undefined)[];

/** Returns why a tuple does not hold; undefined where it does. */
export function whyNot(
  completed: Completed,
  tuple: Tuple,
  functors: Implementations = {},
  limits: AbsenceLimits = {},
): Absence | undefined {
  const { database, explainable } = completed;
  const { attributes } = explainable.program.relations[tuple.relation]!;
  const words = tuple.values.map((value, at) =>
    database.values.encode(attributes[at]!.kind, value),
  );
  if (database.relations[tuple.relation]!.has(words)) return undefined;
  return whyNone(completed, tuple.relation, words, functors, limits);
}

/** Returns why no tuple has these words in the columns in which there are any; none has. */
export function whyNone(
  completed: Completed,
  relation: number,
  pattern: Pattern,
  functors: Implementations = {},
  limits: AbsenceLimits = {},
  laterHeads: LaterHeads = () => [],
): Absence {
  const { depth, absences, steps } = { ...absenceLimits, ...limits };
  const terms = new Terms(completed.database.values, functors);
  const asked = { steps, seen: new Set<string>(), left: absences };
  const names = pattern.map(() => "_");
  return absenceOf({ completed, terms, asked, laterHeads }, relation, pattern, names, depth);
}

function absenceOf(
  context: Context,
  relation: number,
  pattern: Pattern,
  names: readonly string[],
  depth: number,
): Absence {
  const { completed, asked } = context;
  const { database, explainable } = completed;
  const { program, given } = explainable;
  const { attributes, name } = program.relations[relation]!;
  asked.left--;
  asked.seen.add(keyOf(relation, pattern));
  const failures = (of: number, wanted: Pattern): readonly Failure[] =>
    program.rules.flatMap((rule, at): Failure[] => {
      const plain = rule.subsumes !== true && rule.when === undefined;
      if (rule.head.relation !== of || !plain) return [];
      return [{ rule: at, ...failure(rule, wanted, context, depth) }];
    });
  const later = context
    .laterHeads(relation)
    .flatMap(({ of, located }) => failures(of, located ? [undefined, ...pattern] : pattern));
  const rules = [...failures(relation, pattern), ...later];
  const derived = isDerived(context, relation);
  const source = given[relation]!;
  const stated = program.directives.some(
    ({ word, relation: of }) => word === "input" && of === relation,
  );
  const facts = database.relations[source]!.size > 0 && (source !== relation || !derived);
  const shown = pattern.map((word, at) =>
    word === undefined
      ? (names[at] ?? "_")
      : printValue(database.values.decode(attributes[at]!.kind, word)),
  );
  const whole = pattern.every((word) => word !== undefined);
  return {
    relation,
    text: `${name}(${shown.join(", ")})`,
    given: stated || facts || !derived,
    rules,
    instead: whole ? insteadOf(completed, relation, pattern) : [],
  };
}

function keyOf(relation: number, pattern: Pattern): string {
  return `${relation} ${pattern.map((word) => word ?? "_").join()}`;
}

type Context = {
  readonly completed: Completed;
  readonly terms: Terms;
  readonly asked: Asked;
  readonly laterHeads: LaterHeads;
};

/** Whether rules give tuples of a relation. */
function isDerived({ completed, laterHeads }: Context, relation: number): boolean {
  const { rules } = completed.explainable.program;
  const heads = [relation, ...laterHeads(relation).map(({ of }) => of)];
  return rules.some(({ head }) => heads.includes(head.relation));
}

/** A failure without its rule. */
type Reason = Failure extends infer F ? (F extends Failure ? Omit<F, "rule"> : never) : never;

function failure(rule: Rule, pattern: Pattern, context: Context, depth: number): Reason {
  const { completed, terms, asked } = context;
  const { body, variables } = rule;
  const bodies = new Bodies(completed, terms, asked.steps);
  const open = variables.map(() => undefined);
  const heads = rule.head.terms.filter((_, at) => pattern[at] !== undefined);
  const words = pattern.filter((word) => word !== undefined);
  const start = terms.unified(heads, words, open);
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
      if (terms.unified(heads, words, way.bindings) === undefined) continue;
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
    ...inTurn(body[failed]!, rule, way.bindings, context, depth),
    variables: variables.flatMap(({ name, kind }, at) => {
      const word = way.bindings[at];
      if (word === undefined || name.startsWith("#")) return [];
      return [{ name, value: completed.database.values.decode(kind, word) }];
    }),
  };
}

/** Why what a rule wants is not so. */
function inTurn(
  literal: Literal,
  { variables }: Rule,
  bindings: Bindings,
  context: Context,
  depth: number,
): { readonly absence?: Absence; readonly there?: readonly Tuple[] } {
  const { completed, terms, asked } = context;
  if (depth === 0 || (literal.kind !== "atom" && literal.kind !== "negation")) return {};
  const { relation } = literal;
  const { program } = completed.explainable;
  if (literal.kind === "negation") {
    const bodies = new Bodies(completed, terms, asked.steps);
    const [first] = bodies.matches(literal, bindings);
    if (first === undefined) return {};
    const { attributes } = program.relations[relation]!;
    const values = first.match.words.map((word, at) =>
      completed.database.values.decode(attributes[at]!.kind, word),
    );
    return { there: [{ relation, values }] };
  }
  const pattern = literal.terms.map((term) =>
    terms.known(term, bindings) ? terms.word(term, bindings) : undefined,
  );
  const open = literal.terms.filter((_, at) => pattern[at] === undefined);
  const variablesOf = open.flatMap((term) => (term.kind === "variable" ? [term.variable] : []));
  // A pattern says no more than which columns have which values.
  const said =
    open.every(({ kind }) => kind === "variable" || kind === "anonymous") &&
    new Set(variablesOf).size === variablesOf.length;
  const derived = isDerived(context, relation);
  // What is only given is absent for no reason that rules know.
  if (!said || !derived || asked.left <= 0 || asked.seen.has(keyOf(relation, pattern))) return {};
  const names = literal.terms.map((term) =>
    term.kind === "variable" ? (variables[term.variable]?.name ?? "_") : "_",
  );
  const shown = names.map((name) => (name.startsWith("#") ? "_" : name));
  return { absence: absenceOf(context, relation, pattern, shown, depth - 1) };
}

/** The tuples that agree with one in the key of a lattice or of a choice. */
function insteadOf(completed: Completed, relation: number, words: Pattern): Instead[] {
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
