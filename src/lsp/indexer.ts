// From a syntax tree to what its names stand for: everything is declared first, then used.
// It is longer than most because it has a case for each construct of the language.
import type { Span } from "../base/source.ts";
import type {
  AtomNode,
  AttributeNode,
  BodyNode,
  ComponentNode,
  ComponentTypeNode,
  ItemNode,
  NameNode,
  QualifiedNameNode,
  RelationDeclarationNode,
  TermNode,
  TypeDefinitionNode,
  TypeNode,
} from "../syntax/tree.ts";
import { Scope } from "./scope.ts";
import type { Clause, IndexedClause, NamedSymbol, Role, SymbolKind } from "./symbol.ts";

/** The symbols of a program while they are found. */
export class Indexer {
  readonly root = new Scope();
  readonly symbols: NamedSymbol[] = [];
  readonly clauses: IndexedClause[] = [];
  readonly scopes = new Map<ComponentNode, Scope>();
  readonly instances = new Map<NamedSymbol, Scope>();
  private readonly undeclared = new Map<string, NamedSymbol>();
  private readonly attributes = new Map<RelationDeclarationNode, Map<string, NamedSymbol>>();
  private readonly componentScopes = new Map<NamedSymbol, Scope>();

  // ---- declarations ----

  declareAll(items: readonly ItemNode[], scope: Scope): void {
    for (const item of items) this.declareItem(item, scope);
  }

  private declareItem(item: ItemNode, scope: Scope): void {
    switch (item.kind) {
      case "relation": {
        for (const name of item.names) this.declare("relation", name, scope, { item });
        const attributes = new Map<string, NamedSymbol>();
        for (const { name, type } of item.attributes)
          attributes.set(name.text, this.local("attribute", name, scope, { item, type }));
        this.attributes.set(item, attributes);
        return;
      }
      case "debug-delta":
        this.declare("relation", item.name, scope, { item });
        return;
      case "type":
        this.declare("type", item.name, scope, { item });
        if (item.definition.kind === "adt")
          for (const branch of item.definition.branches)
            this.declare("branch", branch.name, scope, { item, branch });
        return;
      case "lattice":
        this.declare("lattice", item.name, scope, { item });
        return;
      case "functor":
        this.declare("functor", item.name, scope, { item });
        return;
      case "transaction":
        this.declare("transaction", item.name, scope, { item });
        return;
      case "instance":
        this.declare("instance", item.name, scope, { item });
        return;
      case "component": {
        const symbol = this.declare("component", item.type.name, scope, { item });
        const inner = new Scope([...scope.within, item.type.name.text], scope);
        this.scopes.set(item, inner);
        this.componentScopes.set(symbol, inner);
        for (const { parts } of item.type.parameters)
          if (parts[0] !== undefined) this.declare("parameter", parts[0], inner, { item });
        this.declareAll(item.items, inner);
        return;
      }
      case "directive":
      case "clause":
      case "subsumption":
      case "override":
      case "pragma":
      case "seal":
      case "contract":
      case "expectation":
        return;
    }
  }

  private declare(
    kind: SymbolKind,
    name: NameNode,
    scope: Scope,
    of: Pick<NamedSymbol, "item" | "branch">,
  ): NamedSymbol {
    // Of two declarations of one name the second is one more place of the first.
    const before = scope.own(kind, name.text);
    if (before !== undefined) {
      this.occur(before, name, "declaration");
      return before;
    }
    const symbol = this.local(kind, name, scope, of);
    scope.declare(symbol);
    return symbol;
  }

  /** A symbol that no scope has. */
  private local(
    kind: SymbolKind,
    name: NameNode,
    { within: around }: Scope,
    of: Pick<NamedSymbol, "item" | "branch" | "type">,
  ): NamedSymbol {
    const symbol: NamedSymbol = { kind, name: name.text, within: around, ...of, occurrences: [] };
    this.symbols.push(symbol);
    this.occur(symbol, name, "declaration");
    return symbol;
  }

  private occur(symbol: NamedSymbol, { text, span }: NameNode, role: Role): void {
    symbol.occurrences.push({ symbol, span: nameSpan(text, span), role });
  }

  /** Links components to their bases, and instances to what they are of. */
  inherit(items: readonly ItemNode[], scope: Scope): void {
    for (const item of items) {
      if (item.kind === "instance") {
        const component = this.component(item.component, scope);
        const symbol = scope.own("instance", item.name.text);
        if (symbol && component) this.instances.set(symbol, component);
      }
      if (item.kind !== "component") continue;
      const inner = this.scopes.get(item) ?? scope;
      for (const base of item.bases) {
        const found = this.component(base, scope);
        if (found !== undefined && found !== inner) inner.bases.push(found);
      }
      this.inherit(item.items, inner);
    }
  }

  private component({ name }: ComponentTypeNode, scope: Scope): Scope | undefined {
    const symbol = scope.find("component", name.text);
    return symbol && this.componentScopes.get(symbol);
  }

