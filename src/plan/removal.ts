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

/** What is kept of each relation while tuples are removed. `lost`, `doubted` and `gone` have its
 * columns and then a row: the tuples that it has lost, those that may have to go, and those that
 * had to. `found` and `kept` have rows alone: of what was found to be in doubt, and of what of that
 * has another derivation. */
const removalKinds = ["lost", "doubted", "gone", "found", "kept"] as const;
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
  const kinds = removalKinds.flatMap((kind) =>
    relations.map(({ name, attributes }) => {
      const columns = kind === "found" || kind === "kept" ? [] : attributes;
      return { name: `#${kind} ${name}`, attributes: [...columns, row] };
    }),
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

/** Returns the rules that take back what a stratum derived. With `ranked` a tuple counts as derived
 * by others of its stratum only if their rows come before its own; without it not at all. */
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
    const context = { rule, of, computes, ranked, count: program.relations.length };
    return {
      groups: own.flatMap((aggregate) => groupRules(context, aggregate)),
      below: belowRules(context, own),
      checks: checkRules(context),
      within: withinRules(context),
      again: againRules(context, own),
    };
  });
  const all = (part: keyof RemovalRules): RemovalRule[] => made.flatMap((one) => one[part]);
  return {
    ...{ groups: all("groups"), below: all("below"), checks: all("checks") },
    ...{ within: all("within"), again: all("again") },
  };
}

type Context = {
  readonly rule: number;
  readonly of: Rule;
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

/** A tuple is derived by another one of its stratum only if that has the earlier row: so no two
 * tuples are kept because of each other. In a closure over edges (1, 2) and (2, 2) with (1, 2)
 * removed, path(1, 2) is left, as path(1, 2) and edge(2, 2) derive it, unless rows are compared. */
function checkRules(context: Context): RemovalRule[] {
  const { of, computes, ranked, count } = context;
  const { head, variables, span } = of;
  const own = of.body.filter(isAtom).filter(({ relation }) => computes.includes(relation));
  if (own.length > 0 && !ranked) return [];
  const rows = [of.head, ...own].map((_, at) => variables.length + at);
  const [row = 0, ...others] = rows.map((variable): Term => ({ kind: "variable", variable }));
  assert(typeof row === "object", "the head has a row");
  const doubted: Literal = {
    ...{ kind: "atom", relation: removalPlace(count, "doubted", head.relation), span },
    terms: [...head.terms, row],
  };
  const earlier = others.map((other): Literal => ({
    ...{ kind: "comparison", operator: "<", of: "number", left: other, right: row, span },
  }));
  const kept: Rule = {
    ...{ ...of, body: [doubted, ...of.body, ...earlier] },
    ...{ head: { relation: removalPlace(count, "kept", head.relation), terms: [row] } },
    variables: [...variables, ...rows.map(() => ({ name: "#row", kind: "number" as const }))],
  };
  const placed = of.body.filter(isAtom).map((atom) => {
    const at = own.indexOf(atom);
    return at < 0 ? undefined : rows[1 + at];
  });
  return [derived(context, kept, { deltaAt: 0, rows: [undefined, ...placed] })];
}

function withinRules(context: Context): RemovalRule[] {
  const { of, computes, ranked, count } = context;
  const atoms = of.body.filter(isAtom);
  return atoms
    .filter(({ relation }) => computes.includes(relation))
    .map((atom) => {
      const gone = { ...atom, relation: removalPlace(count, "gone", atom.relation) };
      const others = atoms.filter((one) => one !== atom);
      return finding(context, [gone, ...others], ranked);
    });
}

function againRules(context: Context, groups: readonly Group[]): RemovalRule[] {
  const { of, rule, computes, count } = context;
  const { head, body, span } = of;
  const gone: Literal = {
    ...{ kind: "atom", relation: removalPlace(count, "gone", head.relation), span },
    terms: [...head.terms, anonymous],
  };
  const lost = body.flatMap((literal) =>
    literal.kind === "negation" ? [asLost(asAtom(literal), count)] : [],
  );
  const grouped = groups.map((group) => groupAtom(context, group));
  const first = [gone, ...lost, ...grouped].map((atom) =>
    derived(context, { ...of, body: [atom, ...body] }, { deltaAt: 0 }),
  );
  const { orders: _, ...unordered } = of;
  const added = maintenanceVariants(of, computes, false).map((variant) => ({
    ...{ rule, of: unordered, variant },
  }));
  return [...first, ...added];
}

/** A rule that finds rows of the head's relation from the first of some atoms. With `ranked` that
 * has a row of its own, and only later ones are found. */
function finding(context: Context, atoms: readonly Atom[], ranked?: boolean): RemovalRule {
  const { of, count } = context;
  const { head, body, variables, span } = of;
  const row = variables.length;
  const tests = body.filter((literal) => literal.kind !== "aggregate" && !isVisit(literal));
  const sought: Atom = { kind: "atom", ...head, span };
  const { literals } = grounded([...atoms, sought], tests);
  const [first, ...others] = literals;
  assert(first?.kind === "atom", "what is grounded begins with its atoms");
  const gone = ranked === undefined ? [] : [ranked ? variableOf(row + 1) : anonymous];
  const begin = { ...first, terms: [...first.terms, ...gone] };
  const earlier: Literal[] =
    ranked === true
      ? [
          {
            ...{ kind: "comparison", operator: "<", of: "number", span },
            ...{ left: variableOf(row + 1), right: variableOf(row) },
          },
        ]
      : [];
  const found: Rule = {
    ...of,
    head: {
      relation: removalPlace(count, "found", head.relation),
      terms: [variableOf(row)],
    },
    body: [begin, ...others, ...earlier],
    variables: [...variables, ...[0, 1].map(() => ({ name: "#row", kind: "number" as const }))],
  };
  const rows = [...atoms.map(() => undefined), row];
  return derived(context, found, { deltaAt: 0, rows });
}

function derived(
  { rule }: Context,
  of: Rule,
  { deltaAt, rows }: Pick<Variant, "deltaAt" | "rows">,
): RemovalRule {
  const { orders: _, ...unordered } = of;
  const windows = of.body
    .filter(isAtom)
    .map((__, at): Window => (at === deltaAt ? "delta" : "full"));
  const variant = { windows, ...(deltaAt === undefined ? {} : { deltaAt }), ...(rows && { rows }) };
  return { rule, of: unordered, variant };
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
