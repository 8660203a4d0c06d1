import { textOf } from "../base/source.ts";
import type { Program } from "../analysis/program.ts";
import type { AttributeNode } from "../syntax/tree.ts";
import type { IndexedClause, NamedSymbol } from "./symbol.ts";

/** Returns the type of a clause's variable: the declared one of the attribute at which it stands in
 * an atom, of the body before the head; else what analysis inferred; undefined where neither says
 * anything. */
export function variableType(
  name: string,
  of: IndexedClause,
  program: Program | undefined,
): string | undefined {
  const declared = of.variables.get(name)?.type;
  if (declared !== undefined) return textOf(declared.span);
  for (const head of [false, true])
    for (const { atom, relation, role } of of.atoms) {
      if ((role === "head") !== head) continue;
      const at = atom.terms.findIndex((term) => term.kind === "variable" && term.name === name);
      const attribute = at < 0 ? undefined : attributesOf(relation)[at];
      if (attribute !== undefined) return textOf(attribute.type.span);
    }
  return inferred(name, of, program);
}

/** Returns the attributes of a relation, none where it is not declared by itself. */
export function attributesOf(relation: NamedSymbol | undefined): readonly AttributeNode[] {
  return relation?.item?.kind === "relation" ? relation.item.attributes : [];
}

function inferred(
  name: string,
  { clause: { span } }: IndexedClause,
  program: Program | undefined,
): string | undefined {
  for (const rule of program?.rules ?? []) {
    const { source, start, end } = rule.span;
    if (source !== span.source || start < span.start || end > span.end) continue;
    const variable = rule.variables.find((one) => one.name === name);
    if (variable !== undefined) return variable.kind.replace(/^record /, "");
  }
  return undefined;
}