  // ---- uses ----

  useAll(items: readonly ItemNode[], scope: Scope): void {
    for (const item of items) this.useItem(item, scope);
  }

  private useItem(item: ItemNode, scope: Scope): void {
    switch (item.kind) {
      case "relation": {
        this.useAttributes(item.attributes, scope);
        const attributes = this.attributes.get(item);
        const keys = [...item.qualifiers, ...item.choices].flatMap((of) => of.keys ?? []);
        for (const key of keys) this.use(attributes?.get(key.text), key);
        return;
      }
      case "debug-delta":
        this.useName(item.of, ["relation"], scope);
        return;
      case "type":
        this.useDefinition(item.definition, scope);
        return;
      case "lattice":
        for (const { value } of item.members) this.useTerm(value, this.clauseOf(), scope);
        return;
      case "functor":
        for (const { type } of item.parameters) this.useType(type, scope);
        this.useType(item.result, scope);
        return;
      case "directive":
        for (const name of item.relations) this.useName(name, ["relation"], scope);
        return;
      case "clause":
        this.useClause(item, scope);
        return;
      case "subsumption":
      case "seal":
        this.useClause(item, scope);
        return;
      case "component": {
        const inner = this.scopes.get(item) ?? scope;
        for (const base of item.bases) this.useComponent(base, inner, scope);
        this.useAll(item.items, inner);
        return;
      }
      case "instance":
        this.useComponent(item.component, scope, scope);
        return;
      case "override": {
        const bases = scope.bases.map((base) => base.member("relation", item.name.text));
        this.use(bases.find(Boolean) ?? scope.find("relation", item.name.text), item.name);
        return;
      }
      case "transaction": {
        const parameters = new Map<string, NamedSymbol>();
        for (const { name, type } of item.parameters) {
          parameters.set(name.text, this.local("variable", name, scope, { item, type }));
          this.useType(type, scope);
        }
        for (const clause of item.clauses) this.useClause(clause, scope, parameters);
        return;
      }
      case "contract":
        if (item.relation !== undefined)
          this.useName(item.relation, ["relation", "functor", "lattice"], scope);
        return;
      case "expectation":
        this.useName(item.relation, ["relation"], scope);
        for (const { terms } of item.tuples)
          for (const term of terms) this.useTerm(term, this.clauseOf(), scope);
        return;
      case "pragma":
        return;
    }
  }

  private use(symbol: NamedSymbol | undefined, name: NameNode, role: Role = "use"): void {
    if (symbol !== undefined) this.occur(symbol, name, role);
  }

  private useAttributes(attributes: readonly AttributeNode[], scope: Scope): void {
    for (const { type } of attributes) this.useType(type, scope);
  }

  private useDefinition(definition: TypeDefinitionNode, scope: Scope): void {
    switch (definition.kind) {
      case "subset":
        this.useType(definition.of, scope);
        return;
      case "union":
        for (const member of definition.members) this.useType(member, scope);
        return;
      case "record":
        this.useAttributes(definition.fields, scope);
        return;
      case "adt":
        for (const { fields } of definition.branches) this.useAttributes(fields, scope);
        return;
      case "legacy":
        return;
    }
  }

  private useType({ name, arguments: given = [] }: TypeNode, scope: Scope): void {
    this.useName(name, ["type", "lattice", "parameter"], scope);
    for (const type of given) this.useType(type, scope);
  }

  private useComponent({ name, parameters }: ComponentTypeNode, inner: Scope, outer: Scope): void {
    this.use(outer.findAny(["component"], name.text) ?? inner.find("parameter", name.text), name);
    for (const parameter of parameters)
      this.useName(parameter, ["parameter", "component", "type", "lattice"], inner);
  }

  /** Marks each part of a name, and returns what the whole stands for. */
  private useName(
    { parts }: QualifiedNameNode,
    kinds: readonly SymbolKind[],
    scope: Scope,
    role: Role = "use",
  ): NamedSymbol | undefined {
    const last = parts.at(-1);
    if (last === undefined) return undefined;
    let at: Scope | undefined = scope;
    for (const [depth, part] of parts.slice(0, -1).entries()) {
      const instance: NamedSymbol | undefined =
        depth === 0 ? at?.find("instance", part.text) : at?.member("instance", part.text);
      this.use(instance, part);
      at = instance && this.instances.get(instance);
    }
    const kind = kinds.find((one) =>
      parts.length === 1 ? at?.find(one, last.text) : at?.member(one, last.text),
    );
    const found =
      kind === undefined
        ? undefined
        : parts.length === 1
          ? at?.find(kind, last.text)
          : at?.member(kind, last.text);
    const symbol = found ?? this.withoutDeclaration(parts, kinds);
    this.use(symbol, last, role);
    return symbol;
  }

