import { copyLabels, type Diagnostic, type Label, type Severity } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import type { Code } from "./codes.ts";
import { suggestName } from "./components-names.ts";

/** What a finding says beyond its message; see `Diagnostic`. */
export type Details = {
  readonly label?: string;
  readonly related?: readonly Label[];
  readonly notes?: readonly string[];
  readonly hint?: string;
};

/** How many names are looked for among all that are declared, which takes its time. */
const suggestionsMax = 200;

/** What analysis has found wrong so far. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  errorCount = 0;
  private suggestions = 0;

  error(code: Code, message: string, span: Span, details: Details = {}): void {
    this.errorCount++;
    this.add("error", code, message, span, details);
  }

  warning(code: Code, message: string, span: Span, details: Details = {}): void {
    this.add("warning", code, message, span, details);
  }

  /** Returns the name that `name` was most likely meant to be where it is written, as it would be
   * written there; undefined where none is near, and after very many. */
  suggest(name: string, span: Span, names: Iterable<string>): string | undefined {
    this.suggestions++;
    return this.suggestions > suggestionsMax ? undefined : suggestName(name, span, names);
  }

  private add(severity: Severity, code: Code, message: string, span: Span, details: Details): void {
    const related = [...(details.related ?? []), ...copyLabels(span)];
    const all = related.length === 0 ? details : { ...details, related };
    this.diagnostics.push({ severity, code, message, span, ...all });
  }
}
