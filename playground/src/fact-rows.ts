// Files of facts as rows of cells, and back: what grids show, and what files become that are dropped
// on a relation. Cells stay as they were written; what they mean is for the engine to say.
import type { FactFile, RelationInfo } from "./protocol.ts";

/** How rows are written. */
type Separation = Pick<FactFile, "delimiter" | "quoted">;

/** A row, and the line at which it begins. */
export type FactRow = { readonly cells: readonly string[]; readonly line: number };

/** Returns the rows of a text, those of headers too. */
export function rowsOf(text: string, { delimiter, quoted }: Separation): FactRow[] {
  const rows: FactRow[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const cells: string[] = [];
    const first = line;
    for (;;) {
      let cell: string;
      if (quoted && text[at] === '"') ({ cell, at } = quotedCell(text, at));
      else {
        const end = cellEnd(text, at, delimiter);
        cell = text.slice(at, end);
        at = end;
      }
      line += cell.split("\n").length - 1;
      if (text.startsWith(delimiter, at)) {
        cells.push(cell);
        at += delimiter.length;
        continue;
      }
      // What stands before the end of a line; a carriage return belongs to that.
      cells.push(at === cellEnd(text, at, delimiter) ? cell.replace(/\r$/, "") : cell);
      at = newlineFrom(text, at) + 1;
      break;
    }
    line++;
    rows.push({ cells, line: first });
  }
  return rows;
}

/** Returns rows as a text; or the place of the first that cannot be written so, and why. */
export function rowsText(
  rows: readonly (readonly string[])[],
  separation: Separation,
): string | { readonly row: number; readonly why: string } {
  const lines: string[] = [];
  for (const [row, cells] of rows.entries()) {
    const written: string[] = [];
    for (const cell of cells) {
      const text = cellWritten(cell, separation);
      if (text === undefined)
        return {
          row,
          why: `${JSON.stringify(cell)} would end its column early; rfc4180=true lets .input read quotes`,
        };
      written.push(text);
    }
    lines.push(`${written.join(separation.delimiter)}\n`);
  }
  return lines.join("");
}

/** Returns what a file that is dropped on a relation becomes: facts as its `.input` reads them; or
 * why it cannot. */
export function droppedFacts(
  { name, text }: { readonly name: string; readonly text: string },
  { name: relation, attributes, facts }: RelationInfo,
): { readonly text: string } | { readonly refused: string } {
  if (facts === undefined) return { refused: `${relation} is no input: it reads no facts` };
  if (facts.kind === "sqlite") return { refused: "SQLite databases are read by `calm run`" };
  const names = attributes.map((of) => of.name);
  const json = name.toLowerCase().endsWith(".json");
  if (json && facts.kind === "json") return { text };
  const rows = json ? jsonRows(text, names) : dealtRows(text, name, names);
  if ("refused" in rows) return rows;
  if (facts.kind === "json") {
    const objects = rows.map((cells) =>
      Object.fromEntries(names.map((of, at) => [of, cells[at] ?? ""])),
    );
    return { text: `${JSON.stringify(facts.objects ? objects : rows, null, 1)}\n` };
  }
  const written = rowsText([...(facts.headers ? [names] : []), ...rows], facts);
  if (typeof written === "string") return { text: written };
  return { refused: `row ${String(written.row + (facts.headers ? 0 : 1))}: ${written.why}` };
}

function cellWritten(cell: string, { delimiter, quoted }: Separation): string | undefined {
  const open = cell.includes("\n") || cell.includes(delimiter) || (quoted && cell.startsWith('"'));
  if (!open || nested(cell, delimiter)) return cell;
  return quoted ? `"${cell.replaceAll('"', '""')}"` : undefined;
}

/** Whether a cell is a record or the like: what separates columns may stand in its brackets. */
function nested(cell: string, delimiter: string): boolean {
  return /^[[{$]/.test(cell) && cellEnd(cell, 0, delimiter) === cell.length;
}

function quotedCell(text: string, from: number): { readonly cell: string; readonly at: number } {
  let cell = "";
  for (let at = from + 1; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter !== '"') cell += letter;
    else if (text[at + 1] === '"') {
      cell += '"';
      at++;
    } else return { cell, at: at + 1 };
  }
  return { cell, at: text.length };
}

/** Where a cell ends that is not quoted: at what separates columns, outside of brackets. */
function cellEnd(text: string, from: number, delimiter: string): number {
  const brackets = /[[{$]/.test(text[from] ?? "");
  let depth = 0;
  let at = from;
  for (; at < text.length && text[at] !== "\n"; at++) {
    const letter = text[at] ?? "";
    if (brackets && "[{(".includes(letter)) depth++;
    else if (brackets && "]})".includes(letter)) depth--;
    else if (depth <= 0 && text.startsWith(delimiter, at)) break;
  }
  return at;
}

function newlineFrom(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** Rows of a file whose delimiter nobody has told: that of its name, unless another one gives the
 * first line as many columns as the relation has. Columns with the names of all attributes, in
 * whatever order, are headers. */
function dealtRows(
  text: string,
  name: string,
  names: readonly string[],
): string[][] | { readonly refused: string } {
  const usual = name.toLowerCase().endsWith(".csv") ? "," : "\t";
  const first = text.slice(0, newlineFrom(text, 0));
  const delimiter =
    [usual, ",", "\t", ";", "|"].find(
      (one) => rowsOf(first, { delimiter: one, quoted: true })[0]?.cells.length === names.length,
    ) ?? usual;
  const rows = rowsOf(text, { delimiter, quoted: true });
  const places = names.map((of) => rows[0]?.cells.findIndex((cell) => cell.trim() === of) ?? -1);
  const headers = names.length > 0 && places.every((at) => at >= 0);
  const facts = rows.slice(headers ? 1 : 0).filter(({ cells }) => cells.join("") !== "");
  const short = facts.find(({ cells }) => cells.length < names.length);
  if (short !== undefined)
    return {
      refused: `line ${String(short.line)}: ${String(short.cells.length)} of ${String(names.length)} columns (${names.join(", ")})`,
    };
  return facts.map(({ cells }) =>
    names.map((_, at) => cells[headers ? (places[at] ?? at) : at] ?? ""),
  );
}

function jsonRows(
  text: string,
  names: readonly string[],
): string[][] | { readonly refused: string } {
  let tuples: unknown;
  try {
    tuples = JSON.parse(text);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
  if (!Array.isArray(tuples)) return { refused: "it is no array of tuples" };
  const rows: string[][] = [];
  for (const [row, tuple] of (tuples as readonly unknown[]).entries()) {
    if (typeof tuple !== "object" || tuple === null)
      return { refused: `row ${String(row + 1)}: neither an array nor an object` };
    const values = Array.isArray(tuple)
      ? (tuple as readonly unknown[])
      : names.map((name) => (tuple as Readonly<Record<string, unknown>>)[name]);
    const missing = names.find((_, at) => values[at] === undefined);
    if (missing !== undefined) return { refused: `row ${String(row + 1)}: there is no ${missing}` };
    rows.push(names.map((_, at) => cellText(values[at])));
  }
  return rows;
}

/** A value of JSON as a cell has it: `nil`, or a record's values in brackets. */
function cellText(value: unknown): string {
  if (value === null) return "nil";
  if (Array.isArray(value)) return `[${value.map(cellText).join(", ")}]`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
