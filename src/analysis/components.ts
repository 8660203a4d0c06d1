// From a tree to a tree without components: at the place of every `.init` stand copies of the
// component's items, under names that begin with the instance's. It comes before the rest of
// analysis, which knows nothing of components.
import type { Copy, Span } from "../base/source.ts";
import type {
  ClauseNode,
  ComponentTypeNode,
  FlatItemNode,
  InstanceNode,
  ItemNode,
  QualifiedNameNode,
  SubsumptionNode,
} from "../syntax/tree.ts";
import { checkComponents, reportInheritance } from "./components-check.ts";
import { copyItem } from "./components-copy.ts";
import { FullNames, fullName } from "./components-names.ts";
import {
  type Arguments,
  componentOf,
  ComponentScope,
  type ScopedComponent,
  within,
} from "./components-scope.ts";
import type { Findings } from "./findings.ts";

/** How deep instances may lie in one another, as in Soufflé. */
const instanceDepthMax = 100;

/** How many items and uses of components a program may have once its instances are written out. */
const copiedItemsMax = 1_000_000;

/** A text's items once its components are written out. */
export type Expansion = {
  readonly items: readonly FlatItemNode[];
  /** Whether what would declare this name was refused already, so that nothing is said of it. */
  readonly hides: (name: string, span: Span) => boolean;
};

/** Returns `items` with the copies that instances stand for instead of components and instances;
 * reports what is wrong with those. */
export function expandComponents(items: readonly ItemNode[], findings: Findings): Expansion {
  if (items.every(flat)) return { items, hides: () => false };
  checkComponents(items, findings);
  return new Expanding(findings).expand(items);
}

function flat(item: ItemNode): item is FlatItemNode {
  return item.kind !== "component" && item.kind !== "instance" && item.kind !== "override";
}

/** An item of an instance, before its names are known. `copy` is undefined outside of instances. */
type CollectedItem = {
  readonly item: FlatItemNode;
  readonly scope: ComponentScope;
  readonly copy: Copy | undefined;
};

/** A component that is written out, and those around it that are. */
type Use = {
  readonly copy: Copy;
  /** Relations whose rules are left out, as a component that inherits them brings its own. */
  readonly overridden: ReadonlySet<string>;
  /** The components that inherit this one, and this one. */
  readonly heirs: readonly ScopedComponent["node"][];
  readonly depth: number;
};

class Expanding {
  private readonly findings: Findings;
  private readonly names = new FullNames();
  private readonly collected: CollectedItem[] = [];
  private readonly instances = new Map<string, Span>();
  private readonly broken = new Set<string>();
  /** Full names of the types that components declare by the names of their parameters. */
  private readonly given = new Set<string>();
  private copied = 0;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  expand(items: readonly ItemNode[]): Expansion {
    const scope = new ComponentScope(items);
    for (const item of items) {
      if (flat(item)) this.collect(item, scope, undefined);
      if (item.kind === "instance") this.instantiate(item, scope, undefined, 1);
    }
    return { items: this.copies(), hides: (name, span) => this.hides(name, span) };
  }

  private instantiate(
    { name, component, span }: InstanceNode,
    scope: ComponentScope,
    around: Copy | undefined,
    depth: number,
  ): void {
    if (this.copied > copiedItemsMax) return;
    const instance = fullName(around?.name ?? "", name.text);
    const place = within(name.span, around);
    const earlier = this.instances.get(instance);
    if (earlier !== undefined) {
      const related = [{ span: earlier, text: "the first" }];
      const message = `two instances are named "${instance}"`;
      this.findings.error("duplicate-instance", message, place, { related });
      return;
    }
    this.instances.set(instance, place);
    this.names.declareInstance(instance);
    const found = componentOf("component", component, scope, this.findings, around);
    if (found === undefined) {
      this.broken.add(instance);
      return;
    }
    if (depth > instanceDepthMax) {
      const message = `instances lie in one another more than ${instanceDepthMax} deep`;
      const notes = [`"${found.node.type.name.text}" is the component of the innermost`];
      this.findings.error("limit-exceeded", message, span, { notes });
      this.copied = Infinity;
      return;
    }
    const parameters = argumentsOf(component, found, scope);
    const copy = { name: instance, span: within(span, around) };
    const heirs = [found.node];
    this.use(found, parameters, { copy, overridden: new Set(), heirs, depth });
  }

