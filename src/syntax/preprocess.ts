// From a text with the C preprocessor's directives and Soufflé's `.include` to a text without. The
// subset of C that Datalog programs use; files come through `load`.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/source.ts";
import { positionAt } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { Code } from "./codes.ts";
import { evaluated } from "./condition.ts";
import { type Expansion, Pieces, unprocessed } from "./expansion.ts";
import { candidates } from "./include.ts";
import { includeDepthMax, includesMax, sourceUnitsMax } from "./limits.ts";
import { type Macro, Macros, type Use } from "./macros.ts";

/** What preprocessing needs from outside the text. */
export type PreprocessOptions = {
  /** Returns the text of a file, undefined where there is none. Without it nothing is included. */
  readonly load?: (path: string) => string | undefined;
  /** Where included files are looked for, after the including file's own folder. */
  readonly includeDirectories?: readonly string[];
  /** Macros that are defined from the start, as with `-M NAME=VALUE`. */
  readonly macros?: Readonly<Record<string, string>>;
};

/** What Soufflé defines: the width of a number. */
const predefined: Readonly<Record<string, string>> = { RAM_DOMAIN_SIZE: "64" };

/** Returns `source` with its directives carried out. A text that has nothing to do is itself. */
export function preprocess(source: Source, options: PreprocessOptions): Expansion {
  if (source.text.length > sourceUnitsMax) {
    const span = { source, start: 0, end: 0 };
    const message = `text of more than ${sourceUnitsMax} characters`;
    const hint = "keep bulk facts in fact files, which are read by .input";
    const diagnostic: Diagnostic = {
      severity: "error",
      code: "text-too-long",
      message,
      span,
      hint,
    };
    return { ...unprocessed({ ...source, text: "" }), diagnostics: [diagnostic] };
  }
  const macros = { ...predefined, ...options.macros };
  const busy = /^[ \t]*#|\.(?:include|once)\b/m.test(source.text);
  if (!busy && !Object.keys(macros).some((name) => source.text.includes(name)))
    return unprocessed(source);
  return new Preprocessor(macros, options).run(source);
}

/** An open `#if`. */
type Conditional = {
  readonly span: Span;
  /** Whether the text around it is read. */
  readonly outer: boolean;
  /** Whether a branch of it was read, so that no other is. */
  taken: boolean;
  active: boolean;
  last: boolean;
};

/** A directive with the text it takes. */
type Line = { readonly word: string; readonly rest: string; readonly span: Span };

const comment = String.raw`//[^\n]*|/\*[^]*?(?:\*/|$(?![^]))`;
const word = String.raw`\d\w*|[A-Za-z_]\w*`;
const native = String.raw`(?<![\w?])\.(?:include(?=[ \t]*")|once\b(?![ \t]*[(,]))`;

/** What is looked for in a text that is read. */
const readPattern = new RegExp(
  String.raw`^[ \t]*#|"[^"\\]*(?:\\[^][^"\\]*)*"?|${comment}|${word}|${native}`,
  "gm",
);

/** What is looked for in a text that is skipped: there a string ends with its line, as a quote in
 * a skipped remark should do no harm. */
const skipPattern = new RegExp(String.raw`^[ \t]*#|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|${comment}`, "gm");

class Preprocessor {
  private readonly pieces = new Pieces();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly sources: Source[] = [];
  private readonly once = new Set<string>();
  private readonly includers = new Map<Source, Span>();
  private readonly macros = new Macros();
  private readonly options: PreprocessOptions;
  private conditionals: Conditional[] = [];
  private depth = 0;
  private includes = 0;
  /** Set when a limit is met: nothing more is read. */
  private stopped = false;

  constructor(macros: Readonly<Record<string, string>>, options: PreprocessOptions) {
    this.options = options;
    for (const [name, body] of Object.entries(macros)) this.macros.define({ name, body });
  }

  run(source: Source): Expansion {
    this.read(source);
    return {
      text: this.pieces.text(),
      locate: (start, end) => this.pieces.locate(start, end),
      includedFrom: (span) => this.chain(span),
      diagnostics: this.diagnostics,
      sources: this.sources,
    };
  }

