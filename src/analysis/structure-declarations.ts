// From the declarations of records and algebraic data types to what their values are made of.
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type {
  AttributeNode,
  NameNode,
  QualifiedNameNode,
  TypeDeclarationNode,
  TypeNode,
} from "../syntax/tree.ts";
import { structured, type Attribute, type StructureKind, type ValueKind } from "../value/schema.ts";
import {
  structureKind,
  structureName,
  type Structure,
  type Structures,
} from "../value/structure.ts";
import type { Findings } from "./findings.ts";
import type {
  DeclaredField,
  DeclaredShape,
  DeclaredStructure,
  DeclaredType,
} from "./type-system.ts";

/** Where a type has no declared name, so long a one is made of its fields. */
const namesLongest = 100;

/** The records and algebraic data types of a text. */
export class StructureDeclarations {
  private readonly byKind = new Map<StructureKind, DeclaredStructure>();
  private readonly undeclaredKinds = new Map<string, StructureKind>();
  private readonly branches = new Map<string, DeclaredShape>();
  private readonly names = new Map<string, Span>();
  private readonly findings: Findings;
  private readonly typeOf: (node: TypeNode) => DeclaredType;

  /** `typeOf` says what the types of fields are, and reports those that are not known. */
  constructor(
    declarations: readonly TypeDeclarationNode[],
    typeOf: (node: TypeNode) => DeclaredType,
    findings: Findings,
  ) {
    this.findings = findings;
    this.typeOf = typeOf;
    for (const declaration of declarations) this.declare(declaration);
  }

  /** Returns what values of this kind are made of. */
  structure(kind: StructureKind): DeclaredStructure | undefined {
    return this.byKind.get(kind);
  }

  /** Returns the fields of the branch of this name; reports one that no type has. */
  branch(node: QualifiedNameNode): DeclaredShape | undefined {
    const name = node.parts.map(({ text }) => text).join(".");
    const found = this.branches.get(name);
    if (found !== undefined) return found;
    const near = suggest(name, [...this.branches.keys()]);
    this.findings.error("unknown-branch", `no type has a branch "${name}"`, node.span, {
      label: "not declared",
      hint:
        near === undefined ? `declare it: \`.type T = ${name} {…} | …\`` : `did you mean ${near}?`,
    });
    return undefined;
  }

  /** Returns the structure of records that have fields of these kinds and no declared type. It is
   * named by its fields, as `[number, symbol]`; by a number where that would be long. */
  undeclared(kinds: readonly ValueKind[], span: Span): StructureKind {
    const fields = kinds.map((kind, at): DeclaredField => {
      const typeName = structured(kind) ? structureName(kind) : kind;
      return { name: `${at + 1}`, type: { name: typeName, kind }, typeName };
    });
    const key = `[${fields.map(({ typeName }) => typeName).join(", ")}]`;
    const known = this.undeclaredKinds.get(key);
    if (known !== undefined) return known;
    const name = key.length <= namesLongest ? key : `[…] ${this.undeclaredKinds.size + 1}`;
    const kind = structureKind(name);
    this.undeclaredKinds.set(key, kind);
    const shapes = [{ of: kind, fields, span }];
    this.byKind.set(kind, { name, kind, form: "record", shapes, span });
    return kind;
  }

  /** Returns the structures as values know them. */
  finished(): Structures {
    return new Map([...this.byKind].map(([kind, structure]) => [kind, finish(structure)]));
  }

  private declare({ name: { text: name }, definition, span }: TypeDeclarationNode): void {
    const kind = structureKind(name);
    if (definition.kind === "record") {
      const shape = { of: kind, fields: this.fields(definition.fields), span };
      this.byKind.set(kind, { name, kind, form: "record", shapes: [shape], span });
    } else if (definition.kind === "adt") {
      const shapes = definition.branches.flatMap((branch) => {
        const fields = this.fields(branch.fields);
        const shape = { of: kind, branch: branch.name.text, fields, span: branch.name.span };
        return this.isNew(branch.name) ? [shape] : [];
      });
      for (const shape of shapes) this.branches.set(shape.branch, shape);
      shapes.sort((a, b) => (a.branch < b.branch ? -1 : 1));
      this.byKind.set(kind, { name, kind, form: "adt", shapes, span });
    }
  }

  private isNew({ text, span }: NameNode): boolean {
    const earlier = this.names.get(text);
    this.names.set(text, earlier ?? span);
    if (earlier === undefined) return true;
    this.findings.error("duplicate-branch", `branch "${text}" is declared twice`, span, {
      label: "declared again",
      related: [{ span: earlier, text: "declared here" }],
      hint: "a branch is told by its name alone, so no two types may share one",
    });
    return false;
  }

  private fields(nodes: readonly AttributeNode[]): DeclaredField[] {
    const seen = new Map<string, Span>();
    return nodes.map(({ name, type }) => {
      const earlier = seen.get(name.text);
      if (earlier !== undefined) {
        const message = `two fields are named "${name.text}"`;
        const related = [{ span: earlier, text: "the first" }];
        this.findings.error("duplicate-attribute", message, name.span, { related });
      }
      seen.set(name.text, name.span);
      const typeName = type.name.parts.map((part) => part.text).join(".");
      return { name: name.text, type: this.typeOf(type), typeName };
    });
  }
}

function finish({ name, form, shapes }: DeclaredStructure): Structure {
  if (form === "record") return { kind: "record", name, fields: attributes(shapes[0]) };
  const branches = shapes.map((shape) => ({
    name: shape.branch ?? "",
    fields: attributes(shape),
  }));
  return { kind: "adt", name, branches };
}

function attributes(shape: DeclaredShape | undefined): Attribute[] {
  return (shape?.fields ?? []).map(({ name, type, typeName }) => ({
    name,
    type: typeName,
    kind: type.kind ?? "number",
  }));
}
