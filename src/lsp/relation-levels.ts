import type { Level, Monotonicity } from "../analysis/levels.ts";
import type { Program, Relation } from "../analysis/program.ts";
import { declarationOf, type NamedSymbol } from "./symbol.ts";

/** A relation of the program that a declaration stands for, and its level. */
export type LevelOf = { readonly name: string; readonly level: Level; readonly final: boolean };

/** Returns the levels of what a declaration stands for: of one relation, or of its copies in all
 * instances of its component. */
export function levelsOf(
  symbol: NamedSymbol,
  program: Program | undefined,
  verdict: Monotonicity | undefined,
): readonly LevelOf[] {
  if (program === undefined || verdict === undefined) return [];
  return program.relations.flatMap((relation, at) => {
    const known = verdict.relations[at];
    if (known === undefined || !declaredBy(symbol, relation)) return [];
    return [{ name: relation.name, level: known.level, final: known.final }];
  });
}

function declaredBy(symbol: NamedSymbol, { name, span }: Relation): boolean {
  const declared = declarationOf(symbol);
  if (declared === undefined || symbol.item === undefined) return false;
  const { start, end } = symbol.item.span;
  return (
    name.slice(name.lastIndexOf(".") + 1) === symbol.name &&
    span.source === declared.source &&
    span.start >= start &&
    span.end <= end
  );
}

/** Says in a few words what a level means. */
export const levelMeanings: Readonly<Record<Level, string>> = {
  M: "monotone: needs no coordination, also while facts arrive",
  F1: "needs no coordination over inputs that are partitioned and sealed",
  F2: "needs no coordination over inputs that are placed by value and sealed",
  coordinating: "coordinates by itself, through `Id` and `All`",
  ordered: "not proved to do without coordination: it needs an order",
};