  private withoutDeclaration(
    parts: readonly NameNode[],
    kinds: readonly SymbolKind[],
  ): NamedSymbol | undefined {
    const [first, ...rest] = parts;
    if (kinds[0] !== "relation" || first === undefined || rest.length > 0) return undefined;
    const { text: name } = first;
    const known = this.undeclared.get(name);
    if (known !== undefined) return known;
    const symbol: NamedSymbol = { kind: "relation", name, within: [], occurrences: [] };
    this.undeclared.set(name, symbol);
    this.symbols.push(symbol);
    return symbol;
  }

  // ---- clauses ----

  private clauseOf(parameters: ReadonlyMap<string, NamedSymbol> = new Map()): OpenClause {
    return { parameters, variables: new Map(), atoms: [] };
  }

  private useClause(
    clause: Clause,
    scope: Scope,
    parameters: ReadonlyMap<string, NamedSymbol> = new Map(),
  ): void {
    const open: OpenClause = { ...this.clauseOf(parameters), clause };
    if (clause.kind === "clause") {
      for (const { atom, location } of clause.heads) {
        const aborts = parameters.size > 0 && atom.relation.parts[0]?.text === "abort";
        if (aborts) for (const term of atom.terms) this.useTerm(term, open, scope);
        else this.useAtom(atom, open, scope, "head");
        if (location !== undefined) this.useTerm(location, open, scope);
      }
    } else if (clause.kind === "subsumption") {
      this.useAtom(clause.dominated, open, scope, "head");
      this.useAtom(clause.dominating, open, scope, "use");
    } else this.useAtom(clause.atom, open, scope, "head");
    if (clause.body !== undefined) this.useBody(clause.body, open, scope);
    const variables = new Map([...parameters, ...open.variables]);
    this.clauses.push({ clause, variables, atoms: open.atoms });
  }

  private useAtom(atom: AtomNode, open: OpenClause, scope: Scope, role: Role): void {
    // Within rules a transaction is the relation of its arguments.
    const relation = this.useName(atom.relation, ["relation", "transaction"], scope, role);
    open.atoms.push({ atom, relation, role });
    for (const term of atom.terms) this.useTerm(term, open, scope);
  }

  private useBody(body: BodyNode, open: OpenClause, scope: Scope): void {
    switch (body.kind) {
      case "conjunction":
      case "disjunction":
        for (const member of body.members) this.useBody(member, open, scope);
        return;
      case "negation":
        this.useBody(body.of, open, scope);
        return;
      case "atom":
        this.useAtom(body, open, scope, "use");
        return;
      case "comparison":
      case "test":
        this.useTerm(body.left, open, scope);
        this.useTerm(body.right, open, scope);
        return;
      case "boolean":
        return;
    }
  }

  private useTerm(term: TermNode, open: OpenClause, scope: Scope): void {
    const all = (terms: readonly TermNode[]): void => {
      for (const one of terms) this.useTerm(one, open, scope);
    };
    switch (term.kind) {
      case "variable":
        this.useVariable(term, open, scope);
        return;
      case "record":
        all(term.fields);
        return;
      case "branch":
        this.useName(term.name, ["branch"], scope);
        all(term.fields);
        return;
      case "unary":
        all([term.of]);
        return;
      case "binary":
        all([term.left, term.right]);
        return;
      case "functor":
        all(term.arguments);
        return;
      case "user-functor":
        this.use(scope.find("functor", term.name.text), term.name);
        all(term.arguments);
        return;
      case "cast":
        all([term.of]);
        this.useType(term.type, scope);
        return;
      case "aggregate":
        if (term.value !== undefined) all([term.value]);
        this.useBody(term.body, open, scope);
        return;
      case "user-aggregate":
        this.use(scope.find("functor", term.name.text), term.name);
        all([term.value, term.start]);
        this.useBody(term.body, open, scope);
        return;
      case "anonymous":
      case "number":
      case "string":
      case "nil":
        return;
    }
  }

  private useVariable(
    { name, span }: TermNode & { readonly kind: "variable" },
    open: OpenClause,
    scope: Scope,
  ): void {
    // The holes of a lattice's operations are no variables of a clause.
    if (open.clause === undefined) return;
    let symbol = open.parameters.get(name) ?? open.variables.get(name);
    if (symbol === undefined) {
      const item: ItemNode = open.clause;
      symbol = { kind: "variable", name, within: scope.within, item, occurrences: [] };
      open.variables.set(name, symbol);
      this.symbols.push(symbol);
    }
    this.occur(symbol, { text: name, span }, "use");
  }
}

/** A clause that is being read; without one, terms stand outside of clauses. */
type OpenClause = {
  readonly clause?: Clause;
  readonly parameters: ReadonlyMap<string, NamedSymbol>;
  readonly variables: Map<string, NamedSymbol>;
  readonly atoms: IndexedClause["atoms"][number][];
};

/** The part of a span that is the name itself, without `@` or `$` before it. */
function nameSpan(name: string, span: Span): Span {
  const { source, start, end } = span;
  if (end - start <= name.length) return span;
  const text = source.text.slice(start, end);
  if (text.endsWith(name)) return { source, start: end - name.length, end };
  return span;
}
