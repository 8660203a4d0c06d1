// From findings to text for people: a frame with the excerpt and carets for each, or one line.
import type { Diagnostic, Label, Severity } from "./diagnostic.ts";
import { lineText, positionAt, type Source } from "./source.ts";

/** How findings are shown. `width` bounds excerpts, in characters. */
export type RenderOptions = { readonly color: boolean; readonly width?: number };

const widthDefault = 100;
const widthMin = 40;
const tabWidth = 4;

const codes = { reset: 0, bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
type Color = Exclude<keyof typeof codes, "reset">;
type Paint = (color: Color, text: string) => string;

const severityColors: Readonly<Record<Severity, Color>> = {
  error: "red",
  warning: "yellow",
  note: "cyan",
};

/** Returns `diagnostics` as frames in the given order, with an empty line between them and a line
 * end at the end; nothing for none.
 *
 *     error[unsafe-variable]: variable z is not bound by the body
 *       --> reach.dl:3:10
 *        |
 *      3 | pair(x, z) :- edge(x, y).
 *        |         ^ z never occurs in a positive atom
 *        = hint: add a positive atom that contains z
 */
export function render(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => `${frame(diagnostic, options)}\n`).join("\n");
}

/** Returns one line for each finding: `path:line:column: severity[code] message`. */
export function renderConcise(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ severity, code, message, span }) => {
      const { line, column } = positionAt(span.source, span.start);
      return `${span.source.path}:${line}:${column}: ${severity}[${code}] ${message}\n`;
    })
    .join("");
}

/** A label within one line of text, in columns from 0 of the line as its author wrote it. */
type Mark = {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly primary: boolean;
  /** The span goes on in later lines. */
  readonly open: boolean;
};

function frame(diagnostic: Diagnostic, { color, width = widthDefault }: RenderOptions): string {
  const paint: Paint = color
    ? (name, text) => `\x1b[${codes[name]}m${text}\x1b[${codes.reset}m`
    : (_name, text) => text;
  const { severity, code, message, span, label = "", related = [] } = diagnostic;
  const labels = [{ span, text: label, primary: true }, ...related.map(secondary)];
  const files = [...new Set(labels.map((entry) => entry.span.source))];
  const lineMax = Math.max(...labels.map(lastLine));
  const gutter = " ".repeat(String(lineMax).length + 1);
  const bar = paint("blue", "|");
  const kind = paint(severityColors[severity], `${severity}[${code}]`);
  const lines = [`${kind}${paint("bold", `: ${message}`)}`];
  for (const source of files) {
    const own = labels.filter((entry) => entry.span.source === source);
    const first = own[0] ?? labels[0];
    if (first === undefined) continue;
    const { line, column } = positionAt(source, first.span.start);
    const arrow = paint("blue", source === span.source ? "-->" : ":::");
    lines.push(`${gutter}${arrow} ${source.path}:${line}:${column}`, `${gutter} ${bar}`);
    const marks = own.flatMap((entry) => marksOf(source, entry));
    const room = Math.max(widthMin, width) - gutter.length - 3;
    lines.push(...excerpts(source, marks, { gutter, room, severity, paint }));
  }
  for (const note of diagnostic.notes ?? []) lines.push(remark("note", note, gutter, paint));
  if (diagnostic.hint !== undefined) lines.push(remark("hint", diagnostic.hint, gutter, paint));
  return lines.join("\n");
}

function secondary(label: Label): Label & { primary: boolean } {
  return { ...label, primary: false };
}

function lastLine({ span }: Label): number {
  return positionAt(span.source, span.end).line;
}

function remark(word: string, text: string, gutter: string, paint: Paint): string {
  const indent = `\n${gutter}   ${" ".repeat(word.length + 2)}`;
  const head = `${paint("blue", "=")} ${paint("bold", `${word}:`)}`;
  return `${gutter} ${head} ${text.replaceAll("\n", indent)}`;
}

/** One mark for a label within a line; for a longer one a mark at its first and its last line. */
function marksOf(source: Source, { span, text, primary }: Label & { primary: boolean }): Mark[] {
  const start = positionAt(source, span.start);
  const end = positionAt(source, Math.max(span.start, span.end));
  const from = start.column - 1;
  if (start.line === end.line || (end.line === start.line + 1 && end.column === 1)) {
    const to = start.line === end.line ? end.column - 1 : lineText(source, start.line).length;
    return [{ line: start.line, from, to, text, primary, open: false }];
  }
  const first = lineText(source, start.line);
  const last = lineText(source, end.line);
  const indent = last.length - last.trimStart().length;
  const lastFrom = Math.min(indent, Math.max(0, end.column - 2));
  return [
    { line: start.line, from, to: first.trimEnd().length, text: "", primary, open: true },
    { line: end.line, from: lastFrom, to: end.column - 1, text, primary, open: false },
  ];
}

type Layout = {
  readonly gutter: string;
  readonly room: number;
  readonly severity: Severity;
  readonly paint: Paint;
};

