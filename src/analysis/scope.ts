// Which variable a name stands for. A rule is a scope, and so is each aggregate in it: a name that
// occurs around an aggregate (but in no other aggregate) is that variable there, any other its own.
// So is, in `x = max x : r(x)`, the name of the result, where nothing else binds that.
import type { Span } from "../base/source.ts";
import type { AggregateNode, TermNode, UserAggregateNode } from "../syntax/tree.ts";
import type { LiteralNode } from "./disjunction.ts";

/** A name in one scope. */
export type Name = {
  readonly variable: number;
  /** How many literals could give it values: atoms that have it as an argument or in
   * a record there, and equations. */
  binders: number;
};

/** The names of a rule or of an aggregate. */
export class Scope {
  private readonly names = new Map<string, Name>();
  private readonly parent: Scope | undefined;
  private readonly declare: (name: string, span: Span) => number;
  private readonly hidden: string | undefined;

  /** `declare` makes a variable of the rule; the parent's variable `hidden` is not seen here. */
  constructor(
    parent: Scope | undefined,
    declare: (name: string, span: Span) => number,
    hidden?: string,
  ) {
    this.parent = parent;
    this.declare = declare;
    this.hidden = hidden;
  }

  /** Returns the variable that a name stands for here. */
  variable(name: string): number | undefined {
    const own = this.names.get(name)?.variable;
    return own ?? (name === this.hidden ? undefined : this.parent?.variable(name));
  }

  /** Whether a name is of this scope and nothing but one equation could give it values. */
  boundOnce(name: string): boolean {
    return this.names.get(name)?.binders === 1;
  }

  /** Adds the names that occur in these terms, outside of aggregates. */
  addTerms(terms: readonly TermNode[]): void {
    const add = (name: string, span: Span) => {
      if (this.variable(name) === undefined)
        this.names.set(name, { variable: this.declare(name, span), binders: 0 });
    };
    for (const term of terms) visitVariables(term, add);
  }

  /** Adds the names that occur in these literals, outside of aggregates. */
  addLiterals(literals: readonly LiteralNode[]): void {
    for (const { node, negated } of literals) {
      if (node.kind === "boolean") continue;
      if (node.kind === "atom") {
        this.addTerms(node.terms);
        if (!negated) this.countBinders(node.terms);
      } else {
        this.addTerms([node.left, node.right]);
        const binding = node.kind === "comparison" && node.operator === (negated ? "!=" : "=");
        if (binding) this.countBinders([node.left, node.right]);
      }
    }
  }

  private countBinders(terms: readonly TermNode[]): void {
    for (const term of terms) {
      if (term.kind === "record" || term.kind === "branch") this.countBinders(term.fields);
      if (term.kind !== "variable") continue;
      const name = this.names.get(term.name);
      if (name !== undefined) name.binders++;
    }
  }
}

/** Calls `visit` for each variable in a term, in the order of reading; those in aggregates are left
 * out unless `aggregates` is given, which is called for each. */
export function visitVariables(
  term: TermNode,
  visit: (name: string, span: Span) => void,
  aggregates?: (aggregate: AggregateNode | UserAggregateNode) => void,
): void {
  switch (term.kind) {
    case "variable":
      visit(term.name, term.span);
      return;
    case "binary":
      visitVariables(term.left, visit, aggregates);
      visitVariables(term.right, visit, aggregates);
      return;
    case "unary":
    case "cast":
      visitVariables(term.of, visit, aggregates);
      return;
    case "functor":
    case "user-functor":
      for (const argument of term.arguments) visitVariables(argument, visit, aggregates);
      return;
    case "record":
    case "branch":
      for (const field of term.fields) visitVariables(field, visit, aggregates);
      return;
    case "aggregate":
      aggregates?.(term);
      return;
    case "user-aggregate":
      visitVariables(term.start, visit, aggregates);
      aggregates?.(term);
      return;
    case "anonymous":
    case "number":
    case "string":
    case "nil":
      return;
  }
}
