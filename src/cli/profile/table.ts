import { xmlText } from "../reports/xml.ts";

/** A cell of a table: what it shows and, of a number, by what it is sorted. `html` is put in as it
 * is. */
export type Cell =
  | { readonly text: string; readonly value?: number }
  | { readonly html: string; readonly value?: number };

/** Returns a table as HTML, with numbers to the right, which its reader can sort. */
export function table(
  name: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const numeric = head.map((_, at) => rows.some((row) => row[at]?.value !== undefined));
  const kind = (at: number): string => (numeric[at] === true ? ' class="number"' : "");
  const heads = head.map((text, at) => `<th scope="col"${kind(at)}>${xmlText(text)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, at) => {
      const sorted = cell.value === undefined ? "" : ` data-value="${cell.value}"`;
      return `<td${kind(at)}${sorted}>${"html" in cell ? cell.html : xmlText(cell.text)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return [
    `<div class="scroll" role="region" tabindex="0" aria-label="${xmlText(name)}">`,
    `<table class="sortable">`,
    `<thead><tr>${heads.join("")}</tr></thead>`,
    `<tbody>\n${body.join("\n")}\n</tbody>`,
    "</table>",
    "</div>",
  ].join("\n");
}

/** A number as it is read, whole unless it has `digits` after the point. */
export function number(value: number, digits = 0): Cell & { readonly text: string } {
  const said = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return { text: value.toLocaleString("en", said), value };
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): Cell & { readonly text: string } {
  return { ...number(bytes / 2 ** 20, 2), value: bytes };
}
