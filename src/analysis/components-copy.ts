// A copy of an item of a component, with the names that it has in one instance. Every kind of node
// has its line here: one that is added to the tree does not compile until it has, too.
import type { Copy, Span } from "../base/source.ts";
import type {
  AnnotationNode,
  AtomNode,
  AttributeNode,
  BodyNode,
  ClauseNode,
  FlatItemNode,
  HeadNode,
  NameNode,
  PlanNode,
  QualifiedNameNode,
  TermNode,
  TypeDefinitionNode,
  TypeNode,
} from "../syntax/tree.ts";

/** What names in an item stand for; a name of several parts comes and goes with dots. */
export type Naming = {
  readonly copy: Copy;
  /** Returns the full name of what the item declares. */
  declared(name: string): string;
  relation(name: string): string;
  type(name: string): string;
  branch(name: string): string;
};

/** Returns a copy of `item` with full names, whose spans know that they are in a copy. */
export function copyItem(item: FlatItemNode, naming: Naming): FlatItemNode {
  return new Copying(naming).item(item);
}

class Copying {
  private readonly naming: Naming;

  constructor(naming: Naming) {
    this.naming = naming;
  }

  item(node: FlatItemNode): FlatItemNode {
    const span = this.span(node.span);
    switch (node.kind) {
      case "relation":
        return {
          ...node,
          names: node.names.map((name) => this.declared(name)),
          attributes: node.attributes.map((attribute) => this.attribute(attribute)),
          qualifiers: node.qualifiers.map((qualifier) => ({
            ...qualifier,
            ...(qualifier.keys && { keys: this.names(qualifier.keys) }),
            span: this.span(qualifier.span),
          })),
          choices: node.choices.map((choice) => ({
            keys: this.names(choice.keys),
            span: this.span(choice.span),
          })),
          annotations: this.annotations(node.annotations),
          span,
        };
      case "debug-delta":
        return { ...node, name: this.declared(node.name), of: this.relation(node.of), span };
      case "type":
        return {
          ...node,
          name: this.declared(node.name),
          definition: this.definition(node.definition),
          annotations: this.annotations(node.annotations),
          span,
        };
      case "lattice": {
        const members = node.members.map(({ name, value }) => ({
          name: this.name(name),
          value: this.term(value),
        }));
        // It has the name of the type of its elements.
        const name = { text: this.naming.type(node.name.text), span: this.span(node.name.span) };
        return { ...node, name, members, span };
      }
      // Functors are of the program: a module has them under these names.
      case "functor": {
        const parameters = node.parameters.map(({ name, type }) => ({
          ...(name && { name: this.name(name) }),
          type: this.type(type),
        }));
        const result = this.type(node.result);
        return { ...node, name: this.name(node.name), parameters, result, span };
      }
      case "directive":
        return {
          ...node,
          relations: node.relations.map((relation) => this.relation(relation)),
          parameters: node.parameters.map(({ key, value }) => ({
            key: this.name(key),
            value: { ...value, span: this.span(value.span) },
          })),
          span,
        };
      case "clause":
        return this.clause(node);
      case "subsumption":
        return {
          ...node,
          dominated: this.atom(node.dominated),
          dominating: this.atom(node.dominating),
          body: this.body(node.body),
          ...(node.plan && { plan: this.plan(node.plan) }),
          span,
        };
      case "pragma":
        return { ...node, span };
      case "seal":
        return {
          ...node,
          atom: this.atom(node.atom),
          ...(node.body && { body: this.body(node.body) }),
          span,
        };
      case "transaction":
        return {
          ...node,
          name: this.declared(node.name),
          parameters: node.parameters.map((parameter) => this.attribute(parameter)),
          clauses: node.clauses.map((clause) => this.clause(clause)),
          span,
        };
      case "contract":
        return {
          ...node,
          ...(node.relation && { relation: this.claimed(node.relation) }),
          ...(node.level && { level: this.name(node.level) }),
          span,
        };
      case "expectation":
        return {
          ...node,
          relation: this.relation(node.relation),
          tuples: node.tuples.map((tuple) => ({
            terms: this.terms(tuple.terms),
            span: this.span(tuple.span),
          })),
          span,
        };
    }
  }

  // ---- declarations ----

  private attribute({ name, type, span }: AttributeNode): AttributeNode {
    return { name: this.name(name), type: this.type(type), span: this.span(span) };
  }

  private annotations(nodes: readonly AnnotationNode[]): readonly AnnotationNode[] {
    return nodes.map((node) => ({ ...node, span: this.span(node.span) }));
  }

