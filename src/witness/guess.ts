// Facts that are likely to matter: those that some derivation of a tuple reads.
import type { Literal, RelationAt, Rule, Term } from "../analysis/program.ts";
import type { Random } from "../base/random.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import { isBranch } from "../value/structures.ts";
import type { Cone } from "./cone.ts";
import type { InputFact } from "./fact.ts";

/** A few values of each kind, each time the same. */
export type Palette = (kind: ValueKind) => readonly Value[];

/** So many rules deep a derivation is guessed. */
const depthMax = 4;
/** How often what a rule does not read through positive atoms is there, too. */
const besidesChance = 0.3;
/** How often a tuple of an input that has rules is given, not derived. */
const givenChance = 0.5;

/** Guesses facts for one cone. */
export class Guesses {
  private readonly cone: Cone;
  private readonly chance: Random;
  private readonly ways = new Map<RelationAt, (Rule | readonly Value[])[]>();

  constructor(cone: Cone, chance: Random) {
    this.cone = cone;
    this.chance = chance;
    for (const rule of cone.rules)
      if (rule.subsumes !== true) this.waysOf(rule.head.relation).push(rule);
    for (const { relation, values } of cone.program.facts) this.waysOf(relation).push(values);
  }

  /** Some fact of some input. */
  any(palette: Palette): InputFact[] {
    const facts: InputFact[] = [];
    this.give(this.chance.pick(this.cone.inputs), [], palette, facts);
    return facts;
  }

  /** The facts that some derivation of a tuple of `relation` reads; a guess that conditions and
   * functors may prove wrong. */
  derivation(relation: RelationAt, palette: Palette): InputFact[] {
    const facts: InputFact[] = [];
    this.derive(relation, [], palette, facts, 0);
    return facts;
  }

  /** A fact like this one but for one value. */
  variation({ relation, values }: InputFact, palette: Palette): InputFact[] {
    if (values.length === 0) return [];
    const column = this.chance.below(values.length);
    const facts: InputFact[] = [];
    const given = values.map((value, at) => (at === column ? undefined : value));
    this.give(relation, given, palette, facts);
    return facts;
  }

  private waysOf(relation: RelationAt): (Rule | readonly Value[])[] {
    const known = this.ways.get(relation);
    if (known !== undefined) return known;
    const ways: (Rule | readonly Value[])[] = [];
    this.ways.set(relation, ways);
    return ways;
  }

  /** Adds a fact with the values that are given; returns its values. */
  private give(relation: RelationAt, given: Sketch, palette: Palette, facts: InputFact[]): Sketch {
    const { attributes = [] } = this.cone.program.relations[relation] ?? {};
    const values: Value[] = [];
    for (const [at, { kind }] of attributes.entries()) {
      const some = palette(kind);
      const value = given[at] ?? (some.length === 0 ? undefined : this.chance.pick(some));
      if (value === undefined) return given;
      values.push(value);
    }
    facts.push({ relation, values });
    return values;
  }

  /** Adds the facts of a derivation of a tuple with the values that are given; returns what is
   * known of the tuple. */
  private derive(
    relation: RelationAt,
    given: Sketch,
    palette: Palette,
    facts: InputFact[],
    depth: number,
  ): Sketch {
    const { chance, cone } = this;
    const ways = this.waysOf(relation);
    const isInput = cone.inputs.includes(relation);
    if (isInput && (ways.length === 0 || chance.chance(givenChance)))
      return this.give(relation, given, palette, facts);
    if (ways.length === 0 || depth >= depthMax) return given;
    const way = chance.pick(ways);
    if (!("head" in way)) return way;

    const known: Known = [];
    for (const [at, term] of way.head.terms.entries()) match(term, given[at], known);
    const follow = (literals: readonly Literal[]): void => {
      for (const literal of literals) {
        if (literal.kind === "comparison" && literal.operator === "=") {
          match(literal.left, valueOf(literal.right, known), known);
          match(literal.right, valueOf(literal.left, known), known);
        } else if (literal.kind === "atom") {
          const values = literal.terms.map((term) => valueOf(term, known));
          const found = this.derive(literal.relation, values, palette, facts, depth + 1);
          for (const [at, term] of literal.terms.entries()) match(term, found[at], known);
        } else if (chance.chance(besidesChance)) {
          if (literal.kind === "aggregate") follow(literal.body);
          if (literal.kind === "negation") {
            const values = literal.terms.map((term) => valueOf(term, known));
            this.derive(literal.relation, values, palette, facts, depth + 1);
          }
        }
      }
    };
    follow(way.body);
    return way.head.terms.map((term) => valueOf(term, known));
  }
}

/** Values at the places where they are known. */
type Sketch = readonly (Value | undefined)[];

/** The values of variables that are known. */
type Known = (Value | undefined)[];

function valueOf(term: Term, known: Known): Value | undefined {
  switch (term.kind) {
    case "variable":
      return known[term.variable];
    case "constant":
      return term.value;
    case "record": {
      const fields = term.fields.map((field) => valueOf(field, known));
      const all = fields.filter((field) => field !== undefined);
      if (all.length < fields.length) return undefined;
      return term.branch === undefined ? all : { branch: term.branch, fields: all };
    }
    case "functor":
    case "anonymous":
    case "counter":
    case "iteration":
      return undefined;
  }
}

/** Lets variables that are not known have the values that make `term` what is given. */
function match(term: Term, value: Value | undefined, known: Known): void {
  if (value === undefined) return;
  if (term.kind === "variable") known[term.variable] ??= value;
  if (term.kind !== "record" || typeof value !== "object" || value === null) return;
  if (isBranch(value) && value.branch !== term.branch) return;
  const fields = isBranch(value) ? value.fields : value;
  if ("length" in fields)
    for (const [at, field] of term.fields.entries()) match(field, fields[at], known);
}
