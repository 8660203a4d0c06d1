import { printLiteral } from "../analysis/dump.ts";
import type { Literal, Rule } from "../analysis/program.ts";
import { mapLiteralTerms, mapTerms } from "../analysis/terms.ts";
import type { Completed } from "./completed.ts";
import type { Bindings } from "./terms.ts";

/** Returns a literal in source notation, with values for the variables that have them. */
export function textOf(
  literal: Literal,
  { variables }: Rule,
  bindings: Bindings,
  { database, explainable }: Completed,
): string {
  const constant = mapLiteralTerms(literal, (term) =>
    mapTerms(term, (of) => {
      const word = of.kind === "variable" ? bindings[of.variable] : undefined;
      if (of.kind !== "variable" || word === undefined) return of;
      const { kind } = variables[of.variable]!;
      return { kind: "constant", of: kind, value: database.values.decode(kind, word) };
    }),
  );
  return printLiteral(constant, { relations: explainable.whole.relations, variables });
}