  /** Collects what a component and its bases hold, and returns the scope of that. */
  private use(
    { node, outer }: ScopedComponent,
    parameters: Arguments,
    { copy, overridden, heirs, depth }: Use,
  ): ComponentScope {
    const scope = new ComponentScope(node.items, { outer, parameters, instance: copy.name });
    this.count(node.type.span);
    const overrides = node.items.filter((item) => item.kind === "override");
    const dropped = new Set([...overridden, ...overrides.map(({ name }) => name.text)]);
    for (const type of node.bases) {
      if (this.copied > copiedItemsMax) return scope;
      const base = componentOf("base", type, scope, this.findings, copy);
      if (base === undefined || heirs.includes(base.node)) {
        if (base !== undefined) reportInheritance(heirs, base.node, this.findings);
        scope.complete = false;
        this.broken.add(copy.name);
        continue;
      }
      const use = { copy, overridden: dropped, heirs: [...heirs, base.node], depth };
      const inherited = this.use(base, argumentsOf(type, base, scope), use);
      scope.bases.push(inherited);
      if (scope.argument(type.name.text) !== undefined) scope.open.add(inherited);
    }
    for (const override of overrides) scope.checkOverride(override, this.findings);
    for (const item of node.items) {
      if (item.kind === "instance") {
        this.instantiate(item, scope, copy, depth + 1);
      } else if (flat(item)) {
        const kept = overridden.size === 0 ? item : withoutRules(item, overridden);
        if (kept !== undefined) this.collect(kept, scope, copy);
      }
    }
    return scope;
  }

  private collect(found: FlatItemNode, scope: ComponentScope, copy: Copy | undefined): void {
    const item = this.renamed(found, scope, copy);
    this.names.declare(item, copy?.name ?? "");
    this.collected.push({ item, scope, copy });
    if (copy !== undefined) this.count(item.span);
  }

  /** A component may declare a type by the name of a parameter: it is called like the argument, and
   * belongs to the instance. */
  private renamed(item: FlatItemNode, scope: ComponentScope, copy: Copy | undefined): FlatItemNode {
    if (item.kind !== "type" || copy === undefined) return item;
    const argument = scope.argument(item.name.text);
    if (argument === undefined || argument === "open") return item;
    this.given.add(fullName(copy.name, argument.name));
    return { ...item, name: { ...item.name, text: argument.name } };
  }

  private count(span: Span): void {
    this.copied++;
    if (this.copied !== copiedItemsMax + 1) return;
    const message = `the instances of components make more than ${copiedItemsMax} items`;
    this.findings.error("limit-exceeded", message, span);
  }

  private copies(): FlatItemNode[] {
    const items: FlatItemNode[] = [];
    const shared = new Map<FlatItemNode, string[]>();
    for (const { item, scope, copy } of this.collected) {
      if (copy !== undefined && this.copied > copiedItemsMax) continue;
      if (copy === undefined) {
        items.push(item);
        continue;
      }
      const made = copyItem(item, {
        copy,
        declared: (name) => fullName(copy.name, name),
        relation: (name) => this.names.find("relation", name, copy.name),
        branch: (name) => this.names.find("branch", name, copy.name),
        type: (name) => this.typeName(name, scope),
      });
      // What belongs to the whole program is there once, however many instances say it.
      if (made.kind === "functor" || made.kind === "pragma" || made.kind === "lattice") {
        const said = JSON.stringify(made, (key, value: unknown) => (key === "span" ? 0 : value));
        const before = shared.get(item) ?? [];
        if (before.includes(said)) continue;
        shared.set(item, [...before, said]);
      }
      items.push(made);
    }
    return items;
  }

  /** Returns the type that a name in a component stands for: for a parameter what its argument is
   * where the instance is made, or else in the instance itself. */
  private typeName(name: string, scope: ComponentScope): string {
    const argument = scope.argument(name);
    if (argument === undefined || argument === "open")
      return this.names.find("type", name, scope.instance);
    const declared = fullName(scope.instance, argument.name);
    if (this.given.has(declared)) return declared;
    const outside = argument.scope.instance;
    const where = this.names.has("type", argument.name, outside) ? outside : scope.instance;
    return this.names.find("type", argument.name, where);
  }

  private hides(name: string, { copy }: Span): boolean {
    if (this.broken.size === 0 && this.copied <= copiedItemsMax) return false;
    if (this.copied > copiedItemsMax) return true;
    for (let at = copy; at !== undefined; at = at.span.copy)
      if (this.broken.has(at.name)) return true;
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1))
      if (this.broken.has(name.slice(0, dot))) return true;
    return false;
  }
}

/** Returns what the parameters of a component stand for in a use of it. */
function argumentsOf(
  { parameters }: ComponentTypeNode,
  { node }: ScopedComponent,
  scope: ComponentScope,
): Arguments {
  return new Map(
    node.type.parameters.map((parameter, at) => {
      const name = joined(parameters[at] ?? parameter);
      return [joined(parameter), scope.argument(name) ?? { name, scope }];
    }),
  );
}

function joined({ parts }: QualifiedNameNode): string {
  return parts.map(({ text }) => text).join(".");
}

/** Returns an item without the rules and facts of these relations; undefined where nothing is left
 * of it. */
function withoutRules(
  item: FlatItemNode,
  overridden: ReadonlySet<string>,
): FlatItemNode | undefined {
  const drops = ({ relation }: SubsumptionNode["dominated"]) =>
    overridden.has(relation.parts[0]?.text ?? "");
  if (item.kind === "subsumption") return drops(item.dominated) ? undefined : item;
  if (item.kind !== "clause") return item;
  const heads: ClauseNode["heads"] = item.heads.filter(({ atom }) => !drops(atom));
  if (heads.length === item.heads.length) return item;
  return heads.length === 0 ? undefined : { ...item, heads };
}
