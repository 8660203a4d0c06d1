// In which order the values of a rule's variables go as facts are added. A variable at an ordinary
// column stays, as the tuple stays; at the column of a lattice it goes up the lattice with its row.
import type { Comparison } from "../value/operator.ts";
import { functors } from "../value/operator.ts";
import type { Literal, Relation, RelationAt, Rule, Term } from "./program.ts";
import { type Keeping, keepingsOf, type Order, opposite, orderOf } from "./monotone-orders.ts";
import { plainOrders, type Requirement, requirementAt } from "./monotone-orders.ts";
import { hasAnonymous, partsOf, visitPattern } from "./terms.ts";
import { visitTerm } from "./work-rule.ts";

type Of<Kind extends Literal["kind"]> = Literal & { readonly kind: Kind };

/** The application of a functor that the program declares. */
export type UserCall = Extract<Term, { readonly name: "user" }>;

/** What gives a variable its value. */
export type Source =
  /** A column of a tuple that stays. */
  | {
      readonly kind: "column";
      readonly by: Literal;
      readonly read: RelationAt;
      readonly column: number;
    }
  /** The column of a lattice; no order where the lattice is none. */
  | {
      readonly kind: "lattice";
      readonly by: Literal;
      readonly order: Order | undefined;
      readonly column: number;
    }
  | { readonly kind: "term"; readonly by: Literal; readonly term: Term }
  /** A part of what the term is. */
  | { readonly kind: "part"; readonly by: Literal; readonly term: Term }
  | { readonly kind: "range"; readonly by: Of<"range"> }
  | { readonly kind: "aggregate"; readonly by: Of<"aggregate"> };

/** What the values of a rule depend on beside the rule. */
export type ValueContext = {
  readonly relations: readonly Relation[];
  readonly closed: readonly boolean[];
  /** The functors that the text claims to be monotone. */
  readonly claimed: ReadonlySet<string>;
};

/** A bound that a comparison with a literal gives a variable. */
type Bound = {
  readonly side: "lower" | "upper";
  readonly value: bigint | number;
  readonly open: boolean;
};

/** How far values are followed from one variable to the next. */
const depthMax = 200;

/** How the values of one rule change as facts are added. */
export class RuleValues {
  private readonly context: ValueContext;
  private readonly unsigned: readonly boolean[];
  private readonly sources = new Map<number, Source>();
  private readonly bounds = new Map<number, Bound[]>();
  private readonly constants = new Map<number, boolean>();
  private readonly kept = new Map<string, boolean>();
  private readonly termsKept = new Map<Term, Map<Order, boolean>>();
  private readonly signs = new Map<Term | number, boolean>();
  /** The bodies in which variables are bound. */
  private readonly scopes = new Map<number, readonly Literal[]>();
  private readonly orders: readonly Order[];
  private depth = 0;

