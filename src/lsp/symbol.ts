// What names in a program stand for, and where each is written.
import type { Span } from "../base/source.ts";
import type {
  AtomNode,
  BranchDeclarationNode,
  ClauseNode,
  ItemNode,
  SealNode,
  SubsumptionNode,
  TypeNode,
} from "../syntax/tree.ts";

/** The kinds of what is named. A `parameter` is a component's. */
export type SymbolKind =
  | "relation"
  | "attribute"
  | "type"
  | "lattice"
  | "branch"
  | "functor"
  | "component"
  | "parameter"
  | "instance"
  | "transaction"
  | "variable";

/** What an occurrence does with its symbol: a `head` derives tuples, all else is a `use`. */
export type Role = "declaration" | "head" | "use";

/** One place where a symbol is named. Where a macro made the name the text there is another. */
export type Occurrence = {
  readonly symbol: NamedSymbol;
  readonly span: Span;
  readonly role: Role;
};

/** What a name stands for. A relation that is used and never declared is a symbol without a
 * declaration. */
export type NamedSymbol = {
  readonly kind: SymbolKind;
  readonly name: string;
  /** The names of the components around it, the outermost first. */
  readonly within: readonly string[];
  /** The item that declares it; for a variable the clause or transaction that it is local to. */
  readonly item?: ItemNode;
  /** The declared type of an attribute, or of a transaction's parameter. */
  readonly type?: TypeNode;
  readonly branch?: BranchDeclarationNode;
  /** All places, in the order of reading. */
  readonly occurrences: Occurrence[];
};

/** What has variables of its own. */
export type Clause = ClauseNode | SubsumptionNode | SealNode;

/** A clause with its atoms, those in aggregates included, and what each stands for. */
export type IndexedClause = {
  readonly clause: Clause;
  readonly variables: ReadonlyMap<string, NamedSymbol>;
  readonly atoms: readonly {
    readonly atom: AtomNode;
    readonly relation: NamedSymbol | undefined;
    readonly role: Role;
  }[];
};

/** Returns the place where a symbol is declared, undefined for one that is not. */
export function declarationOf({ occurrences }: NamedSymbol): Span | undefined {
  return occurrences.find(({ role }) => role === "declaration")?.span;
}

/** Returns the name with the components around it: `Graph.edge`. */
export function fullName({ name, within }: NamedSymbol): string {
  return [...within, name].join(".");
}
