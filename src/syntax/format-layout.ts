// From lists of parts to lines: what fits stands on one line, unless its author broke it.
import type { List, Node, Part } from "./format-list.ts";

/** How long a line gets where it can be broken. */
export const columnsMax = 100;

/** The lines of one item under construction. */
export class Lines {
  readonly done: string[] = [];
  private current: string;
  private readonly indent: number;

  constructor(indent: number) {
    this.indent = indent;
    this.current = " ".repeat(indent);
  }

  /** Returns all lines. */
  finished(): string[] {
    this.newline(0);
    return this.done;
  }

  /** Appends text to the line. */
  add(text: string): void {
    this.current += text;
  }

  /** Begins a line, `deeper` levels inside the item. */
  newline(deeper: number): void {
    if (this.current.trim() !== "") this.done.push(this.current.trimEnd());
    this.current = " ".repeat(this.indent + 2 * deeper);
  }

  /** Appends a list that is not in brackets, and whose later lines are indented. */
  filled(list: List): void {
    this.rows(list.parts, { lines: false, deeper: 1, start: 0 });
    this.comments(list.below, 1);
  }

  /** Appends a list after an opening such as `:-`: on the same line, or on lines below. */
  hung(list: List): void {
    const { parts } = list;
    const broken = parts.some((part) => part.broken) || list.below.length > 0;
    if (!broken && this.column + 1 + flatWidth(list) <= columnsMax) {
      this.add(" ");
      this.flat(parts);
      return;
    }
    this.newline(1);
    this.rows(parts, { lines: true, deeper: 1 });
    this.comments(list.below, 1);
  }

  private get column(): number {
    return this.current.length - Math.max(0, this.current.lastIndexOf("\n") + 1);
  }

  private comments(texts: readonly string[], deeper: number): void {
    for (const text of texts) {
      this.newline(deeper);
      this.add(text);
    }
  }

  /** Appends parts, at the start of a line or in it. Where a row of the author's is too long, each
   * of its parts gets a line (`lines`), or as many as fit. */
  private rows(
    parts: readonly Part[],
    { lines, deeper, start = deeper }: { lines: boolean; deeper: number; start?: number },
  ): void {
    // Brackets close where the line begins on which they were opened.
    let level = start;
    rowsOf(parts, lines).forEach((row, rowAt) => {
      const fits = this.indent + 2 * deeper + widthOf(row) <= columnsMax;
      row.forEach((part, at) => {
        const first = rowAt === 0 && at === 0;
        const room = this.column + 1 + widthOf([part]) <= columnsMax;
        const begins = !first && (at === 0 || (lines ? !fits : !room));
        if (begins || part.above.length > 0) level = deeper;
        if (begins) this.newline(deeper);
        else if (!first) this.add(" ");
        for (const text of part.above) {
          this.add(text);
          this.newline(deeper);
        }
        this.nodes(part.nodes, part.separator.length, level);
        this.add(part.separator);
        if (part.trailing !== "") this.add(` ${part.trailing}`);
      });
    });
  }

  private nodes(nodes: readonly Node[], after: number, deeper: number): void {
    nodes.forEach((node, at) => {
      if (node.space) this.add(" ");
      if (node.kind === "leaf") {
        this.add(node.text);
        return;
      }
      const next = nodes.slice(at + 1);
      const group = next.findIndex(({ kind }) => kind === "group");
      const rest = (group < 0 ? next : next.slice(0, group)).reduce(
        (width, one) => width + nodeWidth(one),
        group < 0 ? after : 0,
      );
      if (this.column + groupWidth(node) + rest <= columnsMax) {
        this.add(flatText(node));
        return;
      }
      this.add(node.open);
      this.newline(deeper + 1);
      this.rows(node.list.parts, { lines: node.lines, deeper: deeper + 1 });
      this.comments(node.list.below, deeper + 1);
      this.newline(deeper);
      this.add(node.close);
    });
  }

  private flat(parts: readonly Part[]): void {
    this.add(flatParts(parts));
    const trailing = parts.at(-1)?.trailing ?? "";
    if (trailing !== "") this.add(` ${trailing}`);
  }
}

/** The parts by lines: as their author broke them, and after each alternative. */
function rowsOf(parts: readonly Part[], lines: boolean): Part[][] {
  const rows: Part[][] = [];
  let before: Part | undefined;
  for (const part of parts) {
    const alternative = lines && /[;|]/.test(before?.separator ?? "");
    const ends = before?.trailing !== undefined && before.trailing !== "";
    if (before === undefined || part.broken || part.above.length > 0 || alternative || ends)
      rows.push([part]);
    else rows.at(-1)?.push(part);
    before = part;
  }
  return rows;
}

/** How wide a row is, but for a comment at its end. */
function widthOf(row: readonly Part[]): number {
  return row.reduce((width, part, at) => {
    const own = part.nodes.reduce((sum, node) => sum + nodeWidth(node), part.separator.length);
    return width + own + (at === 0 ? 0 : 1);
  }, 0);
}

/** How wide a list is on one line; unbounded where comments keep it from one. */
function flatWidth({ parts, below }: List): number {
  const kept = parts.some((part, at) => {
    return part.above.length > 0 || (part.trailing !== "" && at < parts.length - 1);
  });
  return kept || below.length > 0 ? Number.POSITIVE_INFINITY : widthOf(parts);
}

function nodeWidth(node: Node): number {
  const width = node.kind === "group" ? groupWidth(node) : longestLine(node.text);
  return width + (node.space ? 1 : 0);
}

/** A group that its author broke stays broken: a body anywhere, arguments after their bracket. */
function groupWidth(node: Node & { kind: "group" }): number {
  const { list, open, close, padding, lines } = node;
  const broken = list.parts.some((part, at) => part.broken && (at === 0 || lines));
  if (broken || (list.parts.at(-1)?.trailing ?? "") !== "") return Number.POSITIVE_INFINITY;
  const inner = list.parts.length === 0 ? 0 : 2 * padding.length;
  return open.length + close.length + inner + flatWidth(list);
}

function longestLine(text: string): number {
  if (!text.includes("\n")) return text.length;
  return text.split("\n").reduce((width, { length }) => Math.max(width, length), 0);
}

function flatText(node: Node): string {
  if (node.kind === "leaf") return node.text;
  const { open, close, list } = node;
  const padding = list.parts.length === 0 ? "" : node.padding;
  return `${open}${padding}${flatParts(list.parts)}${padding}${close}`;
}

function flatParts(parts: readonly Part[]): string {
  return parts
    .map(({ nodes, separator }) => {
      return nodes.map((node) => (node.space ? " " : "") + flatText(node)).join("") + separator;
    })
    .join(" ");
}
