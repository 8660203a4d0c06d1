// In which order the values of a rule's variables go as facts are added. A variable at an ordinary
// column stays, as the tuple stays; at the column of a lattice it goes up the lattice with its row.
import type { Domain } from "../value/schema.ts";
import type { Literal, Relation, RelationAt, Rule, Term } from "./program.ts";
import { type Keeping, keepingsOf, type Order, opposite } from "./monotone-orders.ts";
import { plainOrders, type Requirement, requirementAt, valueOrder } from "./monotone-orders.ts";
import { Sizes } from "./monotone-sizes.ts";
import { type Of, type Source, Sources } from "./monotone-sources.ts";
import { partsOf } from "./terms.ts";
import { visitTerm } from "./work-rule.ts";

/** The application of a functor that the program declares. */
export type UserCall = Extract<Term, { readonly name: "user" }>;

/** What the values of a rule depend on beside the rule. */
export type ValueContext = {
  readonly domain: Domain;
  readonly relations: readonly Relation[];
  readonly closed: readonly boolean[];
  /** The functors that the text claims to be monotone. */
  readonly claimed: ReadonlySet<string>;
};

/** How far values are followed from one variable to the next. */
const depthMax = 200;

/** How the values of one rule change as facts are added. */
export class RuleValues {
  private readonly context: ValueContext;
  private readonly sources: Sources;
  /** What is known of the size of values. */
  readonly sizes: Sizes;
  private readonly constants = new Map<number, boolean>();
  private readonly kept = new Map<string, boolean>();
  private readonly termsKept = new Map<Term, Map<Order, boolean>>();
  private readonly orders: readonly Order[];
  private depth = 0;

  constructor(rule: Rule, context: ValueContext) {
    this.context = context;
    this.sources = new Sources(rule.body, context.relations);
    this.sizes = new Sizes(rule, this.sources);
    const entries = [...this.sources.entries()];
    const named = entries.flatMap(([, source]) =>
      source.kind === "lattice" && source.order !== undefined ? withinMaps(source.order) : [],
    );
    this.orders = [...new Set([...plainOrders, ...named])];
    // In the order in which they are bound, so that no step goes far.
    for (const [variable] of entries) {
      if (this.variableStays(variable)) continue;
      for (const order of plainOrders) this.variableKeeps(variable, order);
    }
  }

  /** Whether a relation never changes. */
  closed(relation: RelationAt): boolean {
    return this.context.closed[relation] === true;
  }

  /** What gives `variable` its value. */
  source(variable: number): Source | undefined {
    return this.sources.get(variable);
  }

  /** Whether a term stays as it is. */
  constant(term: Term): boolean {
    if (term.kind !== "variable") return partsOf(term).every((part) => this.constant(part));
    return this.variableStays(term.variable);
  }

  /** Whether the value of a term goes in `order` and in no other way. */
  keeps(term: Term, order: Order): boolean {
    if (this.constant(term)) return true;
    switch (term.kind) {
      case "variable":
        return this.variableKeeps(term.variable, order);
      case "functor": {
        const known = this.termsKept.get(term) ?? new Map<Order, boolean>();
        this.termsKept.set(term, known);
        const kept = known.get(order) ?? this.functorKeeps(term, order);
        known.set(order, kept);
        return kept;
      }
      case "anonymous":
      case "constant":
      case "record":
      case "counter":
      case "iteration":
        return false;
    }
  }

  /** The order in which a term goes, if there is one and it does not stay as it is. */
  order(term: Term): Order | undefined {
    return this.orders.find((order) => this.keeps(term, order));
  }

  /** The literals that make a term not stay as it is: atoms of lattices, aggregates, ranges. */
  causes(term: Term): Literal[] {
    const found = new Set<Literal>();
    this.follow(term, (_, source) => {
      if (source !== undefined && source.kind !== "term" && source.kind !== "part")
        found.add(source.by);
    });
    return [...found];
  }

  /** The functors of the program that a term which does not stay is computed by. */
  calls(term: Term): UserCall[] {
    const found = new Set<UserCall>();
    const visit = (of: Term): void => {
      if (of.kind === "functor" && of.name === "user" && !this.constant(of)) found.add(of);
      partsOf(of).forEach(visit);
    };
    this.follow(term, visit);
    return [...found];
  }

  /** Calls `visit` for a term and those that its variables stand for, each with what gives the
   * variables their values; not for what stays as it is. */
  private follow(term: Term, visit: (term: Term, source: Source | undefined) => void): void {
    const seen = new Set<number>();
    const open = [term];
    for (const next of open) {
      visit(next, undefined);
      visitTerm(next, (variable) => {
        if (seen.has(variable) || this.variableStays(variable)) return;
        seen.add(variable);
        const source = this.sources.get(variable);
        visit({ kind: "variable", variable }, source);
        if (source?.kind === "term" || source?.kind === "part") open.push(source.term);
        if (source?.kind === "aggregate" && source.by.value !== undefined)
          open.push(source.by.value);
      });
    }
  }

  /** What an aggregate depends on beside constants: whether its result is always the same. */
  settled({ body, value, fold }: Of<"aggregate">): boolean {
    const terms = [...(value === undefined ? [] : [value]), ...(fold ? [fold.start] : [])];
    return terms.every((term) => this.constant(term)) && body.every((of) => this.still(of));
  }

