// What the parser makes of a text: the whole surface language, Soufflé's and ours, before any
// meaning. Every node has a span of the author's text. Comments are kept beside the items. The file
// is longer than most because it is the one list of all constructs.
import type { Span } from "../base/source.ts";

/** A parsed text. Items stand in the order of reading, with included files in place. */
export type SyntaxTree = {
  readonly items: readonly ItemNode[];
  readonly comments: readonly CommentNode[];
};

/** A comment with its delimiters. */
export type CommentNode = { readonly text: string; readonly span: Span };

/** What can stand at the top level and inside a component. The annotations of an item are those
 * before it, and the inner ones at its start. */
export type ItemNode =
  | RelationDeclarationNode
  | DebugDeltaNode
  | TypeDeclarationNode
  | LatticeDeclarationNode
  | FunctorDeclarationNode
  | DirectiveNode
  | ClauseNode
  | SubsumptionNode
  | ComponentNode
  | InstanceNode
  | OverrideNode
  | PragmaNode
  | SealNode
  | TransactionNode
  | ContractNode
  | ExpectationNode;

/** An item that stands for itself. The others describe components; analysis makes copies of what
 * these hold, in which a name's text may have dots. */
export type FlatItemNode = Exclude<ItemNode, ComponentNode | InstanceNode | OverrideNode>;

/** A name as written, with its place. */
export type NameNode = { readonly text: string; readonly span: Span };

/** `a.b.c`: one or more parts. */
export type QualifiedNameNode = { readonly parts: readonly NameNode[]; readonly span: Span };

/** `Map<Key, Max<>>`: a type's name with arguments; `arguments` is undefined without `<…>`. */
export type TypeNode = {
  readonly name: QualifiedNameNode;
  readonly arguments?: readonly TypeNode[];
  readonly span: Span;
};

/** `x: number`. */
export type AttributeNode = Annotated & {
  readonly name: NameNode;
  readonly type: TypeNode;
  readonly span: Span;
};

/** `@[key = tokens]`, `@![…]`, or a documentation comment (`key` is then `doc`): `///` is about
 * what follows, `//!` an inner one, about what it stands in. */
export type AnnotationNode = {
  readonly key: string;
  readonly value: string;
  readonly inner: boolean;
  readonly span: Span;
};

/** What may have annotations; undefined where there are none. */
export type Annotated = { readonly annotations?: readonly AnnotationNode[] };

// ---- declarations ----

/** `.decl a, b(x: T, …) qualifier … choice-domain k, (k, l)`. */
export type RelationDeclarationNode = {
  readonly kind: "relation";
  readonly names: readonly NameNode[];
  readonly attributes: readonly AttributeNode[];
  readonly qualifiers: readonly QualifierNode[];
  readonly choices: readonly ChoiceNode[];
  readonly annotations: readonly AnnotationNode[];
  readonly span: Span;
};

/** A word after a declaration's attributes. `keys` is undefined unless the word takes `(x, …)`. */
export type QualifierNode = {
  readonly word: QualifierWord;
  readonly keys?: readonly NameNode[];
  readonly span: Span;
};

/** Soufflé's qualifiers, then calmdb's. The latter are words of a context, not reserved. */
export const qualifierWords = [
  "input",
  "output",
  "printsize",
  "overridable",
  "inline",
  "no_inline",
  "magic",
  "no_magic",
  "brie",
  "btree",
  "btree_delete",
  "eqrel",
  "message",
  "event",
  "memory",
  "system",
  "partition",
  "snapshot",
  "ordered",
] as const;

/** One of `qualifierWords`; `partition` and `ordered` take keys. */
export type QualifierWord = (typeof qualifierWords)[number];

/** One functional dependency of `choice-domain`: these attributes determine the tuple. */
export type ChoiceNode = { readonly keys: readonly NameNode[]; readonly span: Span };

