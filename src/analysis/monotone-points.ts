// The places of rules and declarations that keep a relation from being monotone.
import type { Span } from "../base/source.ts";
import type { Law, PointKind, PointOfOrder } from "./levels.ts";
import { lawsOf, latticeLaws } from "./monotone-laws.ts";
import { orderOf } from "./monotone-orders.ts";
import { orderDependence, ownTerms, type RelationFacts } from "./monotone-relations.ts";
import { agrees } from "./monotone-thresholds.ts";
import { RuleValues } from "./monotone-values.ts";
import type { Literal, Program, Relation, RelationAt, Rule, Term } from "./program.ts";
import { partsOf } from "./terms.ts";
import { visitLiterals } from "./work-rule.ts";

/** A point with what the wider levels have to know of it. */
export type FoundPoint = {
  readonly point: Omit<PointOfOrder, "level">;
  /** What stands there: a negated atom, or an aggregate. */
  readonly literal?: Literal;
  /** The bodies around it, the outermost first. */
  readonly scopes: readonly (readonly Literal[])[];
  readonly values?: RuleValues;
};

/** The points of a program, and the laws on which it relies that there are no more. */
export type FoundPoints = { readonly points: readonly FoundPoint[]; readonly laws: readonly Law[] };

/** Returns the points of order of `program`, each once for a rule, in the order of relations and
 * then of rules. */
export function findPoints(program: Program, facts: RelationFacts): FoundPoints {
  const finder = new Finder(program, facts);
  for (const [at, relation] of program.relations.entries()) finder.inRelation(at, relation);
  for (const [at, rule] of program.rules.entries()) finder.inRule(at, rule);
  return { points: [...finder.found.values()], laws: [...finder.laws.values()] };
}

type Details = Pick<PointOfOrder, "reads" | "hint"> & Partial<Omit<FoundPoint, "point">>;

class Finder {
  readonly found = new Map<string, FoundPoint>();
  readonly laws = new Map<string, Law>();
  private readonly program: Program;
  private readonly facts: RelationFacts;
  private readonly claimed: ReadonlySet<string>;
  private rule: number | undefined;
  private head: RelationAt = 0;

  constructor(program: Program, facts: RelationFacts) {
    this.program = program;
    this.facts = facts;
    this.claimed = new Set(
      program.contracts.flatMap((of) =>
        of.claim === "monotone" && of.of.kind === "functor" ? [of.of.name] : [],
      ),
    );
  }

  inRelation(at: RelationAt, { name, choices, limit, span }: Relation): void {
    this.head = at;
    this.rule = undefined;
    if (choices !== undefined)
      this.add("choice", span, "which tuple it takes for a choice domain depends on their order", {
        hint: "keep all tuples, or choose by value: `Min<>` and `Max<>` are lattices",
      });
    if (limit !== undefined)
      this.add("choice", span, `it stops at ${limit} tuples, whichever come first`, {
        hint: "drop `.limitsize`",
      });
    const { laws, missing } = latticeLaws(this.program, at);
    for (const law of laws) this.laws.set(`lattice ${name} ${JSON.stringify(nameOfLaw(law))}`, law);
    for (const { message, hint } of missing)
      this.add("laws", span, message, hint === undefined ? {} : { hint });
  }

  inRule(at: number, rule: Rule): void {
    this.rule = at;
    this.head = rule.head.relation;
    if (rule.subsumes === true)
      this.add("subsumption", rule.span, "a subsumptive rule drops tuples of it", {
        hint: "give the attribute a lattice: `Min<>` and `Max<>` keep the best value of a key",
      });
    if (rule.removes === true)
      this.add("deletion", rule.span, "its tuples are removed", {
        hint: "keep what is removed in a relation of its own, and read both in a `snapshot`",
      });
    this.orderOfEvaluation(rule);
    this.arrivals(rule);
    this.orderedReads(rule);
    const context = { ...this.program, closed: this.facts.closed, claimed: this.claimed };
    const values = new RuleValues(rule, context);
    this.inBody(rule.body, values, [rule.body]);
    this.inHead(rule, values);
  }

