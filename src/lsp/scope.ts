import type { NamedSymbol, SymbolKind } from "./symbol.ts";

/** What is named in a program's text or in one component: by itself, by its bases, and by what is
 * around it, in this order of looking. */
export class Scope {
  readonly bases: Scope[] = [];
  readonly within: readonly string[];
  private readonly outer: Scope | undefined;
  private readonly names = new Map<string, NamedSymbol>();

  constructor(within: readonly string[] = [], outer?: Scope) {
    this.within = within;
    this.outer = outer;
  }

  /** Adds a symbol, unless one of its kind has the name. */
  declare(symbol: NamedSymbol): void {
    const key = keyOf(symbol.kind, symbol.name);
    if (!this.names.has(key)) this.names.set(key, symbol);
  }

  /** Returns what this scope itself declares under a name. */
  own(kind: SymbolKind, name: string): NamedSymbol | undefined {
    return this.names.get(keyOf(kind, name));
  }

  /** Returns what is declared here or in a base; a component may inherit itself by mistake. */
  member(
    kind: SymbolKind,
    name: string,
    seen: Set<Scope> = new Set<Scope>(),
  ): NamedSymbol | undefined {
    const own = this.own(kind, name);
    if (own !== undefined || seen.has(this)) return own;
    seen.add(this);
    for (const base of this.bases) {
      const found = base.member(kind, name, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Returns what a name stands for here. */
  find(kind: SymbolKind, name: string): NamedSymbol | undefined {
    return this.member(kind, name) ?? this.outer?.find(kind, name);
  }

  /** Returns the first of several kinds that a name stands for here. */
  findAny(kinds: readonly SymbolKind[], name: string): NamedSymbol | undefined {
    for (const kind of kinds) {
      const found = this.find(kind, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Returns all that can be named here; what is hidden by something nearer is left out. */
  visible(): NamedSymbol[] {
    const found = new Map<string, NamedSymbol>();
    const seen = new Set<Scope>();
    const add = (scope: Scope): void => {
      if (seen.has(scope)) return;
      seen.add(scope);
      for (const [key, symbol] of scope.names) if (!found.has(key)) found.set(key, symbol);
      scope.bases.forEach(add);
      if (scope.outer !== undefined) add(scope.outer);
    };
    add(this);
    return [...found.values()];
  }

  /** Returns what this scope and its bases declare. */
  members(): NamedSymbol[] {
    const found = new Map<string, NamedSymbol>();
    const seen = new Set<Scope>();
    const add = (scope: Scope): void => {
      if (seen.has(scope)) return;
      seen.add(scope);
      for (const [key, symbol] of scope.names) if (!found.has(key)) found.set(key, symbol);
      scope.bases.forEach(add);
    };
    add(this);
    return [...found.values()];
  }
}

function keyOf(kind: SymbolKind, name: string): string {
  return `${kind} ${name}`;
}