/** `.decl d = debug_delta(r)`. */
export type DebugDeltaNode = Annotated & {
  readonly kind: "debug-delta";
  readonly name: NameNode;
  readonly of: QualifiedNameNode;
  readonly span: Span;
};

/** `.type N <: T`, `.type N = T | …`, `.type N = […]`, `.type N = A {…} | …`, and the old forms. */
export type TypeDeclarationNode = {
  readonly kind: "type";
  readonly name: NameNode;
  readonly definition: TypeDefinitionNode;
  readonly annotations: readonly AnnotationNode[];
  readonly span: Span;
};

/** What a type is declared to be. `union` with one member is an alias; `legacy` is `.type N`
 * (symbol), `.symbol_type N`, `.number_type N`. */
export type TypeDefinitionNode =
  | { readonly kind: "subset"; readonly of: TypeNode }
  | { readonly kind: "union"; readonly members: readonly TypeNode[] }
  | { readonly kind: "record"; readonly fields: readonly AttributeNode[] }
  | { readonly kind: "adt"; readonly branches: readonly BranchDeclarationNode[] }
  | { readonly kind: "legacy"; readonly base: "number" | "symbol"; readonly word: string };

/** `Leaf {value: number}`. */
export type BranchDeclarationNode = Annotated & {
  readonly name: NameNode;
  readonly fields: readonly AttributeNode[];
  readonly span: Span;
};

/** `.lattice T<> { Bottom -> e, Lub -> @f(_, _), … }`. */
export type LatticeDeclarationNode = Annotated & {
  readonly kind: "lattice";
  readonly name: NameNode;
  readonly members: readonly { readonly name: NameNode; readonly value: TermNode }[];
  readonly span: Span;
};

/** `.functor f(x: T, …): T stateful`; parameters may be unnamed. */
export type FunctorDeclarationNode = Annotated & {
  readonly kind: "functor";
  readonly name: NameNode;
  readonly parameters: readonly (Annotated & {
    readonly name?: NameNode;
    readonly type: TypeNode;
  })[];
  readonly result: TypeNode;
  readonly stateful: boolean;
  readonly span: Span;
};

/** `.input r, s(IO=file, …)` and its three sisters. */
export type DirectiveNode = Annotated & {
  readonly kind: "directive";
  readonly word: "input" | "output" | "printsize" | "limitsize";
  readonly relations: readonly QualifiedNameNode[];
  readonly parameters: readonly DirectiveParameterNode[];
  readonly span: Span;
};

/** `key=value`; `text` is the value without quotes and escapes. */
export type DirectiveParameterNode = {
  readonly key: NameNode;
  readonly value: { readonly text: string; readonly quoted: boolean; readonly span: Span };
};

/** `.comp C<T> : Base<T>, … { … }`. */
export type ComponentNode = Annotated & {
  readonly kind: "component";
  readonly type: ComponentTypeNode;
  readonly bases: readonly ComponentTypeNode[];
  readonly items: readonly ItemNode[];
  readonly span: Span;
};

/** `C<T, U>`. */
export type ComponentTypeNode = {
  readonly name: NameNode;
  readonly parameters: readonly QualifiedNameNode[];
  readonly span: Span;
};

/** `.init x = C<number>`. */
export type InstanceNode = Annotated & {
  readonly kind: "instance";
  readonly name: NameNode;
  readonly component: ComponentTypeNode;
  readonly span: Span;
};

/** `.override r`. */
export type OverrideNode = Annotated & {
  readonly kind: "override";
  readonly name: NameNode;
  readonly span: Span;
};

/** `.pragma "key" "value"`. */
export type PragmaNode = Annotated & {
  readonly kind: "pragma";
  readonly key: string;
  readonly value?: string;
  readonly span: Span;
};

// ---- clauses ----

/** When a head holds: `:-` in this step, `:+` in the next, `:~` at a later step, elsewhere too. */
export type ClauseOperator = ":-" | ":+" | ":~";

