// What is wrong with components by themselves, also with those of which there is no instance.
import type { Span } from "../base/source.ts";
import type { ComponentNode, ItemNode, NameNode } from "../syntax/tree.ts";
import { componentOf, ComponentScope, type ScopedComponent } from "./components-scope.ts";
import type { Findings } from "./findings.ts";

/** Reports what is wrong with the declarations of components and with what they name. */
export function checkComponents(items: readonly ItemNode[], findings: Findings): void {
  const scope = new ComponentScope(items);
  const checking = new Checking(findings);
  checking.items(items, scope);
  checkNames(items, findings);
  for (const item of items) {
    if (item.kind !== "override") continue;
    const message = "`.override` stands outside of a component";
    findings.error("wrong-override", message, item.span, {
      hint: "only what a component inherits can be overridden",
    });
  }
}

class Checking {
  private readonly findings: Findings;
  private readonly scopes = new Map<ComponentNode, ComponentScope>();
  /** Components whose bases are looked at: each inherits the one after it. */
  private readonly heirs: ComponentNode[] = [];

  constructor(findings: Findings) {
    this.findings = findings;
  }

  /** Checks what a scope declares. */
  items(items: readonly ItemNode[], scope: ComponentScope): void {
    const seen = new Map<string, Span>();
    for (const item of items) {
      if (item.kind === "instance") componentOf("component", item.component, scope, this.findings);
      if (item.kind !== "component") continue;
      reportAgain(item.type.name, seen, "component", "duplicate-component", this.findings);
      this.scopeOf({ node: item, outer: scope });
    }
  }

  private scopeOf({ node, outer }: ScopedComponent): ComponentScope {
    const known = this.scopes.get(node);
    if (known !== undefined) return known;
    const names = node.type.parameters.flatMap(({ parts }) => parts);
    const parameters = new Map(names.map(({ text }) => [text, "open"] as const));
    const scope = new ComponentScope(node.items, { outer, parameters, instance: "" });
    this.heirs.push(node);
    for (const type of node.bases) {
      const base = componentOf("base", type, scope, this.findings);
      if (base !== undefined && !this.heirs.includes(base.node)) {
        const inherited = this.scopeOf(base);
        scope.bases.push(inherited);
        scope.complete &&= inherited.complete;
        continue;
      }
      if (base !== undefined) reportInheritance(this.heirs, base.node, this.findings);
      scope.complete = false;
    }
    this.heirs.pop();
    this.scopes.set(node, scope);

    const seen = new Map<string, Span>();
    for (const name of names)
      reportAgain(name, seen, "parameter", "duplicate-parameter", this.findings);
    for (const item of node.items)
      if (item.kind === "override") scope.checkOverride(item, this.findings);
    this.items(node.items, scope);
    return scope;
  }
}

/** Reports that `node`, a base of the last of `heirs`, is one of them. */
export function reportInheritance(
  heirs: readonly ComponentNode[],
  node: ComponentNode,
  findings: Findings,
): void {
  const path = [...heirs.slice(heirs.indexOf(node)), node];
  const { text, span } = node.type.name;
  findings.error("cyclic-component", `component "${text}" inherits itself`, span, {
    notes: path.length > 2 ? [path.map(({ type }) => type.name.text).join(" → ")] : [],
  });
}

function reportAgain(
  { text, span }: NameNode,
  seen: Map<string, Span>,
  what: string,
  code: "duplicate-component" | "duplicate-parameter",
  findings: Findings,
): void {
  const earlier = seen.get(text);
  if (earlier === undefined) {
    seen.set(text, span);
    return;
  }
  const related = [{ span: earlier, text: "declared here" }];
  findings.error(code, `${what} "${text}" is declared twice`, span, { related });
}

/** Reports components and instances of the program that are named like something else in it. */
function checkNames(items: readonly ItemNode[], findings: Findings): void {
  const taken = new Map<string, { readonly what: string; readonly span: Span }>();
  const take = (what: string, { text, span }: NameNode) => {
    const earlier = taken.get(text);
    if (earlier === undefined) {
      taken.set(text, { what, span });
    } else if (what !== "relation" && what !== "type" && what !== earlier.what) {
      const message = `${what} "${text}" has the name of a ${earlier.what}`;
      const related = [{ span: earlier.span, text: `the ${earlier.what}` }];
      findings.error("name-clash", message, span, { related });
    }
  };
  for (const item of items) if (item.kind === "type") take("type", item.name);
  for (const item of items)
    if (item.kind === "relation") for (const name of item.names) take("relation", name);
  for (const item of items) if (item.kind === "component") take("component", item.type.name);
  for (const item of items) if (item.kind === "instance") take("instance", item.name);
}