/** The marked lines in order, with what is marked below each; a gap of lines is shown as `...`. */
function excerpts(source: Source, marks: readonly Mark[], layout: Layout): string[] {
  const { gutter, paint } = layout;
  const numbers = [...new Set(marks.map((mark) => mark.line))].sort((a, b) => a - b);
  return numbers.flatMap((line, at) => {
    const before = numbers[at - 1];
    const gap = before !== undefined && line > before + 2 ? [paint("blue", "...")] : [];
    // A single line between two marked ones is shown: it takes no more room than the dots.
    if (before !== undefined && line === before + 2)
      gap.push(numbered(line - 1, window(source, line - 1, [], layout).text, layout));
    const own = marks.filter((mark) => mark.line === line).sort((a, b) => a.from - b.from);
    const { text, columnOf } = window(source, line, own, layout);
    const below = underlines(own, columnOf, layout);
    return [
      ...gap,
      numbered(line, text, layout),
      ...below.map((row) => `${gutter} ${paint("blue", "|")} ${row}`.trimEnd()),
    ];
  });
}

function numbered(line: number, text: string, { gutter, paint }: Layout): string {
  const number = String(line).padStart(gutter.length);
  return `${paint("blue", `${number} |`)} ${text}`.trimEnd();
}

/** A line as it is shown: tabs as spaces, control characters as dots, and of a line that is too
 * long the part around its first mark. `columnOf` takes a column of the author's line to one of
 * the shown line. */
function window(
  source: Source,
  line: number,
  marks: readonly Mark[],
  { room }: Layout,
): { text: string; columnOf: (column: number) => number } {
  const whole = lineText(source, line);
  const columns: number[] = [];
  let shown = "";
  for (const unit of whole.split("")) {
    columns.push(shown.length);
    shown += unit === "\t" ? " ".repeat(tabWidth) : unit.replace(/[\x00-\x1f\x7f]/, "·");
  }
  columns.push(shown.length);
  const at = (column: number): number => columns[Math.min(column, whole.length)] ?? 0;
  if (shown.length <= room) return { text: shown, columnOf: at };
  const target = at(marks.find((mark) => mark.primary)?.from ?? marks[0]?.from ?? 0);
  const from = target < room - 10 ? 0 : target - Math.floor(room / 3);
  const cut = shown.slice(from, from + room - 6);
  const lead = from > 0 ? "..." : "";
  const tail = from + room - 6 < shown.length ? "..." : "";
  return {
    text: `${lead}${cut}${tail}`,
    columnOf: (column) => Math.min(Math.max(at(column) - from, 0), cut.length) + lead.length,
  };
}

/** What stands below a line: its carets, the last mark's label beside them, the other labels below
 * on lines of their own, joined to their marks. */
function underlines(
  marks: readonly Mark[],
  columnOf: (column: number) => number,
  { severity, paint }: Layout,
): string[] {
  const placed = marks.map((mark) => {
    const from = columnOf(mark.from);
    const width = Math.max(1, columnOf(mark.to) - from);
    return {
      ...mark,
      from,
      width,
      color: mark.primary ? severityColors[severity] : "blue",
    } as const;
  });
  const row = new Row();
  // The primary mark is drawn last: it stays visible where marks overlap.
  for (const mark of placed.toSorted((a, b) => Number(a.primary) - Number(b.primary))) {
    const line = (mark.primary ? "^" : "-").repeat(mark.width) + (mark.open ? "..." : "");
    row.put(mark.from, line, mark.color);
  }
  const beside = placed.at(-1);
  const fits = beside !== undefined && beside.from + beside.width >= row.length;
  if (fits && beside.text !== "") row.put(row.length + 1, oneLine(beside.text), beside.color);
  const below = placed.filter((mark) => mark.text !== "" && !(fits && mark === beside));
  const rows = [row.print(paint)];
  for (let last = below.length - 1; last >= 0; last -= 1) {
    for (const labelled of [false, true]) {
      const next = new Row();
      for (const mark of below.slice(0, last + 1)) next.put(mark.from, "|", mark.color);
      const mark = below[last];
      if (labelled && mark !== undefined) next.put(mark.from, oneLine(mark.text), mark.color);
      if (labelled || last === below.length - 1) rows.push(next.print(paint));
    }
  }
  return rows;
}

function oneLine(text: string): string {
  return text.replaceAll("\n", " ");
}

/** A line of cells, each with its colour. */
class Row {
  private readonly cells: { char: string; color?: Color }[] = [];

  get length(): number {
    return this.cells.length;
  }

  put(at: number, text: string, color: Color): void {
    while (this.cells.length < at) this.cells.push({ char: " " });
    for (const [offset, char] of text.split("").entries())
      this.cells[at + offset] = { char, color };
  }

  print(paint: Paint): string {
    let text = "";
    for (let at = 0; at < this.cells.length;) {
      const color = this.cells[at]?.color;
      let run = "";
      while (at < this.cells.length && this.cells[at]?.color === color)
        run += this.cells[at++]?.char ?? "";
      text += color === undefined ? run : paint(color, run);
    }
    return text;
  }
}
