// Comments that let findings pass: `// calm-ignore CODE: reason` before a clause, and
// `// calm-ignore-file CODE: reason` anywhere.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { CommentNode, SyntaxTree } from "../syntax/tree.ts";
import type { Suppression } from "./check-report.ts";
import { itemAt, type PlacedItem } from "./items.ts";

/** A finding, and whether it may be let pass. */
export type Suppressible = { readonly diagnostic: Diagnostic; readonly stops: boolean };

/** What the comments of a program say about its findings. */
export type Suppressed = {
  /** For each finding the comment's word, if one lets it pass. */
  readonly suppressions: readonly (Suppression | undefined)[];
  /** What is wrong with the comments themselves. */
  readonly diagnostics: readonly Diagnostic[];
};

/** One code of a comment, and where it lets findings pass: a range of one text. */
type Ignored = {
  readonly code: string;
  readonly span: Span;
  readonly reason: string;
  readonly range: { readonly start: number; readonly end: number } | undefined;
};

const comment = /^(?:\/\/|\/\*)\s*calm-ignore(-file)?(?![\w-])\s*([^:]*)(?::([^]*?))?(?:\*\/)?\s*$/;

/** Returns what comments say of `findings`. `complete` says that all was looked for that could be
 * found, so that a comment that nothing came of is of no use; `codes` are all that there are. */
export function suppressed(
  findings: readonly Suppressible[],
  {
    tree,
    items,
    complete,
    codes,
  }: {
    readonly tree: SyntaxTree;
    readonly items: readonly PlacedItem[];
    readonly complete: boolean;
    readonly codes: readonly string[];
  },
): Suppressed {
  const diagnostics: Diagnostic[] = [];
  const known: Ignored[] = [];
  for (const one of tree.comments) {
    const read = ignoredBy(one, items);
    if (read === undefined) continue;
    diagnostics.push(...complaints(read, one, codes));
    known.push(...read.filter(({ code }) => codes.includes(code)));
  }
  const used = new Set<Ignored>();
  const suppressions = findings.map(({ diagnostic, stops }) => {
    const by = known.find((one) => covers(one, diagnostic));
    if (by === undefined || stops) return undefined;
    used.add(by);
    for (const one of known) if (covers(one, diagnostic)) used.add(one);
    return { by: "comment", ...(by.reason !== "" && { reason: by.reason }) } as const;
  });
  for (const one of known) {
    if (used.has(one)) continue;
    const stopping = findings.some(({ diagnostic }) => covers(one, diagnostic));
    if (stopping || complete) diagnostics.push(unused(one, stopping));
  }
  return { suppressions, diagnostics };
}

/** What a comment says, undefined where it is about something else. */
function ignoredBy(
  { text, span }: CommentNode,
  items: readonly PlacedItem[],
): Ignored[] | undefined {
  const match = comment.exec(text);
  if (match === null) return undefined;
  const [, file, names = "", reason = ""] = match;
  const range = file === undefined ? rangeAt(span, items) : { start: 0, end: Infinity };
  const from = span.start + text.indexOf(names, text.indexOf("calm-ignore") + 11);
  return [...names.matchAll(/[^\s,]+/g)].map(({ 0: code, index }) => {
    const start = from + index;
    const place = { source: span.source, start, end: start + code.length };
    return { code, span: place, reason: reason.trim().replace(/\s+/g, " "), range };
  });
}

/** What a comment is about: the item that ends on its line, else the one on the next line, with
 * nothing but comments between; else the clause around it. */
function rangeAt(span: Span, items: readonly PlacedItem[]): Ignored["range"] {
  const { path, text } = span.source;
  const own = items.filter((item) => item.path === path);
  const lineStart = text.lastIndexOf("\n", span.start - 1) + 1;
  const before = own.findLast(({ end }) => end > lineStart && end <= span.start);
  if (before !== undefined) return before;
  const next = own
    .filter(({ start }) => start >= span.end)
    .reduce<PlacedItem | undefined>(
      (best, item) => (best === undefined || item.start < best.start ? item : best),
      undefined,
    );
  if (next !== undefined) {
    const between = text.slice(span.end, next.start).replace(/\/\/.*|\/\*[^]*?\*\//g, "//");
    if (/^[\s/]*$/.test(between) && !/\n[^\S\n]*\n/.test(between)) return next;
  }
  const around = itemAt(items, span);
  return around?.item.kind === "component" ? undefined : around;
}

function covers({ code, range, span }: Ignored, diagnostic: Diagnostic): boolean {
  const { source, start } = diagnostic.span;
  if (code !== diagnostic.code || range === undefined) return false;
  return source.path === span.source.path && range.start <= start && start < range.end;
}

function complaints(
  read: readonly Ignored[],
  { span }: CommentNode,
  codes: readonly string[],
): Diagnostic[] {
  const first = read[0];
  if (first === undefined) {
    const message = "`calm-ignore` names no code";
    const hint = "// calm-ignore CODE: reason";
    return [{ severity: "warning", code: "unknown-code", message, span, hint }];
  }
  const unknown = read.flatMap(({ code, span: place }): Diagnostic[] => {
    if (codes.includes(code)) return [];
    const near = suggest(code, codes);
    const hint =
      near === undefined ? "a finding has its code in brackets" : `did you mean ${near}?`;
    const message = `there is no code "${code}"`;
    return [{ severity: "warning", code: "unknown-code", message, span: place, hint }];
  });
  if (first.reason !== "") return unknown;
  return [
    ...unknown,
    {
      severity: "error",
      code: "suppression-without-reason",
      message: "`calm-ignore` gives no reason",
      span,
      hint: `say why it is right here: // calm-ignore ${first.code}: reason`,
    },
  ];
}

function unused({ code, range, span }: Ignored, stopping: boolean): Diagnostic {
  const found = range === undefined ? "no clause follows" : "is not found here";
  const message = stopping
    ? `"${code}" cannot be ignored: the program does not run with it`
    : `"${code}" is ignored, and ${found}`;
  const hint = stopping ? "repair what it says" : "remove the comment";
  return { severity: "warning", code: "unused-suppression", message, span, hint };
}
