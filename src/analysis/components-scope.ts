// Which component a name stands for: parameters, nested components and those of bases come before
// what the surroundings declare.
import type { Copy, Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type {
  ComponentNode,
  ComponentTypeNode,
  ItemNode,
  OverrideNode,
  RelationDeclarationNode,
} from "../syntax/tree.ts";
import type { Findings } from "./findings.ts";

/** A component with the scope in which it is declared. */
export type ScopedComponent = { readonly node: ComponentNode; readonly outer: ComponentScope };

/** What a parameter stands for: a name with where it is to be understood. */
export type Argument = { readonly name: string; readonly scope: ComponentScope };

/** The arguments of a component, by its parameters; those of a declaration by itself are open. */
export type Arguments = ReadonlyMap<string, Argument | "open">;

/** A relation that a base declares. */
type Inherited = { readonly declaration: RelationDeclarationNode; readonly open: boolean };

/** What names of components stand for in the program's text, or in one use of a component. */
export class ComponentScope {
  readonly bases: ComponentScope[] = [];
  /** The bases that the component names by a parameter. */
  readonly open = new Set<ComponentScope>();
  /** False where a base is not known, so that not all that is inherited is. */
  complete = true;
  /** The name of the instance that is made, empty for the program itself. */
  readonly instance: string;
  private readonly outer: ComponentScope | undefined;
  private readonly parameters: Arguments;
  private readonly components = new Map<string, ComponentNode>();
  private readonly relations = new Map<string, RelationDeclarationNode>();

  constructor(
    items: readonly ItemNode[],
    use?: { outer: ComponentScope; parameters: Arguments; instance: string },
  ) {
    this.outer = use?.outer;
    this.parameters = use?.parameters ?? new Map();
    this.instance = use?.instance ?? "";
    for (const item of items) {
      if (item.kind === "component" && !this.components.has(item.type.name.text))
        this.components.set(item.type.name.text, item);
      if (item.kind === "relation")
        for (const { text } of item.names) this.relations.set(text, item);
    }
  }

  /** Returns the argument that a name stands for: "open" where it is a parameter that has none yet,
   * undefined where it is no parameter. */
  argument(name: string): Argument | "open" | undefined {
    return this.parameters.get(name) ?? this.outer?.argument(name);
  }

  /** Returns the component of this name; undefined where there is none. */
  component(name: string): ScopedComponent | undefined {
    const argument = this.parameters.get(name);
    if (argument !== undefined) return componentFor(argument);
    return this.nested(name) ?? this.outer?.component(name);
  }

  /** Returns the component that a base's name stands for, which the component itself does not
   * declare. */
  base(name: string): ScopedComponent | undefined {
    const argument = this.parameters.get(name);
    return argument === undefined ? this.outer?.component(name) : componentFor(argument);
  }

  /** Returns the names of all components that can be used here. */
  names(): string[] {
    return [
      ...this.components.keys(),
      ...this.bases.flatMap((base) => [...base.components.keys()]),
      ...(this.outer?.names() ?? []),
    ];
  }

  /** Reports what a component cannot override. */
  checkOverride({ name: { text, span } }: OverrideNode, findings: Findings): void {
    const own = this.relations.get(text);
    if (own !== undefined) {
      const message = `relation "${text}" is declared here and not inherited`;
      findings.error("wrong-override", message, span, {
        label: "only what a base declares can be overridden",
        related: placesOf(text, own),
      });
      return;
    }
    const inherited = new Map(this.inherited(false));
    const found = inherited.get(text);
    // What a base has that stands for a parameter is not known where the component is written.
    if (found?.open === true) return;
    if (found !== undefined) {
      const { declaration } = found;
      if (declaration.qualifiers.some(({ word }) => word === "overridable")) return;
      findings.error("wrong-override", `relation "${text}" is not overridable`, span, {
        related: placesOf(text, declaration),
        hint: "add `overridable` to its declaration",
      });
    } else if (this.complete) {
      const near = suggest(text, inherited.keys());
      findings.warning("useless-override", `no base declares a relation "${text}"`, span, {
        label: "has no effect",
        ...(near !== undefined && { hint: `did you mean ${near}?` }),
      });
    }
  }

  private nested(name: string): ScopedComponent | undefined {
    const node = this.components.get(name);
    if (node !== undefined) return { node, outer: this };
    for (const base of this.bases) {
      const found = base.nested(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Returns what all bases declare, and whether it comes through a base named by a parameter. */
  private inherited(open: boolean): [string, Inherited][] {
    return this.bases.flatMap((base) => {
      const through = open || this.open.has(base);
      const own = [...base.relations].map(([name, declaration]): [string, Inherited] => [
        name,
        { declaration, open: through },
      ]);
      return [...own, ...base.inherited(through)];
    });
  }
}

function componentFor(argument: Argument | "open"): ScopedComponent | undefined {
  return argument === "open" ? undefined : argument.scope.component(argument.name);
}

function placesOf(name: string, { names }: RelationDeclarationNode) {
  const places = names.filter(({ text }) => text === name);
  return places.map(({ span }) => ({ span, text: "declared here" }));
}

/** Returns the component that a base or an instance names, where it is known and takes as many
 * parameters; reports it where it does not. `copy` is the copy in which the name stands. */
export function componentOf(
  role: "base" | "component",
  { name, parameters, span }: ComponentTypeNode,
  scope: ComponentScope,
  findings: Findings,
  copy?: Copy,
): ScopedComponent | undefined {
  const argument = scope.argument(name.text);
  if (argument === "open") return undefined;
  const found = scope[role](name.text);
  if (found === undefined) {
    reportUnknown(name.text, argument, within(name.span, copy), scope, findings);
    return undefined;
  }
  const { type } = found.node;
  const [given, wanted] = [parameters.length, type.parameters.length];
  if (given === wanted) return found;
  const many = `${wanted === 0 ? "no" : wanted} parameter${wanted === 1 ? "" : "s"}`;
  const message = `component "${type.name.text}" has ${many}, not ${given}`;
  findings.error("wrong-parameters", message, within(span, copy), {
    related: [{ span: type.span, text: "declared here" }],
  });
  return undefined;
}

function reportUnknown(
  name: string,
  argument: Argument | undefined,
  span: Span,
  scope: ComponentScope,
  findings: Findings,
): void {
  if (argument !== undefined) {
    const message = `parameter "${name}" stands for "${argument.name}", which is no component`;
    findings.error("unknown-component", message, span);
    return;
  }
  const near = suggest(name, scope.names());
  findings.error("unknown-component", `component "${name}" is not declared`, span, {
    label: "not declared",
    hint: near === undefined ? `declare it: \`.comp ${name} { … }\`` : `did you mean ${near}?`,
  });
}

/** Returns `span` as a part of a copy. */
export function within({ source, start, end }: Span, copy: Copy | undefined): Span {
  return copy === undefined ? { source, start, end } : { source, start, end, copy };
}