  constructor(rule: Rule, context: ValueContext) {
    this.context = context;
    this.unsigned = rule.variables.map(({ kind }) => kind === "unsigned");
    this.bind(rule.body);
    const named = [...this.sources.values()].flatMap((source) =>
      source.kind === "lattice" && source.order !== undefined ? withinMaps(source.order) : [],
    );
    this.orders = [...new Set([...plainOrders, ...named])];
    // In the order in which they are bound, so that no step goes far.
    for (const variable of this.sources.keys()) {
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

  /** Whether the value of a term is never below zero, nor NaN. */
  notNegative(term: Term): boolean {
    const of = term.kind === "variable" ? term.variable : term;
    const known = this.signs.get(of);
    if (known !== undefined) return known;
    const found = this.deeper(() => this.signKnown(term));
    this.signs.set(of, found);
    return found;
  }

  /** Whether the value of a term is a float that is not NaN, or no float. */
  comparable(term: Term): boolean {
    if (term.kind === "constant") return !Number.isNaN(term.value);
    if (term.kind === "functor")
      return term.name === "min" && term.of === "float"
        ? term.arguments.some((of) => of.kind === "constant" && !Number.isNaN(of.value))
        : false;
    if (term.kind !== "variable") return false;
    if (this.bounds.has(term.variable)) return true;
    const source = this.sources.get(term.variable);
    if (source?.kind === "term") return this.deeper(() => this.comparable(source.term));
    if (source?.kind !== "aggregate") return false;
    const { name, value } = source.by;
    if (value === undefined || name === "fold") return name === "count";
    return this.deeper(() => this.comparable(value));
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

  /** With more facts there are more ways to satisfy the body, and those that were go on. A sum wraps
   * where it is not bounded: it is over fewer than 2^31 ways. */
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
        return this.notNegative(value) && (of === "float" || this.atMost(value, sumTermMax));
      case "mean":
      case "fold":
        return false;
    }
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
      const inner = order.startsWith("map ") ? (order.slice("map ".length) as Order) : undefined;
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
        return this.constant(term) && this.finite(term);
      case "not negative":
        return this.constant(term) && this.notNegative(term);
      case "not positive":
        return this.constant(term) && this.atMost(term, 0);
      case "positive":
        return this.constant(term) && this.above(term, 0);
      case "finite and positive":
        return this.constant(term) && this.finite(term) && this.above(term, 0);
    }
  }

  private finite(term: Term): boolean {
    if (term.kind === "constant") return Number.isFinite(Number(term.value));
    const sides = ["lower", "upper"] as const;
    return sides.every((side) =>
      this.bounded(term, side, (value) => Number.isFinite(Number(value))),
    );
  }

  private atMost(term: Term, most: number): boolean {
    if (term.kind === "constant") return isNumeric(term.value) && term.value <= most;
    return this.bounded(term, "upper", (value) => value <= most);
  }

  private above(term: Term, bound: number): boolean {
    if (term.kind === "constant") return isNumeric(term.value) && term.value > bound;
    return this.bounded(term, "lower", (value, open) => value > bound || (open && value >= bound));
  }

  private bounded(
    term: Term,
    side: Bound["side"],
    holds: (value: bigint | number, open: boolean) => boolean,
  ): boolean {
    if (term.kind !== "variable") return false;
    const bounds = this.bounds.get(term.variable) ?? [];
    return bounds.some((of) => of.side === side && holds(of.value, of.open));
  }

  private signKnown(term: Term): boolean {
    switch (term.kind) {
      case "constant":
        return isNumeric(term.value) && term.value >= 0;
      case "variable":
        if (this.unsigned[term.variable] === true) return true;
        if (this.bounded(term, "lower", (value) => value >= 0)) return true;
        return this.variableNotNegative(term.variable);
      case "functor": {
        const { name } = term;
        if (name === "user") return term.user.result === "unsigned";
        const { result } = functors[name];
        if (name === "size" || result === "unsigned") return true;
        if (result === "same" && term.of === "unsigned") return true;
        return notNegativeStill.has(name) && term.arguments.every((of) => this.notNegative(of));
      }
      case "anonymous":
      case "record":
      case "counter":
      case "iteration":
        return false;
    }
  }

  private variableNotNegative(variable: number): boolean {
    const source = this.sources.get(variable);
    if (source?.kind === "term") return this.notNegative(source.term);
    if (source?.kind !== "aggregate") return false;
    const { name, value } = source.by;
    if (name === "count") return true;
    return (name === "max" || name === "min") && value !== undefined && this.notNegative(value);
  }

  /** Notes what binds the variables of a body and of the aggregates in it, whose own scopes see
   * these. */
  private bind(body: readonly Literal[]): void {
    const give = (variable: number, source: Source) => {
      if (this.sources.has(variable)) return;
      this.sources.set(variable, source);
      this.scopes.set(variable, body);
    };
    for (const lattices of [false, true])
      for (const of of body) if (of.kind === "atom") this.bindColumns(of, lattices, give);
    for (const by of body) {
      if (by.kind === "range") give(by.variable, { kind: "range", by });
      if (by.kind === "aggregate") give(by.variable, { kind: "aggregate", by });
    }
    const comparisons = body.filter((literal) => literal.kind === "comparison");
    this.bindByEquations(comparisons, give);
    for (const literal of comparisons) this.noteBound(literal, body);
    for (const literal of body) if (literal.kind === "aggregate") this.bind(literal.body);
  }

