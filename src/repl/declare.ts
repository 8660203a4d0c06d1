// The declarations that are left out when something is typed quickly: what a fact or a rule says of
// a new relation's columns.
import type { AnalyseOptions } from "../analysis/analyse.ts";
import { suggest } from "../base/suggest.ts";
import { bodyKinds, typeName } from "../goal.ts";
import type { AtomNode, ClauseNode, ItemNode, TermNode } from "../syntax/tree.ts";
import type { ValueKind } from "../value/schema.ts";

/** Returns a `.decl` for each relation that stands at a head of `clauses` and is not declared: its
 * types are those of its first head's constants and variables. None where a name that is known is
 * near, which may be meant, or where the types are not plain from the clause alone. */
export function missingDeclarations(
  items: readonly ItemNode[],
  clauses: readonly ItemNode[],
  options: AnalyseOptions,
): string[] {
  const declared = new Set([...items, ...clauses].flatMap(declaredNames));
  // Members of instances have dots in their names.
  const found: string[] = [];
  for (const clause of clauses) {
    if (clause.kind !== "clause") continue;
    for (const { atom } of clause.heads) {
      const [name, ...more] = atom.relation.parts.map(({ text }) => text);
      if (name === undefined || more.length > 0 || declared.has(name)) continue;
      if (suggest(name, declared) !== undefined) continue;
      const declaration = declarationOf(name, atom, clause, items, options);
      if (declaration === undefined) continue;
      declared.add(name);
      found.push(declaration);
    }
  }
  return found;
}

function declaredNames(item: ItemNode): string[] {
  if (item.kind === "relation") return item.names.map(({ text }) => text);
  return item.kind === "debug-delta" ? [item.name.text] : [];
}

function declarationOf(
  name: string,
  { terms }: AtomNode,
  clause: ClauseNode,
  items: readonly ItemNode[],
  options: AnalyseOptions,
): string | undefined {
  const kinds = terms.some(({ kind }) => kind === "variable")
    ? bodyKinds(items, clause, options)
    : new Map<string, ValueKind>();
  const types = terms.map((term) => typeOf(term, kinds));
  if (types.includes(undefined)) return undefined;
  const names = terms.map((term) => (term.kind === "variable" ? term.name : ""));
  const plain = (at: number): boolean => {
    const own = names[at] ?? "";
    return /^[A-Za-z]\w*$/.test(own) && names.indexOf(own) === at;
  };
  const columns = types.map((type, at) => {
    const own = plain(at) ? names[at] : `x${String(at + 1)}`;
    return `${own ?? ""}: ${type ?? ""}`;
  });
  return `.decl ${name}(${columns.join(", ")})`;
}

function typeOf(
  term: TermNode,
  kinds: ReadonlyMap<string, ValueKind> | undefined,
): string | undefined {
  switch (term.kind) {
    case "string":
      return "symbol";
    case "number":
      if (term.form === "float") return "float";
      return term.unsigned ? "unsigned" : "number";
    case "variable": {
      const kind = kinds?.get(term.name);
      const type = kind === undefined ? undefined : typeName(kind);
      return type !== undefined && /^[\w.<>, ]+$/.test(type) ? type : undefined;
    }
    case "anonymous":
    case "nil":
    case "record":
    case "branch":
    case "unary":
    case "binary":
    case "functor":
    case "user-functor":
    case "cast":
    case "aggregate":
    case "user-aggregate":
      return undefined;
  }
}
