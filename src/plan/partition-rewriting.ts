// The rules of a partitioned program: each at its place, with what is sent to it and from it.
import type {
  CalledFunctor,
  Directive,
  Fact,
  Literal,
  Program,
  Relation,
  RelationAt,
  Rule,
  Term,
} from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { strataOf } from "./demand-strata.ts";
import type { Copy, PartitionedProgram, PlacedRule, Placement } from "./partitioned-program.ts";
import {
  type Atom,
  type Chosen,
  locationFor,
  type Source,
  type Surroundings,
  termsAt,
  sameTerms,
} from "./partition-location.ts";
import { surroundings } from "./partition-placement.ts";
import { sealsNeeded } from "./partition-seals.ts";

/** What is made, while it is made. */
type Draft = {
  readonly program: Program;
  readonly placements: Placement[];
  readonly relations: Relation[];
  readonly facts: Fact[];
  readonly rules: Rule[];
  readonly directives: Directive[];
  readonly handover: Rule[];
  readonly functors: Map<string, CalledFunctor>;
  readonly copies: (Copy & { readonly rules: number[] })[];
  readonly copyAt: Map<string, number>;
  readonly arrivals: Map<RelationAt, RelationAt>;
  readonly seals: Map<RelationAt, RelationAt>;
};

/** Returns the program with its relations in these places. */
export function rewritten(
  program: Program,
  placements: readonly Placement[],
): { readonly partitioned: PartitionedProgram; readonly diagnostics: readonly Diagnostic[] } {
  const draft = draftOf(program, placements);
  const around: Surroundings = {
    ...surroundings(program, placements),
    copied: (of, by) => draft.copyAt.has(copyName(program, of, by)),
  };
  const diagnostics: Diagnostic[] = [];
  const rules = program.rules.map((rule, at): PlacedRule => {
    const needed = sealsNeeded(rule, at, program, placements);
    diagnostics.push(...needed.diagnostics);
    const chosen = locationFor(rule, around, needed.location);
    return place(draft, rule, at, chosen, needed.relations);
  });
  for (const [at, placement] of [...draft.placements].entries())
    if (!draft.copies.some(({ relation }) => relation === at)) settle(draft, at, placement);
  const made = [...draft.rules];
  const now = made.filter(({ when }) => when === undefined);
  const later = made.filter(({ when }) => when !== undefined);
  const { relations, facts, directives, copies, arrivals, seals, handover } = draft;
  return {
    diagnostics,
    partitioned: {
      source: program,
      program: {
        ...{ ...program, relations, facts, directives },
        rules: [...now, ...later],
        strata: strataOf(relations, now, []),
        functors: [...program.functors, ...draft.functors.values()],
      },
      ...{ placements: draft.placements, rules },
      ...{ copies, arrivals, seals, handover },
    },
  };
}

function draftOf(program: Program, placements: readonly Placement[]): Draft {
  return {
    ...{ program, placements: [...placements] },
    relations: program.relations.map((relation, at) => {
      // Its tuples are sent to where it is.
      const sent = placements[at]?.kind === "keyed" || isSentToAll(program, placements, at);
      return sent ? { ...relation, place: { ...relation.place, message: true } } : relation;
    }),
    facts: program.facts.filter(({ relation }) => placements[relation]?.kind !== "keyed"),
    ...{ rules: [], handover: [], directives: [...program.directives], functors: new Map() },
    ...{ copies: [], copyAt: new Map(), arrivals: new Map(), seals: new Map() },
  };
}

/** Whether a relation that is at each node is derived from some that are in parts. */
function isSentToAll(
  { rules }: Program,
  placements: readonly Placement[],
  at: RelationAt,
): boolean {
  return rules.some(({ head, body }) => {
    if (head.relation !== at) return false;
    let inParts = false;
    visitLiterals(body, (literal) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      inParts ||= placements[literal.relation]?.kind === "keyed";
    });
    return inParts;
  });
}

/** Puts a rule in its place. */
function place(
  draft: Draft,
  rule: Rule,
  at: number,
  { location, sources }: Chosen,
  sealed: readonly RelationAt[],
): PlacedRule {
  const reads = new Map<Atom, number>();
  for (const [atom, source] of sources)
    if (source.kind === "copy") reads.set(atom, copyOf(draft, atom.relation, source.by, at));
  const { orders: _, ...plain } = rule;
  const seals = sealed.map((relation): Literal => ({
    ...{ kind: "atom", relation: sealsOf(draft, relation), span: rule.span },
    terms: location ?? [],
  }));
  const body = [...seals, ...rule.body.map((literal) => reading(literal, reads, draft))];
  const head = draft.placements[rule.head.relation];
  const placed = (word: PlacedRule["head"]): PlacedRule => ({
    ...{ rule, location, sealed, head: word },
    reads: [...sources.keys()].map((atom) => reads.get(atom)),
  });
  if (head?.kind !== "keyed") {
    const parts = location !== undefined;
    draft.rules.push(parts ? sentToAll(draft, { ...plain, body }) : { ...plain, body });
    return placed(parts ? "all" : "stays");
  }
  const [key = []] = head.keys;
  const wanted = termsAt(rule.head, key);
  const single = location !== undefined && (sealed.length > 0 || pinned(draft, rule, sources));
  if (location === undefined) {
    // Each node derives what it owns.
    draft.rules.push(guarded(draft, { ...plain, body }, key));
    return placed("stays");
  }
  if (sameTerms(wanted, location)) {
    draft.rules.push(single ? { ...plain, body } : guarded(draft, { ...plain, body }, key));
    return placed("stays");
  }
  draft.rules.push(sentToOwner(draft, { ...plain, body }, key));
  return placed("owner");
}

