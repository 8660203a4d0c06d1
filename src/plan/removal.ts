// How tuples are taken back that a stratum derived: rules that find what may have lost its
// derivations, and rules that look whether another one is left. They work on relations of their
// own, which follow those of the program; `engine/removal.ts` runs them.
import type { Literal, Program, Rule, Stratum, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import type { Attribute } from "../value/schema.ts";
import type { Variant } from "./goal.ts";
import { grounded } from "./grounded.ts";
import { type AggregateLiteral, injectedVariables, occurrences } from "./literals.ts";
import { maintenanceVariants } from "./maintenance.ts";
import type { RelationPlan, RemovalPlans, Window } from "./plan.ts";

/** What is kept of each relation while tuples are removed. `lost` has the tuples that it has lost,
 * and their rows. `found`, `doubted` and `gone` have rows, tuples and ranks: of what was found to
 * be in doubt, or to be derivable; of what is looked at, as it may have to go; of what had to.
 * `back` has the tuples that were put back. `kept` has the rows of what was in doubt and has
 * another derivation. */
const removalKinds = ["lost", "doubted", "gone", "back", "found", "kept"] as const;
/** One of these. */
export type RemovalKind = (typeof removalKinds)[number];

/** The place of such a relation, in a program of `count` relations. */
export function removalPlace(count: number, kind: RemovalKind, relation: number): number {
  return count * (1 + removalKinds.indexOf(kind)) + relation;
}

/** A rule to run while tuples are removed, made of the rule at place `rule` of the program. */
export type RemovalRule = { readonly rule: number; readonly of: Rule; readonly variant: Variant };

/** The rules that take tuples of a stratum back. */
export type RemovalRules = { readonly [part in keyof RemovalPlans]: readonly RemovalRule[] };

/** Returns the relations that tuples are removed with: the program's, those of each kind for each
 * of them, and one for the groups of each aggregate. */
export function removalRelations(
  { rules }: Pick<Program, "rules">,
  relations: readonly RelationPlan[],
): RelationPlan[] {
  const row: Attribute = { name: "#row", type: "number", kind: "number" };
  const rank: Attribute = { name: "#rank", type: "number", kind: "number" };
  const columnsOf: Readonly<Record<RemovalKind, (own: readonly Attribute[]) => Attribute[]>> = {
    lost: (own) => [...own, row],
    doubted: (own) => [row, ...own, rank],
    gone: (own) => [row, ...own, rank],
    back: (own) => [...own],
    found: (own) => [row, ...own, rank],
    kept: () => [row],
  };
  const kinds = removalKinds.flatMap((kind) =>
    relations.map(({ name, attributes }) => ({
      name: `#${kind} ${name}`,
      attributes: columnsOf[kind](attributes),
      ...(kind === "found" ? { keyedByFirst: true } : {}),
    })),
  );
  const groups = aggregatesOf(rules).map(({ rule, variables }, at) => ({
    name: `#group ${at}`,
    attributes: variables.flatMap((variable) => {
      const { name, kind } = rules[rule]?.variables[variable] ?? {};
      return name === undefined || kind === undefined ? [] : [{ name, type: kind, kind }];
    }),
  }));
  return [...relations, ...kinds, ...groups];
}

/** Returns the sizes of these relations, as far as rules are planned by them, from those of the
 * program's: what is gone may be much. */
export function removalSizes(sizes: readonly number[]): number[] {
  const all = [...sizes];
  for (const [at, size] of sizes.entries()) all[removalPlace(sizes.length, "gone", at)] = size;
  return all;
}

/** Returns the rules that take back what a stratum derived. With `ranked` a tuple counts as derived
 * by others of its stratum only if their ranks are below its own; without it not at all. */
export function removalRules(
  program: Pick<Program, "rules" | "relations">,
  { relations: computes, rules }: Stratum,
  ranked: boolean,
): RemovalRules {
  const aggregates = aggregatesOf(program.rules);
  const made = rules.map((rule): RemovalRules => {
    const of = program.rules[rule];
    assert(of !== undefined, `a program has no rule ${rule}`);
    const own = aggregates.flatMap((aggregate, at) =>
      aggregate.rule === rule ? [{ ...aggregate, at }] : [],
    );
    const { attributes = [] } = program.relations[of.head.relation] ?? {};
    const count = program.relations.length;
    const context = { rule, of, attributes, computes, ranked, count };
    return {
      groups: own.flatMap((aggregate) => groupRules(context, aggregate)),
      below: belowRules(context, own),
      checks: checkRules(context),
      within: withinRules(context),
      proofs: proofRules(context),
      reproofs: reproofRules(context),
      again: againRules(context, own),
    };
  });
  const all = (part: keyof RemovalRules): RemovalRule[] => made.flatMap((one) => one[part]);
  return {
    ...{ groups: all("groups"), below: all("below"), checks: all("checks") },
    ...{ within: all("within"), proofs: all("proofs"), reproofs: all("reproofs") },
    again: all("again"),
  };
}

type Context = {
  readonly rule: number;
  readonly of: Rule;
  /** Those of its head's relation. */
  readonly attributes: readonly Attribute[];
  readonly computes: readonly number[];
  readonly ranked: boolean;
  readonly count: number;
};

type Atom = Extract<Literal, { kind: "atom" }>;

/** An aggregate of a rule's body; `variables` are those given to it that its own atoms bind. */
type AggregateAt = {
  readonly rule: number;
  readonly literal: AggregateLiteral;
  readonly variables: readonly number[];
};

type Group = AggregateAt & { readonly at: number };

function aggregatesOf(rules: readonly Rule[]): AggregateAt[] {
  return rules.flatMap((of, rule) => {
    const counts = occurrences(of);
    return of.body.flatMap((literal): AggregateAt[] => {
      if (literal.kind !== "aggregate") return [];
      const { bound } = grounded(literal.body.filter(isAtom), []);
      const variables = [...injectedVariables(literal, counts)].filter((at) => bound.has(at));
      return [{ rule, literal, variables: variables.toSorted((a, b) => a - b) }];
    });
  });
}

/** In `n = sum p : { order(x, i), item(i, p) }` with the lost item(7, 3) this is
 * `group(x) :- lost_item(7, 3), order(x, 7)`: as orders may be lost, too, those are read that were
 * there, and those that are. */
function groupRules(context: Context, { literal, variables, at }: Group): RemovalRule[] {
  const { of, count } = context;
  const partners = literal.body.filter(isAtom);
  const terms = variables.map((variable): Term => ({ kind: "variable", variable }));
  const head = { relation: groupPlace(count, at), terms };
  const tests = literal.body.filter((one) => one.kind !== "aggregate" && !isVisit(one));
  return readIn(literal.body).flatMap((changed) => {
    const others = partners.filter((one) => one !== changed);
    return [asLost(changed, count), changed].map((first) => {
      const { literals } = grounded([first, ...others], tests);
      return derived(context, { ...of, head, body: literals }, { deltaAt: 0 });
    });
  });
}

function groupPlace(count: number, at: number): number {
  return count * (1 + removalKinds.length) + at;
}

/** Every derivation that ended had an atom of which a tuple is lost, or a negation of one that came
 * in, or an aggregate over what changed. The tests that need what is left out are left out: what is
 * found is looked at anyway. */
function belowRules(context: Context, groups: readonly Group[]): RemovalRule[] {
  const { of, computes, count } = context;
  const atoms = of.body.filter(isAtom);
  const lost = atoms
    .filter(({ relation }) => !computes.includes(relation))
    .map((atom) => [asLost(atom, count), ...atoms.filter((one) => one !== atom)]);
  const denied = of.body.flatMap((literal) =>
    literal.kind === "negation" ? [[asAtom(literal), ...atoms]] : [],
  );
  const grouped = groups.map((group) => [groupAtom(context, group), ...atoms]);
  return [...lost, ...denied, ...grouped].map((body) => finding(context, body));
}

/** A tuple is derived by another one of its stratum only if that has the lower rank: so no two
 * tuples are kept because of each other. In a closure over edges (1, 2) and (2, 2) with (1, 2)
 * removed, path(1, 2) is left, as path(1, 2) and edge(2, 2) derive it, unless ranks are
 * compared. */
function checkRules(context: Context): RemovalRule[] {
  const { of, ranked, count } = context;
  const { head, variables, span } = of;
  const own = ownAtoms(context);
  if (own.length > 0 && !ranked) return [];
  const first = variables.length;
  const [row, rank] = [variableOf(first), variableOf(first + 1)];
  const doubted: Literal = {
    ...{ kind: "atom", relation: removalPlace(count, "doubted", head.relation), span },
    terms: withPlaces(first, head.terms),
  };
  const rowOf = (at: number): number => first + 2 + 2 * at;
  const lower = own.map((_, at) => isLower(variableOf(rowOf(at) + 1), rank, span));
  const kept: Rule = {
    ...{ ...of, body: [doubted, ...of.body, ...lower] },
    ...{ head: { relation: removalPlace(count, "kept", head.relation), terms: [row] } },
    variables: [...variables, ...[of.head, ...own].flatMap(() => placeVariables)],
  };
  const placed = of.body.filter(isAtom).map((atom) => {
    const at = own.indexOf(atom);
    return at < 0 ? undefined : rowOf(at);
  });
  const ranks = placed.map((variable) => (variable === undefined ? undefined : variable + 1));
  const places = { rows: [undefined, ...placed], ranks: [undefined, ...ranks] };
  return [derived(context, kept, { deltaAt: 0, ...places })];
}

/** Terms for a row, with its tuple and its rank; the variables begin at `first`. */
function withPlaces(first: number, terms: readonly Term[]): Term[] {
  return [variableOf(first), ...terms, variableOf(first + 1)];
}

/** The variables for the place and the rank of a row. */
const placeVariables = ["#row", "#rank"].map((name) => ({ name, kind: "number" as const }));

function isLower(left: Term, right: Term, span: Rule["span"]): Literal {
  return { kind: "comparison", operator: "<", of: "number", left, right, span };
}

function withinRules(context: Context): RemovalRule[] {
  const { of, computes, ranked } = context;
  const atoms = of.body.filter(isAtom);
  return atoms
    .filter(({ relation }) => computes.includes(relation))
    .map((atom) => {
      const others = atoms.filter((one) => one !== atom);
      return finding(context, [atom, ...others], ranked ? "ranked" : "unranked");
    });
}

/** What is gone is derivable after all by a rule that joins with its own stratum: of the others
 * `checks` have told so. */
function proofRules(context: Context): RemovalRule[] {
  const { of } = context;
  if (ownAtoms(context).length === 0 || of.head.terms.length === 0) return [];
  const [gone, rule] = restoring(context);
  return [derived(context, { ...rule, body: [gone, ...of.body] }, { deltaAt: 0 })];
}

function reproofRules(context: Context): RemovalRule[] {
  const { of, count } = context;
  if (of.head.terms.length === 0) return [];
  return ownAtoms(context).map((atom) => {
    const back = { ...atom, relation: removalPlace(count, "back", atom.relation) };
    const others = of.body.filter((one) => one !== atom);
    const [gone, rule] = restoring(context);
    return derived(context, { ...rule, body: [back, ...others, gone] }, { deltaAt: 0 });
  });
}

function ownAtoms({ of, computes }: Context): Atom[] {
  return of.body.filter(isAtom).filter(({ relation }) => computes.includes(relation));
}

/** Returns the atom of what is gone of a rule's head, and the rule as one that finds its row; the
 * body is to be given. */
function restoring({ of, count }: Context): [Atom, Rule] {
  const { head, variables, span } = of;
  const terms = withPlaces(variables.length, head.terms);
  const relation = removalPlace(count, "gone", head.relation);
  const gone: Atom = { kind: "atom", relation, terms, span };
  const found = { relation: removalPlace(count, "found", head.relation), terms };
  return [gone, { ...of, head: found, variables: [...variables, ...placeVariables] }];
}

function againRules(context: Context, groups: readonly Group[]): RemovalRule[] {
  const { of, rule, computes, count } = context;
  const { head, body } = of;
  const lost = body.flatMap((literal) =>
    literal.kind === "negation" ? [asLost(asAtom(literal), count)] : [],
  );
  const grouped = groups.map((group) => groupAtom(context, group));
  // Without columns it has no row to be put back as.
  const bare = head.terms.length === 0 && ownAtoms(context).length > 0;
  const gone = bare ? [{ ...restoring(context)[0], terms: [anonymous, anonymous] }] : [];
  const first = [...lost, ...grouped, ...gone].map((atom) =>
    derived(context, { ...of, body: [atom, ...body] }, { deltaAt: 0 }),
  );
  const { orders: _, ...unordered } = of;
  const added = maintenanceVariants(of, computes, false).map((variant) => ({
    ...{ rule, of: unordered, variant },
  }));
  return [...first, ...added];
}

/** A rule that finds rows of the head's relation from the first of some atoms. Where it is `gone`
 * that is of what is gone; of what is `ranked` only rows of higher ranks are found. */
function finding(
  context: Context,
  atoms: readonly Atom[],
  gone?: "ranked" | "unranked",
): RemovalRule {
  const { of, attributes, count } = context;
  const { head, body, variables, span } = of;
  const row = variables.length;
  const [rank, rankGone] = [row + 1, row + 3];
  const tests = body.filter((literal) => literal.kind !== "aggregate" && !isVisit(literal));
  const sought: Atom = { kind: "atom", ...head, span };
  const { literals } = grounded([...atoms, sought], tests);
  const [first, ...others] = literals.slice(0, atoms.length);
  const made = literals.slice(atoms.length + 1);
  const [seeks] = literals.slice(atoms.length);
  assert(
    first?.kind === "atom" && seeks?.kind === "atom",
    "what is grounded begins with its atoms",
  );
  const begin: Atom =
    gone === undefined
      ? first
      : {
          ...first,
          relation: removalPlace(count, "gone", first.relation),
          terms: [anonymous, ...first.terms, gone === "ranked" ? variableOf(rankGone) : anonymous],
        };
  const higher = gone === "ranked" ? [isLower(variableOf(rankGone), variableOf(rank), span)] : [];
  // What the body does not say of the head, its row says.
  const unknown = variables.length + 2 * placeVariables.length;
  const words = seeks.terms.map((term, at) =>
    term.kind === "anonymous" ? variableOf(unknown + at) : term,
  );
  const found: Rule = {
    ...of,
    head: {
      relation: removalPlace(count, "found", head.relation),
      terms: [variableOf(row), ...words, variableOf(rank)],
    },
    body: [begin, ...others, { ...seeks, terms: words }, ...made, ...higher],
    variables: [...variables, ...placeVariables, ...placeVariables, ...attributes],
  };
  const none = atoms.map(() => undefined);
  return derived(context, found, { deltaAt: 0, rows: [...none, row], ranks: [...none, rank] });
}

function derived(
  { rule }: Context,
  of: Rule,
  places: Pick<Variant, "deltaAt" | "rows" | "ranks">,
): RemovalRule {
  const { orders: _, ...unordered } = of;
  const windows = of.body
    .filter(isAtom)
    .map((__, at): Window => (at === places.deltaAt ? "delta" : "full"));
  return { rule, of: unordered, variant: { windows, ...places } };
}

/** The atoms in a body, those of negations and in aggregates included. */
function readIn(body: readonly Literal[]): Atom[] {
  return body.flatMap((literal) => {
    if (literal.kind === "aggregate") return readIn(literal.body);
    if (literal.kind === "negation") return [asAtom(literal)];
    return isAtom(literal) ? [literal] : [];
  });
}

function groupAtom({ count, of }: Context, { at, variables }: Group): Atom {
  const terms = variables.map(variableOf);
  return { kind: "atom", relation: groupPlace(count, at), terms, span: of.span };
}

function asLost(atom: Atom, count: number): Atom {
  const relation = removalPlace(count, "lost", atom.relation);
  return { ...atom, relation, terms: [...atom.terms, anonymous] };
}

function asAtom(negation: Extract<Literal, { kind: "atom" | "negation" }>): Atom {
  return { ...negation, kind: "atom" };
}

function isAtom(literal: Literal): literal is Atom {
  return literal.kind === "atom";
}

function isVisit({ kind }: Literal): boolean {
  return kind === "atom" || kind === "negation";
}

function variableOf(variable: number): Term {
  return { kind: "variable", variable };
}

const anonymous: Term = { kind: "anonymous" };