/** A fact (no body) or a rule. Several heads stand for several clauses. */
export type ClauseNode = {
  readonly kind: "clause";
  readonly heads: readonly HeadNode[];
  readonly operator: ClauseOperator;
  readonly body?: BodyNode;
  readonly plan?: PlanNode;
  readonly annotations: readonly AnnotationNode[];
  readonly span: Span;
};

/** `r(x)`, `+r(x)`, `-r(x)`, `r(x)@n`. What stands before a clause's first head is the clause's. */
export type HeadNode = Annotated & {
  readonly sign?: "+" | "-";
  readonly atom: AtomNode;
  readonly location?: TermNode;
  readonly span: Span;
};

/** `r(x, d1) <= r(x, d2) :- body.` The first is dropped where the second holds. */
export type SubsumptionNode = Annotated & {
  readonly kind: "subsumption";
  readonly dominated: AtomNode;
  readonly dominating: AtomNode;
  readonly body: BodyNode;
  readonly plan?: PlanNode;
  readonly span: Span;
};

/** `.plan 0:(2,1), 1:(1,2)`: for each version, the order of the positive atoms, from 1. */
export type PlanNode = {
  readonly versions: readonly {
    readonly version: number;
    readonly order: readonly number[];
    readonly span: Span;
  }[];
  readonly span: Span;
};

/** `.seal r(k) :- body.` */
export type SealNode = Annotated & {
  readonly kind: "seal";
  readonly atom: AtomNode;
  readonly body?: BodyNode;
  readonly span: Span;
};

/** `.transaction t(x: T, …) { clause … }`; an `abort("…")` head is an atom named `abort`. */
export type TransactionNode = Annotated & {
  readonly kind: "transaction";
  readonly name: NameNode;
  readonly parameters: readonly AttributeNode[];
  readonly clauses: readonly ClauseNode[];
  readonly span: Span;
};

/** `.calm monotone r`, `.calm ordered r "why"`, `.calm coordinating "why"`, `.calm level F1`. */
export type ContractNode = Annotated & {
  readonly kind: "contract";
  readonly claim: "monotone" | "ordered" | "coordinating" | "level";
  readonly relation?: QualifiedNameNode;
  readonly level?: NameNode;
  readonly reason?: string;
  readonly span: Span;
};

/** `.expect r { (1, 2), (2, 3) }`: what a test wants `r` to hold. */
export type ExpectationNode = Annotated & {
  readonly kind: "expectation";
  readonly relation: QualifiedNameNode;
  readonly tuples: readonly { readonly terms: readonly TermNode[]; readonly span: Span }[];
  readonly span: Span;
};

// ---- bodies ----

/** What a clause's body is made of. `,` binds tighter than `;`. A `conjunction` or `disjunction`
 * has two or more members, and none of its own kind (the parser flattens). */
export type BodyNode =
  | { readonly kind: "conjunction"; readonly members: readonly BodyNode[]; readonly span: Span }
  | { readonly kind: "disjunction"; readonly members: readonly BodyNode[]; readonly span: Span }
  | { readonly kind: "negation"; readonly of: BodyNode; readonly span: Span }
  | AtomNode
  | ComparisonNode
  | { readonly kind: "boolean"; readonly value: boolean; readonly span: Span }
  | {
      readonly kind: "test";
      readonly word: "match" | "contains";
      readonly left: TermNode;
      readonly right: TermNode;
      readonly span: Span;
    };

/** `r(x, 1)`. */
export type AtomNode = {
  readonly kind: "atom";
  readonly relation: QualifiedNameNode;
  readonly terms: readonly TermNode[];
  readonly span: Span;
};

/** The comparisons, as written. */
export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** `x < y + 1`. */
export type ComparisonNode = {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  readonly left: TermNode;
  readonly right: TermNode;
  readonly span: Span;
};

// ---- terms ----

