// From rules to rules that derive what is demanded: one pass over the rules that are needed, under
// decisions that later passes extend.
import type { Fact, Literal, Program, Relation, Rule, Term } from "../analysis/program.ts";
import { mapLiteral, mapTerm } from "../analysis/work-rule.ts";
import { assert } from "../base/assert.ts";
import type { Value } from "../value/schema.ts";
import { type AtomLiteral, Passage } from "./demand-passage.ts";
import { type AggregateLiteral, literalVariables, termFaults, termVariables } from "./literals.ts";

/** Which relations are rewritten, by their places. What is neither whole nor rewritten is not
 * derived by rules. */
type Decisions = {
  /** These are derived as they are, all of each. */
  readonly whole: ReadonlySet<number>;
  /** Of these each demand is for all tuples. */
  readonly free: ReadonlySet<number>;
  /** The stratum of each relation: relations of one stratum depend on each other. */
  readonly stratumOf: readonly number[];
  /** Whether what is joined before something is asked can be kept in a relation. */
  readonly keepsJoins: boolean;
};

/** A relation as it is asked with values for the columns `given`: `at` holds the tuples that were
 * asked for, and `demandAt` what values it was asked with. */
export type Version = {
  readonly relation: number;
  readonly given: readonly number[];
  readonly at: number;
  readonly demandAt: number;
};

/** What a pass makes. Relations of the program keep their places, new ones follow. `whole` and
 * `free` are decisions that would have been better. */
export type Rewritten = {
  readonly relations: readonly Relation[];
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
  readonly versions: readonly Version[];
  readonly whole: ReadonlySet<number>;
  readonly free: ReadonlySet<number>;
};

/** How many versions a relation may have; one that is asked in more ways is asked for all. */
const versionsMax = 8;
/** How many atoms are joined before their result is kept, to be used twice. */
const joinsKept = 2;

type AskedLiteral = Extract<Literal, { kind: "atom" | "negation" }>;

/** Returns the rules by which `program` derives its whole relations, and of others what these ask
 * for. */
export function rewritten(program: Program, decisions: Decisions): Rewritten {
  const rewriting = new Rewriting(program, decisions);
  for (const rule of program.rules)
    if (decisions.whole.has(rule.head.relation)) rewriting.deriveWhole(rule);
  // Deriving one version asks for others.
  for (const version of rewriting.versions) rewriting.deriveVersion(version);
  return rewriting;
}

class Rewriting implements Rewritten {
  readonly relations: Relation[];
  readonly facts: Fact[];
  readonly rules: Rule[] = [];
  readonly versions: Version[] = [];
  readonly whole = new Set<number>();
  readonly free = new Set<number>();
  private readonly program: Program;
  private readonly decisions: Decisions;
  private readonly rulesOf = new Map<number, Rule[]>();
  /** The relations that hold tuples before any rule has run. */
  private readonly stated: ReadonlySet<number>;
  private readonly versionsOf = new Map<number, Version[]>();

  constructor(program: Program, decisions: Decisions) {
    this.program = program;
    this.decisions = decisions;
    this.relations = [...program.relations];
    this.facts = [...program.facts];
    for (const rule of program.rules) {
      const rules = this.rulesOf.get(rule.head.relation);
      if (rules === undefined) this.rulesOf.set(rule.head.relation, [rule]);
      else rules.push(rule);
    }
    const inputs = program.directives.filter(({ word }) => word === "input");
    this.stated = new Set([...program.facts, ...inputs].map(({ relation }) => relation));
  }

  deriveWhole(rule: Rule): void {
    const { body } = this.rewrite(rule, undefined);
    this.rules.push(compact({ ...rule, body }));
  }

  deriveVersion(version: Version): void {
    const { relation, at, given, demandAt } = version;
    const declared = this.declared(relation);
    if (this.stated.has(relation)) {
      const { attributes, span } = declared;
      const terms = attributes.map((_, variable) => ({ kind: "variable" as const, variable }));
      const asked = given.map((column) => terms[column] ?? anonymous);
      const variables = attributes.map(({ name, kind }) => ({ name, kind }));
      const body: Literal[] = [
        { kind: "atom", relation: demandAt, terms: asked, span },
        { kind: "atom", relation, terms, span },
      ];
      this.rules.push({ head: { relation: at, terms }, body, variables, span });
    }
    for (const rule of this.rulesOf.get(relation) ?? []) {
      const { span, variables } = rule;
      const terms = given.map((column) => rule.head.terms[column] ?? anonymous);
      // What fails only in the head must not fail earlier.
      const asked = terms.map((term) => (termFaults(term) ? anonymous : term));
      const guard: AtomLiteral = { kind: "atom", relation: demandAt, terms: asked, span };
      const { body, asks } = this.rewrite(rule, guard);
      // A tuple of this version was asked for: whoever asks with the same values need not check.
      const implied = asks.some(
        (atom) =>
          atom.relation === at &&
          given.every((column, place) => isSame(atom.terms[column], asked[place])),
      );
      const kept = implied ? body.filter((literal) => literal !== guard) : body;
      const head = { relation: at, terms: rule.head.terms };
      this.rules.push(compact({ head, body: kept, variables, span }));
    }
  }

