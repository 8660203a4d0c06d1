import type { Span } from "./source.ts";

/** How bad a finding is. An `error` stops the program from running. */
export type Severity = "error" | "warning" | "note";

/** A place with a few words about it. */
export type Label = { readonly span: Span; readonly text: string };

/** One finding about a user's text or data, as a value. `message` stands alone: lower case, no full
 * stop, names the kind of thing and the thing (`relation "reach"`) and the rule that was broken.
 * `label` says what is at `span`; `related` says why, at other places; the remedy is the `hint`. */
export type Diagnostic = {
  readonly severity: Severity;
  /** A slug that never changes its meaning: `unsafe-variable`. */
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly label?: string;
  readonly related?: readonly Label[];
  readonly notes?: readonly string[];
  readonly hint?: string;
  /** The way from a cause to what it affects, step by step. */
  readonly flow?: readonly Label[];
  /** What the finding is about, by name: with the code, it says which finding this is after lines
   * have moved. */
  readonly subject?: string;
};

/** How many copies around a place are shown with it. */
const copiesShownMax = 4;

/** Returns where the copies that `span` is part of were asked for, the innermost first. */
export function copyLabels(span: Span): Label[] {
  const labels: Label[] = [];
  for (let { copy } = span; copy !== undefined; copy = copy.span.copy) {
    if (labels.length === copiesShownMax) break;
    labels.push({ span: copy.span, text: "instantiated here" });
  }
  return labels;
}

/** Whether any of `diagnostics` is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** A copy of `diagnostics` in the order of reading: by file, place, then errors first; a finding
 * that is said twice at one place is kept once. */
export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const rank = { error: 0, warning: 1, note: 2 };
  const paths = [...new Set(diagnostics.map((diagnostic) => diagnostic.span.source.path))];
  const order = [...diagnostics].sort(
    (a, b) =>
      paths.indexOf(a.span.source.path) - paths.indexOf(b.span.source.path) ||
      a.span.start - b.span.start ||
      rank[a.severity] - rank[b.severity],
  );
  const seen = new Set<string>();
  return order.filter(({ span, code, message }) => {
    const key = `${span.source.path}:${String(span.start)}:${code}:${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
