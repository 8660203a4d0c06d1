// What gives the variables of a rule their values, and which bounds comparisons set them.
import type { Comparison } from "../value/operator.ts";
import { type Order, orderOf } from "./monotone-orders.ts";
import type { Literal, Relation, RelationAt, Term } from "./program.ts";
import { hasAnonymous, visitPattern } from "./terms.ts";
import { visitTerm } from "./work-rule.ts";

/** The literals of a kind. */
export type Of<Kind extends Literal["kind"]> = Literal & { readonly kind: Kind };

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

/** A bound that a comparison with a literal gives a variable. */
export type Bound = {
  readonly side: "lower" | "upper";
  readonly value: bigint | number;
  readonly open: boolean;
};

/** The sources and bounds of the variables of a rule, those of its aggregates included. */
export class Sources {
  private readonly relations: readonly Relation[];
  private readonly sources = new Map<number, Source>();
  /** The bodies in which variables are bound. */
  private readonly scopes = new Map<number, readonly Literal[]>();
  private readonly bounds = new Map<number, Bound[]>();

  constructor(body: readonly Literal[], relations: readonly Relation[]) {
    this.relations = relations;
    this.bind(body);
  }

  /** What gives a variable its value. */
  get(variable: number): Source | undefined {
    return this.sources.get(variable);
  }

  /** All variables that have one, each after those that it comes from, but for aggregates. */
  entries(): Iterable<[number, Source]> {
    return this.sources;
  }

  /** What literals a variable is compared with. */
  boundsOf(variable: number): readonly Bound[] {
    return this.bounds.get(variable) ?? [];
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
    const { attributes = [], lattices = [] } = this.relations[atom.relation] ?? {};
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

/** A comparison with its sides exchanged. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  ...{ "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" },
};

/** Whether a value is of a kind of numbers. */
export function isNumeric(value: unknown): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}
