// What an editor shows between the author's words: types of variables, levels of relations.
import { InlayHintKind, type InlayHint } from "vscode-languageserver";
import type { Span } from "../base/source.ts";
import { rangeOf } from "./positions.ts";
import { levelMeanings, levelsOf } from "./relation-levels.ts";
import { variableType } from "./variable-types.ts";
import type { Understood } from "./workspace.ts";

/** Returns the hints between two offsets of a text: the type of each variable where it first
 * stands in its clause, and the level of each relation after its declaration. */
export function inlayHints(
  of: Understood,
  path: string,
  { start, end }: { readonly start: number; readonly end: number },
): InlayHint[] {
  return [...typeHints(of), ...levelHints(of)]
    .filter(({ span }) => span.source.path === path && span.start <= end && span.end >= start)
    .toSorted((a, b) => a.span.end - b.span.end)
    .map(({ span, hint }) => ({ position: rangeOf(span).end, ...hint }));
}

type Placed = { readonly span: Span; readonly hint: Omit<InlayHint, "position"> };

function typeHints({ index, program }: Understood): Placed[] {
  return index.clauses.flatMap((clause) =>
    [...clause.variables.values()].flatMap((symbol): Placed[] => {
      const first = symbol.occurrences[0];
      // A parameter's type is written beside it.
      if (first === undefined || symbol.type !== undefined) return [];
      const type = variableType(symbol.name, clause, program);
      if (type === undefined) return [];
      return [{ span: first.span, hint: { label: `: ${type}`, kind: InlayHintKind.Type } }];
    }),
  );
}

function levelHints({ index, program, verdict }: Understood): Placed[] {
  return index.symbols.flatMap((symbol): Placed[] => {
    const { kind, item } = symbol;
    if (kind !== "relation" || item?.kind !== "relation") return [];
    const levels = [...new Set(levelsOf(symbol, program, verdict).map(({ level }) => level))];
    if (levels.length === 0) return [];
    // Several relations may be declared together.
    const label = item.names.length > 1 ? `${symbol.name} ${levels.join(", ")}` : levels.join(", ");
    const tooltip = levels.map((level) => `${level}: ${levelMeanings[level]}`).join("\n");
    return [{ span: item.span, hint: { label, tooltip, paddingLeft: true } }];
  });
}