/** Whether only the owner of a rule's place has what the rule joins. What an aggregate does not
 * find elsewhere keeps it from nothing. */
function pinned(
  { placements }: Draft,
  { body }: Rule,
  sources: ReadonlyMap<Atom, Source>,
): boolean {
  return [...sources].some(([atom, source]) => {
    const placement = placements[atom.relation];
    if (placement?.kind !== "keyed" || !body.includes(atom)) return false;
    return source.kind === "itself" ? placement.keys.length === 1 : source.by !== undefined;
  });
}

function reading(literal: Literal, reads: ReadonlyMap<Atom, number>, draft: Draft): Literal {
  if (literal.kind === "aggregate")
    return { ...literal, body: literal.body.map((of) => reading(of, reads, draft)) };
  if (literal.kind !== "atom") return literal;
  const copy = draft.copies[reads.get(literal) ?? -1];
  return copy === undefined ? literal : { ...literal, relation: copy.relation };
}

/** What a relation in its place needs beside the program's rules: the tuples that the text states,
 * what arrives at other nodes, and its further owners. */
function settle(draft: Draft, at: RelationAt, placement: Placement): void {
  if (placement.kind !== "keyed") return;
  const [key = [], ...others] = placement.keys;
  const relation = relationAt(draft, at);
  const stated = draft.program.facts.filter((fact) => fact.relation === at);
  if (stated.length > 0) {
    const from = add(draft, { ...plainOf(relation), name: `#stated ${relation.name}` });
    for (const fact of stated) draft.facts.push({ ...fact, relation: from });
    const rule = passing(relation, at, from);
    draft.rules.push(guarded(draft, rule, key));
  }
  const elsewhere = guarded(draft, passing(relation, at, at), key, "!=");
  draft.handover.push(sentToOwner(draft, elsewhere, key));
  // Whoever seals a key asks its owner.
  if (relation.place?.seals !== undefined) return;
  const read = draft.directives.find((of) => of.word === "input" && of.relation === at);
  if (read !== undefined) {
    const name = `#input ${relation.name}`;
    const from = add(draft, { ...plainOf(relation), name, place: { event: true } });
    draft.directives.push({ ...read, relation: from });
    draft.arrivals.set(at, from);
    const rule = passing(relation, at, from);
    draft.rules.push(sentToOwner(draft, rule, key));
  }
  for (const other of others) {
    const rule = passing(relation, at, at);
    const accepted = guarded(draft, rule, key);
    draft.rules.push(sentToOwner(draft, accepted, other));
  }
}

/** The copy of a relation for a rule, which other rules may have asked for before. */
function copyOf(
  draft: Draft,
  of: RelationAt,
  by: readonly number[] | undefined,
  rule: number,
): number {
  const name = copyName(draft.program, of, by);
  const known = draft.copyAt.get(name);
  if (known !== undefined) {
    const { rules = [] } = draft.copies[known] ?? {};
    if (!rules.includes(rule)) rules.push(rule);
    return known;
  }
  const original = relationAt(draft, of);
  const relation = add(draft, { ...plainOf(original), name, place: { message: true } });
  if (by !== undefined) draft.placements[relation] = { kind: "keyed", keys: [by], chosen: true };
  const copy = draft.copies.push({ relation, of, by, rules: [rule] }) - 1;
  draft.copyAt.set(name, copy);
  const sending = passing(original, relation, of);
  const placement = draft.placements[of];
  // Of several owners one sends.
  const several = placement?.kind === "keyed" && placement.keys.length > 1;
  const [key = []] = placement?.kind === "keyed" ? placement.keys : [];
  const once = several ? guarded(draft, sending, key) : sending;
  draft.rules.push(by === undefined ? sentToAll(draft, once) : sentToOwner(draft, once, by));
  return copy;
}

/** The name of a copy: `#copy path by y`, `#copy path everywhere`. */
function copyName(
  { relations }: Program,
  of: RelationAt,
  by: readonly number[] | undefined,
): string {
  const { name = "", attributes = [] } = relations[of] ?? {};
  if (by === undefined) return `#copy ${name} everywhere`;
  return `#copy ${name} by ${by.map((column) => attributes[column]?.name ?? "").join(", ")}`;
}

