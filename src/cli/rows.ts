import type { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import { quoted } from "../value/print-value.ts";
import { structured } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { checkListed } from "./listed.ts";

/** The tuples of a relation as words; one that has too many to be listed ends the command. */
export function rowsOf(relation: Relation): Word[][] {
  checkListed(relation);
  const columns = relation.schema.attributes.map((_, at) => relation.column(at));
  return Array.from({ length: relation.size }, (_, row) =>
    columns.map((column) => column[row] ?? 0),
  );
}

/** Returns a value of a relation's column as a program writes it. */
export function valueText(
  relation: Relation,
  at: number,
  word: Word,
  { values }: Pick<Database, "values">,
): string {
  const kind = relation.schema.attributes[at]?.kind ?? "number";
  if (structured(kind))
    return values.structures.print(kind, word, (symbol) => quoted(values.symbols.text(symbol)));
  return kind === "symbol" ? JSON.stringify(values.print(kind, word)) : values.print(kind, word);
}
