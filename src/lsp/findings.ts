// From our findings to an editor's.
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from "vscode-languageserver";
import type { Diagnostic as Finding, Severity } from "../base/diagnostic.ts";
import { rangeOf, uriOf } from "./positions.ts";

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

/** The findings about what could be left out; editors show the text pale. */
const unnecessary = ["unused-functor", "useless-pragma", "useless-input", "unused-suppression"];
const deprecated = ["deprecated-qualifier", "deprecated-type-decl", "dollar-sign"];

/** Returns a finding as an editor shows it: hint and notes below the message, other places beside
 * it, the code linked to the page about it. */
export function shownFinding(
  finding: Finding,
  pageOf: (code: Finding["code"]) => string | undefined,
): Diagnostic {
  const { severity, code, message, span, label, related = [], notes = [], hint } = finding;
  const page = pageOf(code);
  const tags = [
    ...(unnecessary.includes(code) ? [DiagnosticTag.Unnecessary] : []),
    ...(deprecated.includes(code) ? [DiagnosticTag.Deprecated] : []),
  ];
  const lines = [
    label === undefined || label === "" ? message : `${message}: ${label}`,
    ...notes.map((note) => `note: ${note}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
  return {
    range: rangeOf(span),
    severity: severities[severity],
    source: "calm",
    code,
    ...(page !== undefined && { codeDescription: { href: page } }),
    message: lines.join("\n"),
    ...(tags.length > 0 && { tags }),
    relatedInformation: related.map((other) => ({
      location: { uri: uriOf(other.span.source.path), range: rangeOf(other.span) },
      message: other.text,
    })),
  };
}