  /** Appends what `source` becomes. */
  private read(source: Source): void {
    this.sources.push(source);
    const outer = this.conditionals;
    this.conditionals = [];
    const { text } = source;
    let from = 0;
    let at = 0;
    while (!this.stopped) {
      const active = this.conditionals.at(-1)?.active ?? true;
      const pattern = active ? readPattern : skipPattern;
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match === null) break;
      at = pattern.lastIndex;
      const done = this.take(source, match, active);
      if (done === undefined) continue;
      if (active) this.pieces.copy({ source, start: from, end: match.index });
      done.act();
      from = done.end;
      at = done.end;
    }
    if (!this.stopped && (this.conditionals.at(-1)?.active ?? true))
      this.pieces.copy({ source, start: from, end: text.length });
    for (const { span } of this.conditionals)
      this.report("unterminated-condition", "condition without #endif", span, {
        label: "this condition is never closed",
      });
    this.conditionals = outer;
    if (this.pieces.length > sourceUnitsMax && !this.stopped)
      this.stop({ source, start: 0, end: 0 }, `more than ${sourceUnitsMax} characters of text`);
  }

  /** Returns how to carry out what was found, and where reading goes on; undefined for text that
   * stays as it is. */
  private take(
    source: Source,
    match: RegExpExecArray,
    active: boolean,
  ): { act: () => void; end: number } | undefined {
    const { text } = source;
    const [image] = match;
    const start = match.index;
    if (image.endsWith("#")) {
      const { line, end } = logicalLine(text, start + image.length);
      const [, word = "", rest = ""] = /^\s*(\w*)\s*([^]*?)\s*$/.exec(line) ?? [];
      const span = { source, start: start + image.length - 1, end: visibleEnd(text, start, end) };
      return { end, act: () => this.directive({ word, rest, span }, active) };
    }
    if (!active) return undefined;
    if (image === ".include") return this.nativeInclude(source, start);
    if (image === ".once") {
      const end = start + image.length;
      return { end, act: () => this.once.add(source.path) };
    }
    if (!/^[A-Za-z_]/.test(image)) return undefined;
    const use = this.macros.use(text, start, image);
    if (use === undefined) return undefined;
    const span = { source, start, end: use.end };
    return { end: use.end, act: () => this.pieces.made(this.textOf(use, span), span) };
  }

  private textOf(use: Use, span: Span): string {
    if (use.kind === "expanded") return use.text;
    this.report("macro-use", use.message, span);
    return "";
  }

  private nativeInclude(source: Source, start: number): { act: () => void; end: number } {
    const pattern = /\.include[ \t]*"([^"\n]*)"?/y;
    pattern.lastIndex = start;
    const match = pattern.exec(source.text);
    const end = pattern.lastIndex;
    return { end, act: () => this.include(match?.[1] ?? "", true, { source, start, end }) };
  }

  // ---- directives ----

  private directive(line: Line, active: boolean): void {
    switch (line.word) {
      case "if":
        this.open(line, active && this.holds(line));
        return;
      case "ifdef":
        this.open(line, this.macros.has(line.rest));
        return;
      case "ifndef":
        this.open(line, !this.macros.has(line.rest));
        return;
      case "elif":
      case "else":
      case "endif":
        this.next(line);
        return;
      default:
        if (active) this.carryOut(line);
    }
  }

  private carryOut(line: Line): void {
    const { word, rest, span } = line;
    switch (word) {
      case "define":
        this.define(line);
        return;
      case "undef":
        this.macros.undefine(rest);
        return;
      case "include":
        this.includeLine(line);
        return;
      case "error":
        this.report("user-error", rest === "" ? "#error" : rest, span);
        return;
      case "warning":
        this.diagnostics.push({ severity: "warning", code: "user-warning", message: rest, span });
        return;
      case "pragma":
        if (rest === "once") this.once.add(span.source.path);
        return;
      case "":
      case "line":
      case "ident":
        return;
      default: {
        if (/^\d+$/.test(word)) return;
        const meant = suggest(word, directives);
        const message = `unknown preprocessor directive "#${word}"`;
        this.report("unknown-directive", message, span, {
          ...(meant === undefined ? {} : { hint: `did you mean "#${meant}"?` }),
        });
      }
    }
  }

  private open({ span }: Line, holds: boolean): void {
    const outer = this.conditionals.at(-1)?.active ?? true;
    const active = outer && holds;
    this.conditionals.push({ span, outer, taken: active, active, last: false });
  }

  /** `#elif`, `#else` and `#endif`. */
  private next(line: Line): void {
    const { word, span } = line;
    const open = this.conditionals.at(-1);
    if (open === undefined || (open.last && word !== "endif")) {
      const reason = open === undefined ? "without #if" : "after #else";
      this.report("stray-condition", `#${word} ${reason}`, span);
      return;
    }
    if (word === "endif") {
      this.conditionals.pop();
      return;
    }
    open.last = word === "else";
    open.active = open.outer && !open.taken && (word === "else" || this.holds(line));
    open.taken ||= open.active;
  }

  private holds({ rest, span }: Line): boolean {
    const known = rest.replace(
      /\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))/g,
      (_whole, inner: string | undefined, bare: string | undefined) =>
        this.macros.has(inner ?? bare ?? "") ? "1" : "0",
    );
    const use = this.macros.expanded(known);
    const result = use.kind === "problem" ? use : evaluated(use.text);
    if (result.kind === "value") return result.value !== 0n;
    this.report("condition", result.message, span);
    return false;
  }

  private define({ rest, span }: Line): void {
    const match = /^([A-Za-z_]\w*)(\(([^)]*)\))?\s*([^]*)$/.exec(rest);
    const [, name, list, inner = "", body = ""] = match ?? [];
    const names = inner.split(",").map((name) => name.trim());
    const parameters = names.map((word) => (word === "..." ? "__VA_ARGS__" : word));
    const fits = parameters.every((word) => /^[A-Za-z_]\w*$/.test(word)) || inner.trim() === "";
    if (name === undefined || !fits) {
      this.report("macro-definition", "macro definition without a fitting name", span, {
        label: "expected a name, or a name and its parameters",
      });
      return;
    }
    const macro: Macro = { name, body };
    if (list === undefined) this.macros.define(macro);
    else this.macros.define({ ...macro, parameters: inner.trim() === "" ? [] : parameters });
  }

  // ---- inclusion ----

  private includeLine({ rest, span }: Line): void {
    const use = /^["<]/.test(rest) ? undefined : this.macros.expanded(rest);
    const operand = use === undefined ? rest : this.textOf(use, span).trim();
    const name = /^(?:"([^"]*)"|<([^>]*)>)$/.exec(operand);
    if (name !== null) this.include(name[1] ?? name[2] ?? "", name[1] !== undefined, span);
    else
      this.report("include-operand", "#include without a file's name", span, {
        label: 'expected "file" or <file>',
      });
  }

  private include(name: string, near: boolean, span: Span): void {
    const directories = this.options.includeDirectories ?? [];
    const tried = candidates(name, near ? span.source.path : undefined, directories);
    if (this.depth >= includeDepthMax) {
      this.stop(span, `files include each other more than ${includeDepthMax} levels deep`);
      return;
    }
    this.includes += 1;
    if (this.includes > includesMax) {
      this.stop(span, `more than ${includesMax} inclusions`);
      return;
    }
    for (const path of tried) {
      if (this.once.has(path)) return;
      const text = this.options.load?.(path);
      if (text === undefined) continue;
      const source = { path, text };
      this.includers.set(source, span);
      this.depth += 1;
      this.read(source);
      this.depth -= 1;
      return;
    }
    this.diagnostics.push({
      severity: "error",
      code: "include-not-found",
      message: `included file "${name}" is not found`,
      span,
      ...(tried.length === 0 ? {} : { notes: [`looked for ${tried.join(", ")}`] }),
      hint: "name the folder of included files with -I",
    });
  }

  private chain(span: Span): string {
    const places: string[] = [];
    for (let at = this.includers.get(span.source); at !== undefined;) {
      const { line, column } = positionAt(at.source, at.start);
      places.unshift(`${at.source.path}:${line}:${column}`);
      at = this.includers.get(at.source);
    }
    return places.join(";");
  }

  // ---- findings ----

  private report(
    code: Code,
    message: string,
    span: Span,
    details: Pick<Diagnostic, "label" | "hint"> = {},
  ): void {
    this.diagnostics.push({ severity: "error", code, message, span, ...details });
  }

  private stop(span: Span, message: string): void {
    this.stopped = true;
    this.report("text-too-long", message, span);
  }
}

const directives = [
  ...["define", "undef", "include", "if", "ifdef", "ifndef", "elif", "else", "endif"],
  ...["error", "warning", "pragma", "line"],
];

/** Reads a directive's line from an offset: continued lines are joined, comments are a space. The
 * line's end stays in the text. */
export function logicalLine(text: string, from: number): { line: string; end: number } {
  const pattern =
    /\\\r?\n|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$(?![^]))|\r?\n|[^]/g;
  pattern.lastIndex = from;
  let line = "";
  let end = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [image] = match;
    if (image.endsWith("\n") && !image.startsWith("\\") && !image.startsWith("/*")) break;
    const blank = /^(?:\\\r?\n|\/[/*])/.test(image);
    line += blank ? " " : image;
    end = pattern.lastIndex;
  }
  return { line, end };
}

/** The end of a directive's text without white space, at most that of its first line. */
function visibleEnd(text: string, start: number, end: number): number {
  const [first = ""] = text.slice(start, end).split("\n");
  return start + first.trimEnd().length;
}
