import { structured, type ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { cells, fitted, visible } from "./display.ts";
import { rowOrder } from "./order.ts";
import type { Tuples } from "./tuples.ts";

/** How large a table may be. */
export type TableSize = {
  /** The cells of a line. A table is never narrower than three cells for a column. */
  readonly widthMax: number;
  readonly rowsMax: number;
};

const columnCellsMin = 3;

/** Returns a relation as a table for a terminal: its name and size, and its first rows in value
 * order, numbers to the right. What does not fit is cut and says so. */
export function tableText(
  tuples: Tuples,
  values: Values,
  { widthMax, rowsMax }: TableSize,
): string {
  const { schema, size } = tuples;
  const title = `${schema.name}: ${size} ${size === 1 ? "tuple" : "tuples"}\n`;
  if (schema.attributes.length === 0)
    return `${schema.name}: ${size > 0 ? "holds" : "does not hold"}\n`;
  if (size === 0) return title;
  const order = rowOrder(tuples, values).subarray(0, rowsMax);
  const columns = schema.attributes.map(({ name, kind }, at) => {
    const words = tuples.column(at);
    const texts = Array.from(order, (row) => visible(values.print(kind, words[row]!)));
    const width = texts.reduce((most, text) => Math.max(most, cells(text)), cells(name));
    return { name, texts, width: Math.max(width, columnCellsMin), right: isNumber(kind) };
  });
  const widths = narrowed(
    columns.map(({ width }) => width),
    widthMax - 3 * columns.length - 1,
  );
  const line = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const row = (texts: readonly string[]): string =>
    `│ ${texts.map((text, at) => padded(text, widths[at]!, columns[at]!.right)).join(" │ ")} │`;
  const lines = [
    line("┌", "┬", "┐"),
    row(columns.map(({ name }) => name)),
    line("├", "┼", "┤"),
    ...Array.from(order, (_, at) => row(columns.map(({ texts }) => texts[at]!))),
    line("└", "┴", "┘"),
  ];
  const more = size > order.length ? `… and ${size - order.length} more\n` : "";
  return `${title}${lines.join("\n")}\n${more}`;
}

/** Returns a relation as a Markdown table, all of it, in value order. */
export function markdownText(tuples: Tuples, values: Values): string {
  const { attributes, name } = tuples.schema;
  if (attributes.length === 0) return `${name}: ${tuples.size > 0 ? "holds" : "does not hold"}\n`;
  const row = (texts: readonly string[]): string => `| ${texts.join(" | ")} |\n`;
  const columns = attributes.map(({ kind }, at) => ({ kind, words: tuples.column(at) }));
  const head =
    row(attributes.map((attribute) => attribute.name)) +
    row(attributes.map(({ kind }) => (isNumber(kind) ? "---:" : "---")));
  const rows = Array.from(rowOrder(tuples, values), (at) =>
    row(columns.map(({ kind, words }) => cell(values.print(kind, words[at]!)))),
  );
  return head + rows.join("");
}

function isNumber(kind: ValueKind): boolean {
  return kind !== "symbol" && !structured(kind);
}

function cell(text: string): string {
  return visible(text).replace(/[\\|`*_<>[\]]/g, "\\$&");
}

/** The widths of columns that have `total` cells together: the widest give first. */
function narrowed(widths: readonly number[], total: number): number[] {
  const sorted = [...widths].sort((a, b) => a - b);
  let left = Math.max(total, columnCellsMin * widths.length);
  let share = 0;
  for (const [at, width] of sorted.entries()) {
    share = Math.floor(left / (sorted.length - at));
    if (width > share) break;
    left -= width;
    share = width;
  }
  return widths.map((width) => Math.min(width, share));
}

function padded(text: string, width: number, right: boolean): string {
  const shown = fitted(text, width);
  const space = " ".repeat(width - cells(shown));
  return right ? space + shown : shown + space;
}