/** Binary operators on terms, loosest first; `^` binds to the right, the others to the left. */
export const binaryOperators = [
  ["lor"],
  ["lxor"],
  ["land"],
  ["bor"],
  ["bxor"],
  ["band"],
  ["bshl", "bshr", "bshru"],
  ["+", "-"],
  ["*", "/", "%"],
  ["^"],
] as const;

/** One of `binaryOperators`. */
export type BinaryOperator = (typeof binaryOperators)[number][number];

/** `-` folds into a numeric literal that follows it. All bind tighter than `*`, looser than `^`. */
export type UnaryOperator = "-" | "bnot" | "lnot";

/** Functors that the language names, called as `name(…)`. `min` and `max` with parentheses are
 * functors; without, aggregates. `autoinc()` is also written `$`. The last are calmdb's, and words
 * like any other: a term that is one with parentheses is a functor. */
export const functorNames = [
  "cat",
  "ord",
  "range",
  "strlen",
  "substr",
  "to_float",
  "to_number",
  "to_string",
  "to_unsigned",
  "min",
  "max",
  "autoinc",
  "recursive_iteration_cnt",
  "singleton",
  "size",
  "at",
] as const;

/** One of `functorNames`. */
export type FunctorName = (typeof functorNames)[number];

/** The aggregates. */
export type AggregateName = "count" | "sum" | "min" | "max" | "mean";

/** What stands for a value. Parentheses leave no node; the printer puts back what is needed. */
export type TermNode =
  | { readonly kind: "variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "anonymous"; readonly span: Span }
  | NumberNode
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "nil"; readonly span: Span }
  | { readonly kind: "record"; readonly fields: readonly TermNode[]; readonly span: Span }
  | BranchNode
  | UnaryNode
  | BinaryNode
  | FunctorNode
  | UserFunctorNode
  | { readonly kind: "cast"; readonly of: TermNode; readonly type: TypeNode; readonly span: Span }
  | AggregateNode
  | UserAggregateNode;

/** A numeric literal. `text` is canonical: decimal, `0x…`, `0b…`, `a.b.c.d` (IPv4) or `1.5`, with
 * a leading `-` where the sign was folded in, and without the suffix `u`, which sets `unsigned`. */
export type NumberNode = {
  readonly kind: "number";
  readonly text: string;
  readonly form: "integer" | "float" | "ipv4";
  readonly unsigned: boolean;
  readonly span: Span;
};

/** `$Branch(x, …)`. The parentheses stand there also where there is nothing in them. */
export type BranchNode = {
  readonly kind: "branch";
  readonly name: QualifiedNameNode;
  readonly fields: readonly TermNode[];
  readonly span: Span;
};

/** `-x`, `bnot x`, `lnot x`. */
export type UnaryNode = {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly of: TermNode;
  readonly span: Span;
};

/** `x + y`. */
export type BinaryNode = {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: TermNode;
  readonly right: TermNode;
  readonly span: Span;
};

/** `cat(x, y)`. */
export type FunctorNode = {
  readonly kind: "functor";
  readonly name: FunctorName;
  readonly arguments: readonly TermNode[];
  readonly span: Span;
};

/** `@f(x)`. */
export type UserFunctorNode = {
  readonly kind: "user-functor";
  readonly name: NameNode;
  readonly arguments: readonly TermNode[];
  readonly span: Span;
};

/** `sum x : { r(x, y), y > 1 }`; `value` is undefined for `count`. */
export type AggregateNode = {
  readonly kind: "aggregate";
  readonly name: AggregateName;
  readonly value?: TermNode;
  readonly body: BodyNode;
  readonly span: Span;
};

/** `@@f x : start, { body }`. */
export type UserAggregateNode = {
  readonly kind: "user-aggregate";
  readonly name: NameNode;
  readonly value: TermNode;
  readonly start: TermNode;
  readonly body: BodyNode;
  readonly span: Span;
};