  private inHead({ head, location, body, span }: Rule, values: RuleValues): void {
    const { attributes = [], lattices = [] } = this.program.relations[head.relation] ?? {};
    const keys = attributes.length - lattices.length;
    for (const [column, term] of head.terms.entries()) {
      const lattice = lattices[column - keys];
      const order = lattice === undefined ? undefined : orderOf(lattice);
      if (values.constant(term)) continue;
      if (order === undefined) this.leave(term, span, values, body);
      else if (values.keeps(term, order)) this.rely(values, term, order);
      else this.leave(term, span, values, body, true);
    }
    if (location !== undefined && !values.constant(location))
      this.leave(location, span, values, body);
  }

  private inBody(body: readonly Literal[], values: RuleValues, scopes: Scopes): void {
    for (const literal of body) this.inLiteral(literal, values, scopes);
  }

  private inLiteral(literal: Literal, values: RuleValues, scopes: Scopes): void {
    const [outermost = []] = scopes;
    const stay = (terms: readonly Term[]) => {
      for (const term of terms)
        if (!values.constant(term)) this.leave(term, literal.span, values, outermost);
    };
    switch (literal.kind) {
      case "atom":
        this.inAtom(literal, values, outermost);
        return;
      case "negation": {
        const { relation: reads, span } = literal;
        stay(literal.terms);
        if (this.facts.closed[reads] === true) return;
        const message = `it negates "${this.name(reads)}"`;
        this.add("negation", span, message, { reads, literal, scopes, values });
        return;
      }
      case "comparison": {
        if (binds(literal, values)) return;
        const agreed = agrees(literal, values);
        if (agreed === undefined)
          for (const term of [literal.left, literal.right])
            if (!values.constant(term)) this.leave(term, literal.span, values, outermost, true);
        for (const [term, order] of agreed ?? []) this.rely(values, term, order);
        return;
      }
      case "test":
        if (literal.word === "has" && !literal.negated && values.grows(literal.left))
          stay([literal.right]);
        else stay([literal.left, literal.right]);
        return;
      case "boolean":
        return;
      case "range":
        stay([literal.from, literal.to, ...(literal.step === undefined ? [] : [literal.step])]);
        return;
      case "aggregate": {
        this.inBody(literal.body, values, [...scopes, literal.body]);
        const result: Term = { kind: "variable", variable: literal.variable };
        if (values.source(literal.variable)?.by === literal) return;
        // The result is compared with what binds the variable.
        stay([result]);
        if (!values.settled(literal)) this.addAggregate(literal, values, outermost);
      }
    }
  }

  private inAtom(
    atom: Literal & { readonly kind: "atom" },
    values: RuleValues,
    outermost: readonly Literal[],
  ): void {
    const { attributes = [], lattices = [] } = this.program.relations[atom.relation] ?? {};
    const keys = attributes.length - lattices.length;
    for (const [column, term] of atom.terms.entries()) {
      if (column >= keys && this.facts.closed[atom.relation] !== true) {
        if (term.kind === "anonymous") continue;
        const source = term.kind === "variable" ? values.source(term.variable) : undefined;
        if (source?.kind === "lattice" && source.by === atom && source.column === column) continue;
        this.addLattice(atom, atom.span);
      }
      if (!values.constant(term)) this.leave(term, atom.span, values, outermost);
    }
  }

