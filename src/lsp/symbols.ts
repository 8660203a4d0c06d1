// From a syntax tree to the index of its symbols: which name stands for what, and where it is
// written. It is computed once for each version of a text; all that an editor asks reads it.
import type { ComponentNode, SyntaxTree } from "../syntax/tree.ts";
import { Indexer } from "./indexer.ts";
import type { Scope } from "./scope.ts";
import type { IndexedClause, NamedSymbol, Occurrence } from "./symbol.ts";

/** The symbols of a program. */
export class SymbolIndex {
  readonly symbols: readonly NamedSymbol[];
  readonly clauses: readonly IndexedClause[];
  private readonly byPath: ReadonlyMap<string, readonly Occurrence[]>;
  private readonly root: Scope;
  private readonly scopes: ReadonlyMap<ComponentNode, Scope>;
  private readonly instances: ReadonlyMap<NamedSymbol, Scope>;

  constructor(indexer: Indexer) {
    this.symbols = indexer.symbols;
    this.clauses = indexer.clauses;
    this.root = indexer.root;
    this.scopes = indexer.scopes;
    this.instances = indexer.instances;
    const byPath = new Map<string, Occurrence[]>();
    for (const { occurrences } of this.symbols)
      for (const occurrence of occurrences) {
        const { path } = occurrence.span.source;
        const all = byPath.get(path) ?? [];
        byPath.set(path, all);
        all.push(occurrence);
      }
    for (const all of byPath.values()) all.sort((a, b) => a.span.start - b.span.start);
    this.byPath = byPath;
  }

  /** Returns the places in a text where symbols are named, in order. */
  in(path: string): readonly Occurrence[] {
    return this.byPath.get(path) ?? [];
  }

  /** Returns the occurrence around an offset or, between two names, before it. */
  at(path: string, offset: number): Occurrence | undefined {
    const all = this.in(path).filter(({ span }) => span.start <= offset && offset <= span.end);
    return all.findLast(({ span }) => offset < span.end) ?? all.at(-1);
  }

  /** Returns the clause around an offset. */
  clauseAt(path: string, offset: number): IndexedClause | undefined {
    return this.clauses.findLast(
      ({ clause: { span } }) =>
        span.source.path === path && span.start <= offset && offset <= span.end,
    );
  }

  /** Returns all that can be named at an offset, but for variables. */
  visibleAt(path: string, offset: number): NamedSymbol[] {
    return this.scopeAt(path, offset).visible();
  }

  /** Returns what the components of instances hold, by the way of their names: `a.b.`. */
  membersOf(names: readonly string[], path: string, offset: number): NamedSymbol[] {
    const scope = within(this.scopeAt(path, offset), names, this.instances);
    return scope === undefined || names.length === 0 ? [] : scope.members();
  }

  private scopeAt(path: string, offset: number): Scope {
    let found = this.root;
    for (const [{ span }, scope] of this.scopes)
      if (span.source.path === path && span.start <= offset && offset < span.end) found = scope;
    return found;
  }
}

/** Returns the index of a tree. */
export function symbolIndex(tree: SyntaxTree): SymbolIndex {
  const indexer = new Indexer();
  indexer.declareAll(tree.items, indexer.root);
  indexer.inherit(tree.items, indexer.root);
  indexer.useAll(tree.items, indexer.root);
  return new SymbolIndex(indexer);
}

/** Returns the scope that instances lead to, from the outermost on. */
function within(
  scope: Scope,
  names: readonly string[],
  instances: ReadonlyMap<NamedSymbol, Scope>,
): Scope | undefined {
  let at: Scope | undefined = scope;
  for (const [depth, name] of names.entries()) {
    const symbol: NamedSymbol | undefined =
      depth === 0 ? at?.find("instance", name) : at?.member("instance", name);
    at = symbol && instances.get(symbol);
  }
  return at;
}