  /** Returns the body of `rule` with versions in place of the relations that are asked, below the
   * guard; `asks` are its own atoms, those of aggregates left out. */
  private rewrite(
    rule: Rule,
    guard: AtomLiteral | undefined,
  ): { readonly body: Literal[]; readonly asks: readonly AtomLiteral[] } {
    const passage = new Passage(rule, guard);
    const literals = this.walk(rule.body, passage, {
      rule,
      kept: this.decisions.keepsJoins && rule.orders === undefined,
    });
    const rest = rule.body.flatMap((literal) =>
      passage.absorbed.has(literal) ? [] : (literals.get(literal) ?? literal),
    );
    const body = passage.guard === undefined ? rest : [passage.guard, ...rest];
    return { body, asks: rest.filter((literal) => literal.kind === "atom") };
  }

  /** Goes through a conjunction, asks for what it needs on the way, and returns what the literals
   * become. */
  private walk(
    body: readonly Literal[],
    passage: Passage,
    context: Context,
  ): ReadonlyMap<Literal, Literal> {
    const literals = new Map<Literal, Literal>();
    const pending = new Set(body);
    for (;;) {
      passage.settle(pending);
      const next = this.next(pending, passage, context);
      if (next === undefined) break;
      if (next.kind === "atom") {
        if (context.kept && this.isWorthKeeping(next, passage, context))
          this.keep(passage, pending, context);
        const atom = this.asked(next, passage, context);
        pending.delete(next);
        passage.join(next, atom);
        literals.set(next, atom);
      } else {
        const binds = passage.binds(next);
        const aggregate = this.aggregate(next, passage, context);
        pending.delete(next);
        if (binds) passage.aggregate(next, aggregate);
        literals.set(next, aggregate);
      }
    }
    for (const literal of pending)
      if (literal.kind === "negation") literals.set(literal, this.asked(literal, passage, context));
    return literals;
  }

  /** What comes next: of the atoms that share a value with what was passed, or are asked with a
   * constant, the one with the fewest columns to find; an aggregate that others wait for; an atom
   * that is there anyway. */
  private next(
    pending: ReadonlySet<Literal>,
    passage: Passage,
    { rule }: Context,
  ): AtomLiteral | AggregateLiteral | undefined {
    const atoms: AtomLiteral[] = [];
    const aggregates: AggregateLiteral[] = [];
    for (const literal of pending) {
      if (literal.kind === "atom") atoms.push(literal);
      if (literal.kind === "aggregate") aggregates.push(literal);
    }
    let [best, fewest]: [AtomLiteral | undefined, number] = [undefined, Infinity];
    for (const atom of atoms) {
      const found = passage.given(atom.terms, this.isRecursive(rule, atom)).length;
      const wanted = atom.terms.filter(({ kind }) => kind !== "anonymous").length;
      if (found === 0 && (wanted > 0 || this.isAsked(atom.relation))) continue;
      if (wanted - found < fewest) [best, fewest] = [atom, wanted - found];
    }
    if (best !== undefined) return best;
    const binding = aggregates.find((of) => atoms.length > 0 && passage.binds(of));
    return (
      binding ?? atoms.find(({ relation }) => !this.isAsked(relation)) ?? atoms[0] ?? aggregates[0]
    );
  }

  private aggregate(
    literal: AggregateLiteral,
    passage: Passage,
    context: Context,
  ): AggregateLiteral {
    const inner = this.walk(literal.body, passage.fork(context.rule), { ...context, kept: false });
    return { ...literal, body: literal.body.map((of) => inner.get(of) ?? of) };
  }

  /** Returns the literal with the version of its relation that answers it, for which it places the
   * demand. */
  private asked<L extends AskedLiteral>(literal: L, passage: Passage, { rule }: Context): L {
    const { relation, terms } = literal;
    if (!this.isAsked(relation)) return literal;
    const given = this.given(rule, literal, passage);
    const version = this.version(relation, given);
    const asked = given.map((column) => terms[column] ?? anonymous);
    this.demand(version, asked, passage.prefix(asked), rule);
    return { ...literal, relation: version.at };
  }

