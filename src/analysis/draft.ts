// A rule between syntax and `Program`: names are resolved and clauses taken apart, but the kinds of
// terms are still classes that inference narrows.
import type { Span } from "../base/source.ts";
import type { NumberNode, PlanNode } from "../syntax/tree.ts";
import type { Aggregate, Comparison, Functor, SymbolTest } from "../value/operator.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { DeclaredFunctor } from "./functor-declarations.ts";
import type { ClassAt, Kinds } from "./kinds.ts";
import type { DeclaredShape, DeclaredType } from "./type-system.ts";

/** A rule of one head and one conjunction whose kinds are classes of `kinds`. */
export type DraftRule = {
  readonly kinds: Kinds;
  readonly variables: readonly DraftVariable[];
  readonly head: { readonly relation: DeclaredRelation; readonly terms: readonly DraftTerm[] };
  readonly headSpan: Span;
  readonly when?: "next" | "later";
  readonly removes?: true;
  /** The node at which the head holds. */
  readonly location?: DraftTerm;
  readonly body: readonly DraftLiteral[];
  readonly plan: PlanNode | undefined;
  readonly span: Span;
};

/** A variable; `span` is where it first occurs. */
export type DraftVariable = { readonly name: string; readonly type: ClassAt; readonly span: Span };

/** A term with the class of its kind. */
export type DraftTerm = { readonly type: ClassAt; readonly span: Span } & (
  | { readonly kind: "variable"; readonly variable: number }
  | { readonly kind: "anonymous" }
  | { readonly kind: "number"; readonly node: NumberNode }
  | { readonly kind: "string"; readonly value: string }
  /** `plus` is addition, or concatenation where its operands are symbols. `of` is the class of its
   * operands. */
  | {
      readonly kind: "functor";
      readonly name: Functor | "plus";
      readonly of: ClassAt;
      readonly arguments: readonly DraftTerm[];
    }
  | {
      readonly kind: "user-functor";
      readonly functor: DeclaredFunctor;
      readonly arguments: readonly DraftTerm[];
    }
  | { readonly kind: "cast"; readonly of: DraftTerm; readonly to: DeclaredType }
  /** `[…]`; with `branch` a value of an algebraic data type. */
  | {
      readonly kind: "record";
      readonly branch?: DeclaredShape;
      readonly fields: readonly DraftTerm[];
    }
  | { readonly kind: "nil" }
  | { readonly kind: "counter" }
  | { readonly kind: "iteration" }
  /** A term that was refused. */
  | { readonly kind: "refused" }
);

/** A literal, as in `Program`. */
export type DraftLiteral = { readonly span: Span } & (
  | {
      readonly kind: "atom" | "negation";
      readonly relation: DeclaredRelation;
      readonly terms: readonly DraftTerm[];
    }
  | {
      readonly kind: "comparison";
      readonly operator: Comparison;
      readonly left: DraftTerm;
      readonly right: DraftTerm;
    }
  | {
      readonly kind: "test";
      readonly word: SymbolTest;
      readonly negated: boolean;
      readonly left: DraftTerm;
      readonly right: DraftTerm;
    }
  | { readonly kind: "boolean"; readonly value: boolean }
  | {
      readonly kind: "range";
      readonly variable: number;
      readonly from: DraftTerm;
      readonly to: DraftTerm;
      readonly step?: DraftTerm;
    }
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly name: Aggregate;
      readonly value?: DraftTerm;
      readonly fold?: { readonly functor: DeclaredFunctor; readonly start: DraftTerm };
      readonly body: readonly DraftLiteral[];
    }
);
