// From the type declarations of a text to what each name of a type stands for.
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { ItemNode, TypeDeclarationNode, TypeNode } from "../syntax/tree.ts";
import type { Findings } from "./findings.ts";
import { type DeclaredType, primitives } from "./type-system.ts";

/** How many declarations one type may go through until a primitive one. */
const typeDepthMax = 1000;

/** The types that a text may name. */
export class TypeNames {
  private readonly declarations = new Map<string, TypeDeclarationNode>();
  private readonly resolved = new Map<string, DeclaredType>(primitives);
  private readonly open = new Set<string>();
  private readonly findings: Findings;
  /** Names of component instances: types behind them are not known yet, nor reported. */
  private readonly instances: ReadonlySet<string>;

  constructor(items: readonly ItemNode[], instances: ReadonlySet<string>, findings: Findings) {
    this.findings = findings;
    this.instances = instances;
    for (const item of items) {
      if (item.kind === "type") this.declare(item);
      if (item.kind === "lattice") this.resolved.set(item.name.text, broken(item.name.text));
    }
    for (const name of this.declarations.keys()) this.named(name);
  }

  /** Returns what `node` stands for. Reports a name that is not declared. */
  type(node: TypeNode): DeclaredType {
    const name = node.name.parts.map((part) => part.text).join(".");
    if (node.arguments !== undefined) {
      this.findings.unsupported("lattices and types with arguments", node.span);
      return broken(name);
    }
    const found = this.named(name);
    if (found !== undefined) return found;
    const [first] = node.name.parts;
    if (node.name.parts.length === 1 || first === undefined || !this.instances.has(first.text))
      this.reportUnknown(name, node.span);
    return broken(name);
  }

  private declare(declaration: TypeDeclarationNode): void {
    const { name, definition } = declaration;
    const earlier = this.declarations.get(name.text);
    if (earlier !== undefined || primitives.has(name.text)) {
      this.findings.error("duplicate-type", `type "${name.text}" is declared twice`, name.span, {
        label: primitives.has(name.text) ? "this is the name of a built-in type" : "declared again",
        related: earlier === undefined ? [] : [{ span: earlier.name.span, text: "declared here" }],
      });
      return;
    }
    this.declarations.set(name.text, declaration);
    if (definition.kind === "legacy") {
      this.findings.warning(
        "deprecated-type-decl",
        `\`${definition.word}\` is an old form of declaring a type`,
        declaration.span,
        { hint: `write \`.type ${name.text} <: ${definition.base}\`` },
      );
    }
  }

  /** Returns the type of this name; undefined where it is not declared. */
  private named(name: string): DeclaredType | undefined {
    const known = this.resolved.get(name);
    if (known !== undefined) return known;
    const declaration = this.declarations.get(name);
    if (declaration === undefined) return undefined;
    const { span } = declaration.name;
    if (this.open.has(name)) {
      const message = `type "${name}" is defined by itself`;
      const path = [...this.open].slice([...this.open].indexOf(name));
      this.findings.error("cyclic-type", message, span, {
        notes: path.length > 1 ? [[...path, name].join(" → ")] : [],
      });
      return broken(name);
    }
    if (this.open.size === typeDepthMax) {
      const message = `type "${name}" is defined through more than ${typeDepthMax} others`;
      this.findings.error("limit-exceeded", message, span);
      return broken(name);
    }
    this.open.add(name);
    const type = this.define(declaration);
    this.open.delete(name);
    this.resolved.set(name, type);
    return type;
  }

  private define({ name: { text: name }, definition, span }: TypeDeclarationNode): DeclaredType {
    switch (definition.kind) {
      case "legacy":
        return subset(name, primitives.get(definition.base) ?? broken(definition.base));
      case "subset":
        return subset(name, this.type(definition.of));
      case "union":
        return this.union(name, definition.members, span);
      case "record":
        this.findings.unsupported("records", span);
        return broken(name);
      case "adt":
        this.findings.unsupported("algebraic data types", span);
        return broken(name);
    }
  }

  private union(name: string, nodes: readonly TypeNode[], span: Span): DeclaredType {
    const types = nodes.map((node) => this.type(node));
    const [first] = types;
    if (first === undefined || types.some((type) => type.kind === undefined)) return broken(name);
    if (types.length === 1) return first;
    const oddAt = types.findIndex((type) => type.kind !== first.kind);
    const odd = types[oddAt];
    if (odd !== undefined) {
      const message =
        `the members of union "${name}" differ in representation: ` +
        `"${first.name}" is a ${first.kind ?? ""}, "${odd.name}" a ${odd.kind ?? ""}`;
      this.findings.error("wrong-union", message, nodes[oddAt]?.span ?? span, {
        label: `this is a ${odd.kind ?? ""}`,
      });
      return broken(name);
    }
    const members = [...new Set(types.flatMap((type) => type.members ?? [type]))];
    return { name, kind: first.kind, members };
  }

  private reportUnknown(name: string, span: Span): void {
    const near = suggest(name, [...primitives.keys(), ...this.declarations.keys()]);
    this.findings.error("unknown-type", `type "${name}" is not declared`, span, {
      label: "not declared",
      hint:
        near === undefined ? `declare it: \`.type ${name} <: symbol\`` : `did you mean ${near}?`,
    });
  }
}

function subset(name: string, base: DeclaredType): DeclaredType {
  return { name, kind: base.kind, base };
}

function broken(name: string): DeclaredType {
  return { name, kind: undefined };
}
