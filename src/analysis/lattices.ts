// From the lattices that a text declares, and those that need no declaration, to how values are
// joined: what an attribute `x: T<>` does with two values for one key.
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { ItemNode, LatticeDeclarationNode, TermNode, TypeNode } from "../syntax/tree.ts";
import { type Functor, functors } from "../value/operator.ts";
import { kindClass, type KindClass, type ValueKind } from "../value/schema.ts";
import { CollectionLattices } from "./collection-lattices.ts";
import type { DeclaredLattice, LatticeOperation } from "./declared-lattice.ts";
import type { Findings } from "./findings.ts";
import { type FunctorNames, signature } from "./functor-declarations.ts";
import { kindInWords } from "./kinds.ts";
import { functorOf } from "./operators.ts";
import type { Term } from "./program.ts";
import type { TypeNames } from "./type-declarations.ts";
import { primitives } from "./type-system.ts";

/** The lattices that attributes may be of. */
export class LatticeNames {
  /** Those of sets and maps. */
  readonly collections: CollectionLattices;
  private readonly declared = new Map<string, DeclaredLattice | undefined>();
  private readonly types: TypeNames;
  private readonly functors: FunctorNames;
  private readonly findings: Findings;

  constructor(
    items: readonly ItemNode[],
    types: TypeNames,
    named: FunctorNames,
    findings: Findings,
  ) {
    this.types = types;
    this.functors = named;
    this.findings = findings;
    this.collections = new CollectionLattices(types, findings);
    for (const item of items) if (item.kind === "lattice") this.declare(item);
  }

  /** Returns the lattice of a type that has `<…>`; undefined, and reported, where it is none. */
  lattice(node: TypeNode): DeclaredLattice | undefined {
    const name = node.name.parts.map(({ text }) => text).join(".");
    const given = node.arguments ?? [];
    if (this.declared.has(name)) {
      if (given.length > 0) this.refuse(`lattice "${name}" has no parameters`, node.span);
      return this.declared.get(name);
    }
    if (name === "Union") return this.collections.union(node);
    if (name === "Map") return this.collections.map(node, (of) => this.lattice(of));
    const operators = predeclared.get(name);
    if (operators === undefined) {
      const names = [...predeclared.keys(), "Union", "Map", ...this.declared.keys()];
      const near = suggest(name, names);
      this.findings.error("unknown-type", `lattice "${name}<>" is not declared`, node.span, {
        hint:
          near === undefined
            ? `declare it: \`.lattice ${name}<> { … }\``
            : `did you mean ${near}<>?`,
      });
      return undefined;
    }
    const [carrier] = given;
    const type = carrier === undefined ? numbers : this.types.type(carrier);
    if (type === undefined || type.kind === undefined) return undefined;
    const kinds: readonly KindClass[] = functors[operators.lub].of;
    if (given.length > 1 || !kinds.includes(kindClass(type.kind))) {
      const what = given.length > 1 ? "more than one type" : `"${type.name}"`;
      this.refuse(`lattice "${name}" is not of ${what}`, node.span);
      return undefined;
    }
    return {
      name: carrier === undefined ? `${name}<>` : `${name}<${type.name}>`,
      type,
      lub: builtIn(operators.lub, type.kind),
      glb: builtIn(operators.glb, type.kind),
      maps: 0,
    };
  }

  /** Whether the text declares a lattice of this name. */
  has(name: string): boolean {
    return this.declared.has(name);
  }

  /** Returns the lattice of this name that the text declares, unless it is not a good one. */
  find(name: string): DeclaredLattice | undefined {
    return this.declared.get(name);
  }

