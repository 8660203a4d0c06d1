import { suggest } from "../base/suggest.ts";
import type { Span } from "../base/source.ts";
import type { FlatItemNode } from "../syntax/tree.ts";

/** What has names of its own that a component's instance makes full. */
export type Named = "relation" | "type" | "branch";

/** Returns the name of what is called `name` in this instance; "" is the program itself. */
export function fullName(instance: string, name: string): string {
  return instance === "" ? name : `${instance}.${name}`;
}

/** The names that a program declares in the end, each with the instances around it: `x.y.r`. */
export class FullNames {
  private readonly declared = {
    relation: new Set<string>(),
    type: new Set<string>(),
    branch: new Set<string>(),
  };
  private readonly instances = new Set<string>();

  declareInstance(name: string): void {
    this.instances.add(name);
  }

  /** Adds what an item declares in this instance. */
  declare(item: FlatItemNode, instance: string): void {
    const add = (named: Named, name: { readonly text: string }) =>
      this.declared[named].add(fullName(instance, name.text));
    if (item.kind === "relation") for (const name of item.names) add("relation", name);
    if (item.kind === "debug-delta") add("relation", item.name);
    if (item.kind === "type") add("type", item.name);
    if (item.kind === "type" && item.definition.kind === "adt")
      for (const { name } of item.definition.branches) add("branch", name);
  }

  /** Whether something declares what `name` means in this instance. */
  has(named: Named, name: string, instance: string): boolean {
    return around(instance, name, this.declared[named]) !== undefined;
  }

  /** Returns the full name of what `name` means in this instance: what the innermost instance
   * around it declares. Where nothing does, a name that begins with an instance's is made full as
   * far as that goes. */
  find(named: Named, name: string, instance: string): string {
    const found = around(instance, name, this.declared[named]);
    if (found !== undefined) return found;
    const dot = name.indexOf(".");
    if (dot < 0) return name;
    const owner = around(instance, name.slice(0, dot), this.instances);
    return owner === undefined ? name : `${owner}${name.slice(dot)}`;
  }
}

function around(instance: string, name: string, names: ReadonlySet<string>): string | undefined {
  for (let at = instance; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const full = fullName(at, name);
    if (names.has(full)) return full;
  }
  return names.has(name) ? name : undefined;
}

/** Returns the name that `name` was most likely meant to be, as it is written at `span`: names of
 * the instances around it come first, and without their prefix. */
export function suggestName(name: string, span: Span, names: Iterable<string>): string | undefined {
  const all = [...names];
  for (let { copy } = span; copy !== undefined; copy = copy.span.copy) {
    const prefix = `${copy.name}.`;
    const local = all.flatMap((of) => (of.startsWith(prefix) ? [of.slice(prefix.length)] : []));
    const near = suggest(name.startsWith(prefix) ? name.slice(prefix.length) : name, local);
    if (near !== undefined) return near;
  }
  return suggest(name, all);
}