  private demand(
    { relation, demandAt, given }: Version,
    terms: readonly Term[],
    body: readonly Literal[],
    { variables, span }: Rule,
  ): void {
    const values = terms.flatMap((term): Value[] => (term.kind === "constant" ? [term.value] : []));
    if (body.length === 0 && given.length === 0) this.whole.add(relation);
    if (body.length === 0 && values.length === terms.length) {
      this.facts.push({ relation: demandAt, values, span });
      return;
    }
    const repeated = body.some(
      (literal) =>
        literal.kind === "atom" &&
        literal.relation === demandAt &&
        literal.terms.every((term, column) => isSame(term, terms[column])),
    );
    if (repeated) return;
    const head = { relation: demandAt, terms };
    this.rules.push(compact({ head, body, variables, span }));
  }

  private declared(at: number): Relation {
    const relation = this.program.relations[at];
    assert(relation !== undefined, `a program has no relation ${at}`);
    return relation;
  }

  private isAsked(relation: number): boolean {
    return this.rulesOf.has(relation) && !this.decisions.whole.has(relation);
  }

  private isRecursive({ head }: Rule, { relation }: AskedLiteral): boolean {
    const { stratumOf } = this.decisions;
    return stratumOf[head.relation] === stratumOf[relation];
  }

  private given(rule: Rule, literal: AskedLiteral, passage: Passage): number[] {
    if (this.decisions.free.has(literal.relation)) return [];
    return passage.given(literal.terms, this.isRecursive(rule, literal));
  }

  private version(relation: number, given: readonly number[]): Version {
    const known = this.versionsOf.get(relation) ?? [];
    const same = known.find((version) => version.given.join() === given.join());
    if (same !== undefined) return same;
    if ((given.length === 0 || known.some((of) => of.given.length === 0)) && known.length > 0)
      this.free.add(relation);
    if (known.length >= versionsMax) this.free.add(relation);
    const { name, attributes, inlined, span } = this.declared(relation);
    const rest = { inlined, span };
    const columns = attributes.map((_, column) => (given.includes(column) ? "b" : "f"));
    const version = {
      relation,
      given,
      at: this.relations.length,
      demandAt: this.relations.length + 1,
    };
    this.relations.push({ ...rest, name: `${name}{${columns.join("")}}`, attributes });
    this.relations.push({
      ...rest,
      name: `?${name}{${columns.join("")}}`,
      attributes: given.flatMap((column) => attributes[column] ?? []),
    });
    this.versionsOf.set(relation, [...known, version]);
    this.versions.push(version);
    return version;
  }

  private isWorthKeeping(atom: AtomLiteral, passage: Passage, { rule }: Context): boolean {
    if (!passage.exact || passage.joins < joinsKept || !this.isAsked(atom.relation)) return false;
    return this.given(rule, atom, passage).length > 0;
  }

  /** Adds a relation for what the passage has found, of which a demand and the rule go on. */
  private keep(passage: Passage, pending: ReadonlySet<Literal>, { rule }: Context): void {
    const { span, variables } = rule;
    const wanted = new Set([
      ...rule.head.terms.flatMap(termVariables),
      ...[...pending].flatMap(literalVariables),
    ]);
    const columns = [...passage.known].filter((variable) => wanted.has(variable));
    const terms = columns.map((variable) => ({ kind: "variable" as const, variable }));
    const at = this.relations.length;
    const attributes = columns.map((variable) => {
      const { name, kind } = variables[variable] ?? { name: "", kind: "number" };
      return { name, type: kind, kind };
    });
    const { name } = this.declared(rule.head.relation);
    this.relations.push({ name: `${name}#${at}`, attributes, inlined: false, span });
    const head = { relation: at, terms };
    this.rules.push(compact({ head, body: passage.literals, variables, span }));
    passage.cut({ kind: "atom", relation: at, terms, span });
  }
}

/** The rule that is walked through, and whether what joins find may be kept in a relation. */
type Context = { readonly rule: Rule; readonly kept: boolean };

const anonymous: Term = { kind: "anonymous" };

function isSame(left: Term | undefined, right: Term | undefined): boolean {
  if (left?.kind === "variable" && right?.kind === "variable")
    return left.variable === right.variable;
  return (
    left?.kind === "constant" &&
    right?.kind === "constant" &&
    left.of === right.of &&
    Object.is(left.value, right.value)
  );
}

/** Returns the rule with the variables alone that occur in it. */
function compact(rule: Rule): Rule {
  const places = new Map<number, number>();
  const variables: Rule["variables"][number][] = [];
  const rename = (variable: number): number => {
    const known = places.get(variable);
    if (known !== undefined) return known;
    places.set(variable, variables.length);
    return variables.push(rule.variables[variable] ?? { name: "", kind: "number" }) - 1;
  };
  const replace = (variable: number): Term => ({ kind: "variable", variable: rename(variable) });
  const terms = rule.head.terms.map((term) => mapTerm(term, replace));
  const body = rule.body.map((literal) => mapLiteral(literal, replace, rename));
  return { ...rule, head: { ...rule.head, terms }, body, variables };
}