  /** Adds the points of what keeps a term from staying, or from going in the right order. */
  private leave(
    term: Term,
    span: Span,
    values: RuleValues,
    outermost: readonly Literal[],
    ordered = false,
  ): void {
    const unclaimed = values.calls(term).filter(({ user }) => !this.claimed.has(user.name));
    if (ordered && unclaimed.length > 0) {
      for (const { user, span: at } of unclaimed) {
        const message = `nothing claims that functor @${user.name} keeps the order`;
        const hint = `if it does, claim it: \`.calm monotone ${user.name}\``;
        this.add("laws", at, message, user.stateful ? {} : { hint });
      }
      return;
    }
    const causes = values.causes(term);
    for (const cause of causes) {
      if (cause.kind === "aggregate") this.addAggregate(cause, values, outermost);
      else if (cause.kind === "atom") this.addLattice(cause, ordered ? span : cause.span);
      else this.add("lattice", cause.span, "a value that changes is enumerated");
    }
    if (causes.length === 0) this.add("lattice", span, "too little is known of a value");
  }

  private addLattice(atom: Literal & { readonly kind: "atom" }, span: Span): void {
    const { name = "", lattices = [] } = this.program.relations[atom.relation] ?? {};
    const of = lattices.map((lattice) => lattice.name).join(", ");
    const message = `a value of "${name}" leaves its lattice ${of}`;
    const hint =
      "keep it in an attribute of the lattice, or compare it with what stays, " +
      "in the way in which it grows";
    this.add("lattice", span, message, { reads: atom.relation, hint });
  }

  private addAggregate(
    literal: Literal & { readonly kind: "aggregate" },
    values: RuleValues,
    outermost: readonly Literal[],
  ): void {
    const reads = this.readByAggregate(literal);
    const over = reads === undefined ? "" : ` over "${this.name(reads)}"`;
    const what = literal.name === "fold" ? `@@${literal.fold?.user.name ?? ""}` : literal.name;
    const message = `it uses a \`${what}\`${over} in a way that more tuples take back`;
    const scopes = scopesOf(literal, [outermost]) ?? [outermost];
    const hint = aggregateHints[literal.name];
    const seen = { ...(reads !== undefined && { reads }), ...(hint !== undefined && { hint }) };
    const details = { ...seen, literal, scopes, values };
    this.add("aggregate", literal.span, message, details);
  }