  private has(variable: number): boolean {
    return this.sources.has(variable);
  }

  private bindColumns(atom: Of<"atom">, ofLattices: boolean, give: Give): void {
    const { attributes = [], lattices = [] } = this.context.relations[atom.relation] ?? {};
    const keys = attributes.length - lattices.length;
    for (const [column, term] of atom.terms.entries()) {
      if (column >= keys !== ofLattices) continue;
      const lattice = lattices[column - keys];
      if (term.kind === "variable" && lattice === undefined)
        give(term.variable, { kind: "column", by: atom, read: atom.relation, column });
      else if (term.kind === "variable" && lattice !== undefined)
        give(term.variable, { kind: "lattice", by: atom, order: orderOf(lattice), column });
      else
        visitPattern(term, (variable) => {
          if (lattice !== undefined)
            give(variable, { kind: "lattice", by: atom, order: undefined, column });
          else give(variable, { kind: "part", by: atom, term: { kind: "anonymous" } });
        });
    }
  }

  private bindByEquations(comparisons: readonly Of<"comparison">[], give: Give): void {
    const open = comparisons.filter(({ operator }) => operator === "=");
    const waiting = new Map<number, Of<"comparison">[]>();
    for (const literal of open) {
      const bind = (term: Term, other: Term) => {
        const own: number[] = [];
        visitPattern(term, (variable) => {
          if (!this.has(variable)) own.push(variable);
        });
        if (own.length === 0 || hasAnonymous(other) || !this.ground(other)) return;
        for (const variable of own) {
          give(variable, {
            kind: term.kind === "variable" ? "term" : "part",
            by: literal,
            term: other,
          });
          open.push(...(waiting.get(variable) ?? []));
          waiting.delete(variable);
        }
      };
      bind(literal.left, literal.right);
      bind(literal.right, literal.left);
      for (const term of [literal.left, literal.right])
        visitTerm(term, (variable) => {
          if (this.has(variable)) return;
          const others = waiting.get(variable);
          if (others === undefined) waiting.set(variable, [literal]);
          else others.push(literal);
        });
    }
  }

  private ground(term: Term): boolean {
    let found = true;
    visitTerm(term, (variable) => {
      found &&= this.has(variable);
    });
    return found;
  }

  /** What a comparison in an aggregate says of a variable of outside holds there alone. */
  private noteBound({ operator, left, right }: Of<"comparison">, body: readonly Literal[]): void {
    const note = (variable: number, by: Comparison, value: unknown) => {
      if (!isNumeric(value) || by === "!=" || this.scopes.get(variable) !== body) return;
      const bounds = this.bounds.get(variable) ?? [];
      this.bounds.set(variable, bounds);
      const open = by === "<" || by === ">";
      if (!by.startsWith(">")) bounds.push({ side: "upper", value, open });
      if (!by.startsWith("<")) bounds.push({ side: "lower", value, open });
    };
    if (left.kind === "variable" && right.kind === "constant")
      note(left.variable, operator, right.value);
    if (right.kind === "variable" && left.kind === "constant")
      note(right.variable, mirrored[operator], left.value);
  }
}

type Give = (variable: number, source: Source) => void;

/** The greatest term of a sum that cannot wrap. */
const sumTermMax = 2 ** 31;

/** What has no negative result where it has no negative operand. */
const notNegativeStill: ReadonlySet<string> = new Set(["sat_add", "sat_mul", "min", "max", "div"]);

/** A comparison with its sides exchanged. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  ...{ "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" },
};

function isNumeric(value: unknown): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

/** An order with those of the values of its maps. */
function withinMaps(order: Order): Order[] {
  if (!order.startsWith("map ")) return [order];
  return [order, ...withinMaps(order.slice("map ".length) as Order)];
}