  private definition(node: TypeDefinitionNode): TypeDefinitionNode {
    switch (node.kind) {
      case "subset":
        return { ...node, of: this.type(node.of) };
      case "union":
        return { ...node, members: node.members.map((member) => this.type(member)) };
      case "record":
        return { ...node, fields: node.fields.map((field) => this.attribute(field)) };
      case "adt": {
        const branches = node.branches.map(({ name, fields, span }) => ({
          name: this.declared(name),
          fields: fields.map((field) => this.attribute(field)),
          span: this.span(span),
        }));
        return { ...node, branches };
      }
      case "legacy":
        return node;
    }
  }

  private type(node: TypeNode): TypeNode {
    return {
      name: this.qualified(node.name, (name) => this.naming.type(name)),
      ...(node.arguments && { arguments: node.arguments.map((argument) => this.type(argument)) }),
      span: this.span(node.span),
    };
  }

  // ---- clauses ----

  private clause(node: ClauseNode): ClauseNode {
    return {
      ...node,
      heads: node.heads.map((head) => this.head(head)),
      ...(node.body && { body: this.body(node.body) }),
      ...(node.plan && { plan: this.plan(node.plan) }),
      annotations: this.annotations(node.annotations),
      span: this.span(node.span),
    };
  }

  private head(node: HeadNode): HeadNode {
    return {
      ...node,
      atom: this.atom(node.atom),
      ...(node.location && { location: this.term(node.location) }),
      span: this.span(node.span),
    };
  }

  private plan({ versions, span }: PlanNode): PlanNode {
    const copies = versions.map((version) => ({ ...version, span: this.span(version.span) }));
    return { versions: copies, span: this.span(span) };
  }

  private atom(node: AtomNode): AtomNode {
    return {
      kind: "atom",
      relation: this.relation(node.relation),
      terms: this.terms(node.terms),
      span: this.span(node.span),
    };
  }

  private body(node: BodyNode): BodyNode {
    const span = this.span(node.span);
    switch (node.kind) {
      case "conjunction":
      case "disjunction":
        return { ...node, members: node.members.map((member) => this.body(member)), span };
      case "negation":
        return { ...node, of: this.body(node.of), span };
      case "atom":
        return this.atom(node);
      case "boolean":
        return { ...node, span };
      case "comparison":
      case "test":
        return { ...node, left: this.term(node.left), right: this.term(node.right), span };
    }
  }

  // ---- terms ----

  private terms(nodes: readonly TermNode[]): readonly TermNode[] {
    return nodes.map((node) => this.term(node));
  }

  private term(node: TermNode): TermNode {
    const span = this.span(node.span);
    switch (node.kind) {
      case "variable":
      case "anonymous":
      case "number":
      case "string":
      case "nil":
        return { ...node, span };
      case "record":
        return { ...node, fields: this.terms(node.fields), span };
      case "branch": {
        const name = this.qualified(node.name, (branch) => this.naming.branch(branch));
        return { ...node, name, fields: this.terms(node.fields), span };
      }
      case "unary":
        return { ...node, of: this.term(node.of), span };
      case "binary":
        return { ...node, left: this.term(node.left), right: this.term(node.right), span };
      case "functor":
        return { ...node, arguments: this.terms(node.arguments), span };
      case "user-functor":
        return { ...node, name: this.name(node.name), arguments: this.terms(node.arguments), span };
      case "cast":
        return { ...node, of: this.term(node.of), type: this.type(node.type), span };
      case "aggregate": {
        const value = node.value && { value: this.term(node.value) };
        return { ...node, ...value, body: this.body(node.body), span };
      }
      case "user-aggregate":
        return {
          ...node,
          name: this.name(node.name),
          value: this.term(node.value),
          start: this.term(node.start),
          body: this.body(node.body),
          span,
        };
    }
  }

  // ---- names and places ----

  private declared({ text, span }: NameNode): NameNode {
    return { text: this.naming.declared(text), span: this.span(span) };
  }

  private relation(node: QualifiedNameNode): QualifiedNameNode {
    return this.qualified(node, (name) => this.naming.relation(name));
  }

  /** A contract is about a relation, or else about a lattice, which is named as its type. */
  private claimed(node: QualifiedNameNode): QualifiedNameNode {
    return this.qualified(node, (name) => {
      const relation = this.naming.relation(name);
      return relation === name ? this.naming.type(name) : relation;
    });
  }

  private qualified(node: QualifiedNameNode, full: (name: string) => string): QualifiedNameNode {
    const span = this.span(node.span);
    const text = full(node.parts.map((part) => part.text).join("."));
    return { parts: [{ text, span }], span };
  }

  private names(nodes: readonly NameNode[]): readonly NameNode[] {
    return nodes.map((node) => this.name(node));
  }

  private name({ text, span }: NameNode): NameNode {
    return { text, span: this.span(span) };
  }

  private span({ source, start, end }: Span): Span {
    return { source, start, end, copy: this.naming.copy };
  }
}
