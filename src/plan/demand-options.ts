import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { DemandOptions } from "./demand.ts";

/** Returns which relations a program is to derive on demand: as `given`, and where that says
 * nothing by its pragmas "magic-transform" and "magic-transform-exclude", the last of each. Warns
 * of names in pragmas that are no relations. */
export function demandOptions(
  { pragmas, relations }: Program,
  given: Partial<DemandOptions>,
): { readonly options: DemandOptions; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const pragma = (key: string): string => {
    const last = pragmas.findLast((of) => of.key === key);
    for (const name of relationNames(last?.value ?? "")) {
      if (last === undefined || name === "*" || relations.some((of) => of.name === name)) continue;
      const message = `relation "${name}" is not declared`;
      const hint = `"${key}" takes names of relations, with commas between them`;
      const found = { severity: "warning", code: "unknown-relation", message, hint } as const;
      diagnostics.push({ ...found, span: last.span });
    }
    return last?.value ?? "";
  };
  const options = {
    relations: given.relations ?? demandedRelations(pragma("magic-transform")),
    exclude: given.exclude ?? relationNames(pragma("magic-transform-exclude")),
  };
  return { options, diagnostics };
}

/** Returns what `*`, or names with commas between them, stand for. */
export function demandedRelations(text: string): DemandOptions["relations"] {
  const names = relationNames(text);
  return names.includes("*") ? "*" : names;
}

/** Returns the names in a text that has commas between them. */
export function relationNames(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