  private still(literal: Literal): boolean {
    switch (literal.kind) {
      case "atom":
      case "negation":
        if (!this.closed(literal.relation)) return false;
        return literal.terms.every((term) => this.constant(term));
      case "comparison":
      case "test":
        return this.constant(literal.left) && this.constant(literal.right);
      case "boolean":
        return true;
      case "range":
        return this.rangeStays(literal);
      case "aggregate":
        return this.settled(literal);
    }
  }

  private rangeStays({ from, to, step }: Of<"range">): boolean {
    return [from, to, ...(step === undefined ? [] : [step])].every((of) => this.constant(of));
  }

  private variableStays(variable: number): boolean {
    const known = this.constants.get(variable);
    if (known !== undefined) return known;
    this.constants.set(variable, false);
    const source = this.sources.get(variable);
    const found = source !== undefined && this.deeper(() => this.sourceStays(source));
    this.constants.set(variable, found);
    return found;
  }

  private sourceStays(source: Source): boolean {
    switch (source.kind) {
      case "column":
        return true;
      case "lattice":
        return source.by.kind === "atom" && this.closed(source.by.relation);
      case "term":
      case "part":
        return this.constant(source.term);
      case "range":
        return this.rangeStays(source.by);
      case "aggregate":
        return this.settled(source.by);
    }
  }

  private variableKeeps(variable: number, order: Order): boolean {
    const key = `${variable} ${order}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    this.kept.set(key, false);
    const source = this.sources.get(variable);
    const found = source !== undefined && this.deeper(() => this.sourceKeeps(source, order));
    this.kept.set(key, found);
    return found;
  }

  /** Beyond the limit nothing is proved. */
  private deeper(holds: () => boolean): boolean {
    if (this.depth >= depthMax) return false;
    this.depth++;
    const found = holds();
    this.depth--;
    return found;
  }

  private sourceKeeps(source: Source, order: Order): boolean {
    switch (source.kind) {
      case "column":
        return true;
      case "lattice":
        return source.order === order;
      case "term":
        return this.keeps(source.term, order);
      case "aggregate":
        return this.aggregateKeeps(source.by, order);
      case "part":
      case "range":
        return false;
    }
  }

  /** With more facts there are more ways to satisfy the body, and those that were go on. A sum
   * wraps where it is not bounded: it is over fewer than 2^31 ways. */
  private aggregateKeeps({ name, of, value }: Of<"aggregate">, order: Order): boolean {
    switch (name) {
      case "count":
        return order === "up";
      case "max":
        return order === "up" && value !== undefined && this.keeps(value, order);
      case "min":
        return order === "down" && value !== undefined && this.keeps(value, order);
      case "sum":
        if (order !== "up" || value === undefined || !this.keeps(value, order)) return false;
        return this.sizes.notNegative(value) && (of === "float" || this.bounded(value));
      case "mean":
      case "fold":
        return false;
    }
  }

  private bounded(value: Term): boolean {
    return this.context.domain === 64 && this.sizes.atMost(value, sumTermMax);
  }

  private functorKeeps(term: Term & { readonly kind: "functor" }, order: Order): boolean {
    if (term.name === "user") {
      if (!this.context.claimed.has(term.user.name) || term.user.stateful) return false;
      return term.arguments.every((of) => this.constant(of) || this.order(of) !== undefined);
    }
    const [first, second] = term.arguments;
    if (term.name === "size") return order === "up" && first !== undefined && this.grows(first);
    if (term.name === "at" && first !== undefined && second !== undefined)
      return this.constant(second) && this.keeps(first, `map ${order}`);
    if (term.name === "entry" && first !== undefined && second !== undefined) {
      const inner = valueOrder(order);
      return inner !== undefined && this.constant(first) && this.keeps(second, inner);
    }
    return this.keeping(term, order) !== undefined;
  }

  /** Whether a set or a map gets elements or keys and loses none. */
  grows(term: Term): boolean {
    const order = this.constant(term) ? "union" : this.order(term);
    return order === "union" || order?.startsWith("map ") === true;
  }

  /** The row of the table by which a functor keeps an order. */
  keeping(term: Term & { readonly kind: "functor" }, order: Order): Keeping | undefined {
    const { arguments: given } = term;
    return (keepingsOf.get(term.name) ?? []).find((row) => {
      if (!row.orders.includes(order)) return false;
      if (term.name !== "user" && row.of?.some((kind) => kind === term.of) === false) return false;
      return given.every((of, at) => this.meets(of, requirementAt(row, at, given.length), order));
    });
  }

  private meets(term: Term, requirement: Requirement, order: Order): boolean {
    const other = opposite(order);
    switch (requirement) {
      case "same":
        return this.keeps(term, order);
      case "opposite":
        return other !== undefined && this.keeps(term, other);
      case "constant":
        return this.constant(term);
      case "finite":
        return this.constant(term) && this.sizes.finite(term);
      case "not negative":
        return this.constant(term) && this.sizes.notNegative(term);
      case "not positive":
        return this.constant(term) && this.sizes.atMost(term, 0);
      case "positive":
        return this.constant(term) && this.sizes.above(term, 0);
      case "finite and positive":
        return this.constant(term) && this.sizes.finite(term) && this.sizes.above(term, 0);
    }
  }
}

/** The greatest term of a sum that cannot wrap. */
const sumTermMax = 2 ** 31;

/** An order with those of the values of its maps. */
function withinMaps(order: Order): Order[] {
  const inner = valueOrder(order);
  return inner === undefined ? [order] : [order, ...withinMaps(inner)];
}