  private readByAggregate({ body }: Literal & { readonly kind: "aggregate" }): number | undefined {
    let found: number | undefined;
    visitLiterals(body, (literal) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      if (this.facts.closed[literal.relation] !== true) found ??= literal.relation;
    });
    return found;
  }

  private orderOfEvaluation(rule: Rule): void {
    const check = (term: Term, span: Span): void => {
      const reason = orderDependence(term);
      if (reason !== undefined)
        this.add("order", term.kind === "functor" ? term.span : span, reason, {
          hint: "use a value of the facts themselves as an identity",
        });
      for (const part of partsOf(term)) check(part, span);
    };
    for (const term of rule.head.terms) check(term, rule.span);
    if (rule.location !== undefined) check(rule.location, rule.span);
    visitLiterals(rule.body, (literal) => {
      for (const term of ownTerms(literal)) check(term, literal.span);
    });
  }

  /** Guarded asynchrony: an event is joined with what never changes, or with nothing. */
  private arrivals({ body }: Rule): void {
    const { closed, ephemeral } = this.facts;
    const events: { readonly literal: Literal & { relation: RelationAt }; alone: boolean }[] = [];
    let others = 0;
    visitLiterals(body, (literal, aggregate) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const { relation } = literal;
      const alone = literal.kind === "atom" && aggregate === undefined && !this.gathers(literal);
      if (ephemeral[relation] === true) events.push({ literal, alone });
      else if (this.program.relations[relation]?.place?.system === undefined)
        if (closed[relation] !== true) others++;
    });
    const [first] = events;
    if (first === undefined || (events.length === 1 && others === 0 && first.alone)) return;
    const { relation: reads, span } = first.literal;
    const name = this.name(reads);
    const message = first.alone
      ? `it joins "${name}", which is there for one step, with what may come before or after`
      : `what it finds of "${name}" in one step depends on what arrives together`;
    const hint = `keep it: derive a \`memory\` relation from "${name}" alone, and read that`;
    this.add("arrival", span, message, { reads, hint });
  }

  /** Whether an atom reads what several tuples of one step make together and none does alone:
   * the join of sets, of maps, of bits, or of two attributes. That of numbers is the greatest
   * of them. */
  private gathers({ relation, terms }: Literal & { readonly kind: "atom" }): boolean {
    const { attributes = [], lattices = [] } = this.program.relations[relation] ?? {};
    const keys = attributes.length - lattices.length;
    const read = lattices.filter((_, at) => terms[keys + at]?.kind !== "anonymous");
    return read.length > 1 || read.some((lattice) => !chains.has(orderOf(lattice) ?? ""));
  }

  private orderedReads({ body }: Rule): void {
    visitLiterals(body, (literal) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const { relation: reads, span } = literal;
      if (this.program.relations[reads]?.place?.ordered === undefined) return;
      const message = `it reads "${this.name(reads)}", which transactions change`;
      const hint = `say that it may: \`.calm ordered ${this.name(this.head)} "…"\``;
      this.add("ordered", span, message, { reads, hint });
    });
  }

  private rely(values: RuleValues, term: Term, order: Parameters<RuleValues["keeps"]>[1]): void {
    for (const law of lawsOf(values, term, order, this.program))
      this.laws.set(JSON.stringify(nameOfLaw(law)), law);
  }

  private add(kind: PointKind, span: Span, reason: string, details: Details = {}): void {
    const { reads, hint, literal, scopes = [], values } = details;
    const relation = this.head;
    const place = `${span.source.path} ${span.start} ${span.end}`;
    const key = `${kind} ${relation} ${reads ?? ""} ${this.rule ?? ""} ${place} ${reason}`;
    if (this.found.has(key)) return;
    const message = `relation "${this.name(relation)}" is not proved monotone: ${reason}`;
    const point: FoundPoint["point"] = {
      ...{ kind, relation, span, message },
      ...(reads !== undefined && { reads }),
      ...(this.rule !== undefined && { rule: this.rule }),
      ...(hint !== undefined && { hint }),
    };
    this.found.set(key, {
      ...{ point, scopes },
      ...(literal !== undefined && { literal }),
      ...(values !== undefined && { values }),
    });
  }

  private name(at: RelationAt): string {
    return this.program.relations[at]?.name ?? "";
  }
}

type Scopes = readonly (readonly Literal[])[];

/** The orders in which the join of two values is one of them. */
const chains: ReadonlySet<string> = new Set(["up", "down", "truth-up", "truth-down"]);

const aggregateHints = {
  count: "compare it by `>=` with what stays, or count into a `Max<>` attribute",
  sum: "compare it by `>=` with what stays, and bound its terms: `0 <= x, x <= 1000000`",
  max: "compare it by `>=` with what stays, or keep it in a `Max<>` attribute",
  min: "compare it by `<=` with what stays, or keep it in a `Min<>` attribute",
  mean: undefined,
  fold: undefined,
} as const;

/** Whether an equation gives a variable its value, and so tests nothing. */
function binds(literal: Literal & { readonly kind: "comparison" }, values: RuleValues): boolean {
  return [literal.left, literal.right].some((term) => {
    if (term.kind !== "variable") return false;
    const source = values.source(term.variable);
    return source?.kind === "term" && source.by === literal;
  });
}

/** The bodies around a literal; undefined where it is not in the last of them. */
function scopesOf(literal: Literal, scopes: Scopes): Scopes | undefined {
  const body = scopes.at(-1) ?? [];
  if (body.includes(literal)) return scopes;
  for (const inner of body) {
    if (inner.kind !== "aggregate") continue;
    const found = scopesOf(literal, [...scopes, inner.body]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOfLaw({ span: _, ...law }: Law): object {
  return law;
}
