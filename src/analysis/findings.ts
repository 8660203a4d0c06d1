import { copyLabels, type Diagnostic, type Label, type Severity } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import type { Code } from "./codes.ts";

/** What a finding says beyond its message; see `Diagnostic`. */
export type Details = {
  readonly label?: string;
  readonly related?: readonly Label[];
  readonly notes?: readonly string[];
  readonly hint?: string;
};

/** What analysis has found wrong so far. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  errorCount = 0;

  error(code: Code, message: string, span: Span, details: Details = {}): void {
    this.errorCount++;
    this.add("error", code, message, span, details);
  }

  warning(code: Code, message: string, span: Span, details: Details = {}): void {
    this.add("warning", code, message, span, details);
  }

  /** Refuses a construct of the language that later versions support. `what` is its name in the
   * plural: "records". */
  unsupported(what: string, span: Span): void {
    this.error("not-supported", `${what} are not supported yet by this version`, span);
  }

  private add(severity: Severity, code: Code, message: string, span: Span, details: Details): void {
    const related = [...(details.related ?? []), ...copyLabels(span)];
    const all = related.length === 0 ? details : { ...details, related };
    this.diagnostics.push({ severity, code, message, span, ...all });
  }
}
