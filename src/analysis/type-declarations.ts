// From the type declarations of a text to what each name of a type stands for.
import type { Span } from "../base/source.ts";
import type { TypeDeclarationNode, TypeNode } from "../syntax/tree.ts";
import { structured } from "../value/schema.ts";
import { structureKind } from "../value/structure.ts";
import type { Expansion } from "./components.ts";
import type { Findings } from "./findings.ts";
import { kindInWords } from "./kinds.ts";
import { StructureDeclarations } from "./structure-declarations.ts";
import { type DeclaredType, primitives } from "./type-system.ts";

/** How many declarations one type may go through until a primitive one. */
const typeDepthMax = 1000;

/** The types that a text may name. */
export class TypeNames {
  /** The records and algebraic data types, with their branches. */
  readonly structures: StructureDeclarations;
  private readonly declarations = new Map<string, TypeDeclarationNode>();
  private readonly resolved = new Map<string, DeclaredType>(primitives);
  private readonly open = new Set<string>();
  private readonly findings: Findings;
  private readonly hides: Expansion["hides"];

  constructor({ items, hides }: Expansion, findings: Findings) {
    this.findings = findings;
    this.hides = hides;
    for (const item of items) if (item.kind === "type") this.declare(item);
    for (const name of this.declarations.keys()) this.named(name);
    // Fields may be of any type, also of the one that they are fields of.
    this.structures = new StructureDeclarations(
      [...this.declarations.values()],
      (node) => this.type(node),
      findings,
    );
  }

  /** Returns what `node` stands for. Reports a name that is not declared. */
  type(node: TypeNode): DeclaredType {
    const name = node.name.parts.map((part) => part.text).join(".");
    if (node.arguments !== undefined) {
      const message = `"${name}<…>" is a lattice, which only an attribute of a relation can be of`;
      this.findings.error("wrong-lattice", message, node.span);
      return broken(name);
    }
    const found = this.named(name);
    if (found !== undefined) return found;
    if (!this.hides(name, node.span)) this.reportUnknown(name, node.span);
    return broken(name);
  }

  /** Returns the type of this name, if it is declared or built in. */
  declared(name: string): DeclaredType | undefined {
    return this.named(name);
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
        return this.subtype(name, definition.of);
      case "union":
        return this.union(name, definition.members, span);
      case "record":
      case "adt":
        return { name, kind: structureKind(name) };
    }
  }

  private subtype(name: string, of: TypeNode): DeclaredType {
    const base = this.type(of);
    const record = this.declarations.get(base.name)?.definition.kind === "record";
    if (record || base.members !== undefined) {
      const what = `${record ? "record type" : "union"} "${base.name}"`;
      this.findings.error("wrong-subtype", `a subtype of the ${what} is declared`, of.span, {
        label: record ? "a record type has no subtypes" : "a union has no subtypes",
        hint: record
          ? `for another name of it write \`.type ${name} = ${base.name}\``
          : `make "${name}" a subtype of a member of the union, or a member`,
      });
      return broken(name);
    }
    return subset(name, base);
  }

  private union(name: string, nodes: readonly TypeNode[], span: Span): DeclaredType {
    const types = nodes.map((node) => this.type(node));
    const [first] = types;
    if (first === undefined || types.some((type) => type.kind === undefined)) return broken(name);
    if (types.length === 1) return first;
    const whole = types.findIndex(({ kind, base, members }) => isWhole(kind) && !base && !members);
    if (whole >= 0) {
      const message = `union "${name}" has a member that is no subset of a built-in type`;
      this.findings.error("wrong-union", message, nodes[whole]?.span ?? span, {
        label: "a record or an algebraic data type",
        hint: "declare an algebraic data type with a branch for each member",
      });
      return broken(name);
    }
    const oddAt = types.findIndex((type) => type.kind !== first.kind);
    const odd = types[oddAt];
    if (odd !== undefined) {
      const message =
        `the members of union "${name}" differ in representation: ` +
        `"${first.name}" is ${kindWords(first)}, "${odd.name}" ${kindWords(odd)}`;
      this.findings.error("wrong-union", message, nodes[oddAt]?.span ?? span, {
        label: `this is ${kindWords(odd)}`,
      });
      return broken(name);
    }
    const members = [...new Set(types.flatMap((type) => type.members ?? [type]))];
    return { name, kind: first.kind, members };
  }

  private reportUnknown(name: string, span: Span): void {
    const names = [...primitives.keys(), ...this.declarations.keys()];
    const near = this.findings.suggest(name, span, names);
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

function isWhole(kind: DeclaredType["kind"]): boolean {
  return kind !== undefined && structured(kind);
}

function kindWords({ kind }: DeclaredType): string {
  return kind === undefined ? "" : kindInWords(kind);
}