  private declare({ name: { text, span }, members }: LatticeDeclarationNode): void {
    if (this.declared.has(text)) {
      this.refuse(`lattice "${text}" is declared twice`, span);
      return;
    }
    const type = this.types.declared(text);
    this.declared.set(text, undefined);
    if (type === undefined) {
      const message = `lattice "${text}" is of no type: type "${text}" is not declared`;
      const hint = `declare the type of its elements: \`.type ${text} <: number\``;
      this.findings.error("unknown-type", message, span, { hint });
    }
    const kind = type?.kind;
    const operations = new Map<string, LatticeOperation | undefined>();
    for (const { name: member, value } of members) {
      if (!memberNames.includes(member.text)) {
        const hint = `the members of a lattice are ${memberNames.join(", ")}`;
        this.refuse(`a lattice has no member "${member.text}"`, member.span, hint);
      } else if (operations.has(member.text)) {
        this.refuse(`lattice "${text}" has two members "${member.text}"`, member.span);
      }
      const made = kind === undefined ? undefined : this.member(member.text, value, kind, text);
      operations.set(member.text, made);
    }
    if (!operations.has("Lub")) {
      const hint = "add `Lub -> @f(_, _)`: how two values for one key become one";
      this.refuse(`lattice "${text}" has no member "Lub"`, span, hint);
    }
    const lub = operations.get("Lub");
    if (type !== undefined && lub !== undefined)
      this.declared.set(text, {
        name: `${text}<>`,
        type,
        lub,
        glb: operations.get("Glb"),
        maps: 0,
      });
  }

  /** The operation that a member says; none of those that say no operation. */
  private member(
    name: string,
    node: TermNode,
    kind: ValueKind,
    lattice: string,
  ): LatticeOperation | undefined {
    // The others are for `latticeDeclarations`, where all constants are understood.
    if (name !== "Lub" && name !== "Glb") {
      if (node.kind === "user-functor") this.functors.find(node.name);
      return undefined;
    }
    const operation = this.operation(node, kind, name === "Lub");
    if (operation !== undefined) return operation;
    const what = kindInWords(kind);
    const message = `\`${name}\` of lattice "${lattice}" is no functor of two values, each ${what}`;
    const hint = `write \`${name} -> @f(_, _)\`, or a built-in functor as \`max(_, _)\``;
    this.refuse(message, node.span, hint);
    return undefined;
  }

  private operation(
    node: TermNode,
    kind: ValueKind,
    called: boolean,
  ): LatticeOperation | undefined {
    if (node.kind === "user-functor") {
      const functor = called ? this.functors.call(node.name) : this.functors.find(node.name);
      if (functor === undefined || !areHoles(node.arguments)) return undefined;
      const user = signature(functor);
      const fits = user.result === kind && user.parameters.every((of) => of === kind);
      if (!fits || user.parameters.length !== 2) return undefined;
      const { span } = node;
      return { term: { kind: "functor", name: "user", user, arguments: both, span }, functor };
    }
    if (node.kind === "functor") {
      const { name } = node;
      const joins = name === "min" || name === "max" || name === "cat";
      const accepted = joins && functors[name].of.some((of) => of === kindClass(kind));
      return accepted && areHoles(node.arguments) ? builtIn(name, kind) : undefined;
    }
    if (node.kind !== "binary" || !areHoles([node.left, node.right])) return undefined;
    const name = functorOf[node.operator];
    if (name === "plus") return undefined;
    const accepted = functors[name].of.some((of) => of === kindClass(kind));
    return accepted ? builtIn(name, kind) : undefined;
  }

  private refuse(message: string, span: Span, hint?: string): void {
    this.findings.error("wrong-lattice", message, span, hint === undefined ? {} : { hint });
  }
}

const numbers = primitives.get("number");

const memberNames = ["Bottom", "Top", "Lub", "Glb", "Leq"];

/** The lattices that need no declaration, with the functors that join and meet. */
const predeclared: ReadonlyMap<
  string,
  { readonly lub: "min" | "max" | "lor" | "land"; readonly glb: "min" | "max" | "lor" | "land" }
> = new Map([
  ["Min", { lub: "min", glb: "max" }],
  ["Max", { lub: "max", glb: "min" }],
  ["Or", { lub: "lor", glb: "land" }],
  ["And", { lub: "land", glb: "lor" }],
]);

/** The operands of an operation. */
export const both: readonly Term[] = [
  { kind: "variable", variable: 0 },
  { kind: "variable", variable: 1 },
];

const nowhere: Span = { source: { path: "lattices", text: "" }, start: 0, end: 0 };

function builtIn(name: Functor, of: ValueKind): LatticeOperation {
  return { term: { kind: "functor", name, of, arguments: both, span: nowhere } };
}

/** Whether `_` stands for both operands, and for nothing else. */
export function areHoles(nodes: readonly TermNode[]): boolean {
  return nodes.length === 2 && nodes.every(({ kind }) => kind === "anonymous");
}