/** The relation of the sealed keys of a relation: an input, whatever else says so. */
function sealsOf(draft: Draft, of: RelationAt): RelationAt {
  const known = draft.seals.get(of);
  if (known !== undefined) return known;
  const { relations, placements, directives } = draft;
  const { name, attributes, span } = relationAt(draft, of);
  const placement = placements[of];
  assert(placement?.kind === "keyed", "what is sealed by key is in parts");
  let seals = relations.findIndex(({ place }) => place?.seals === of);
  if (seals < 0) {
    const [key = []] = placement.keys;
    const columns = key.flatMap((column) => attributes[column] ?? []);
    const relation = { name: `#sealed ${name}`, attributes: columns, inlined: false, span };
    seals = add(draft, { ...relation, place: { seals: of, message: true } });
    const keys = [[...columns.keys()]];
    draft.placements[seals] = { kind: "keyed", keys, chosen: false };
  }
  if (!directives.some(({ word, relation }) => word === "input" && relation === seals))
    directives.push({ word: "input", relation: seals, parameters: new Map(), span });
  draft.seals.set(of, seals);
  return seals;
}

// ---- rules ----

/** `to(x, …) :- from(x, …).` */
function passing({ attributes, span }: Relation, to: RelationAt, from: RelationAt): Rule {
  const variables = attributes.map(({ name, kind }) => ({ name, kind }));
  const terms = variables.map((_, variable): Term => ({ kind: "variable", variable }));
  const body: Literal[] = [{ kind: "atom", relation: from, terms, span }];
  return { head: { relation: to, terms }, body, variables, span };
}

/** The rule, deriving at each node what that owns by these columns of the head; or, with `!=`, does
 * not. */
function guarded(
  draft: Draft,
  rule: Rule,
  key: readonly number[],
  operator: "=" | "!=" = "=",
): Rule {
  const { span } = rule;
  const left: Term = { kind: "variable", variable: rule.variables.length };
  const right = ownerOf(draft, rule, key);
  return {
    ...rule,
    variables: [...rule.variables, { name: "#me", kind: "symbol" }],
    body: [
      ...rule.body,
      { kind: "atom", relation: systemOf(draft, "Id"), terms: [left], span },
      { kind: "comparison", operator, of: "symbol", left, right, span },
    ],
  };
}

/** The rule, with what it derives sent to who owns it by these columns. */
function sentToOwner(draft: Draft, rule: Rule, key: readonly number[]): Rule {
  return { ...rule, when: "later", location: ownerOf(draft, rule, key) };
}

/** The rule, with what it derives sent to each node. */
function sentToAll(draft: Draft, rule: Rule): Rule {
  const { span } = rule;
  const location: Term = { kind: "variable", variable: rule.variables.length };
  const all: Literal = {
    ...{ kind: "atom", relation: systemOf(draft, "All"), terms: [location], span },
  };
  return {
    ...{ ...rule, body: [...rule.body, all], when: "later", location },
    variables: [...rule.variables, { name: "#node", kind: "symbol" }],
  };
}

/** `@#owner(…)`: the name of the node that owns the head's tuple by these columns, which whoever
 * runs the program computes. There is one functor for each list of kinds. */
function ownerOf(draft: Draft, { head, span }: Rule, key: readonly number[]): Term {
  const { attributes } = relationAt(draft, head.relation);
  const parameters = key.flatMap((column) => attributes[column]?.kind ?? []);
  const name = `#owner<${parameters.join(", ")}>`;
  let user = draft.functors.get(name);
  if (user === undefined) {
    user = { name, parameters, result: "symbol", stateful: false, span };
    draft.functors.set(name, user);
  }
  return { kind: "functor", name: "user", user, arguments: termsAt(head, key), span };
}

// ---- relations ----

function relationAt({ relations }: Draft, at: RelationAt): Relation {
  const relation = relations[at];
  assert(relation !== undefined, `a program has a relation ${at}`);
  return relation;
}

/** Adds a relation, which is at each node, and returns its place. */
function add({ relations, placements }: Draft, relation: Relation): RelationAt {
  placements.push({ kind: "everywhere" });
  return relations.push(relation) - 1;
}

/** What a relation has in common with one that holds some of the same tuples. */
function plainOf({ attributes, lattices, equivalence, span, name }: Relation): Relation {
  return {
    ...{ name, attributes, inlined: false, span },
    ...(lattices !== undefined && { lattices }),
    ...(equivalence !== undefined && { equivalence }),
  };
}

function systemOf(draft: Draft, word: "Id" | "All"): RelationAt {
  const known = draft.relations.findIndex(({ place }) => place?.system === word);
  if (known >= 0) return known;
  const { span } = relationAt(draft, 0);
  const attributes = [{ name: "node", type: "symbol", kind: "symbol" }] as const;
  return add(draft, { name: word, attributes, inlined: false, place: { system: word }, span });
}
