import type { Label } from "../../base/diagnostic.ts";
import type { Span } from "../../base/source.ts";
import { counting, type CheckReport, type Finding, type RelationReport } from "../check-report.ts";
import { rangeOf } from "./place.ts";

/** Returns the report as docs/schema/check.schema.json describes it. */
export function jsonReport({ version, files, failLevel, exitCode }: CheckReport): string {
  const all = files.flatMap(({ findings }) => findings);
  const counted = counting(all);
  const count = (severity: string): number =>
    counted.filter(({ diagnostic }) => diagnostic.severity === severity).length;
  const report = {
    version,
    failLevel,
    exitCode,
    summary: {
      files: files.length,
      errors: count("error"),
      warnings: count("warning"),
      notes: count("note"),
      suppressed: all.length - counted.length,
    },
    files: files.map(({ path, relations, findings }) => ({
      path,
      relations: relations?.map(relationOf),
      diagnostics: findings.map(diagnosticOf),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function relationOf(relation: RelationReport): object {
  const { name, attributes, level, final, networkDependent, output, snapshot, points } = relation;
  return {
    name,
    attributes,
    level,
    final,
    networkDependent,
    output,
    snapshot,
    points: points.map(({ kind, level: best, span, message, hint }) => ({
      kind,
      level: best,
      message,
      ...placed(span),
      hint,
    })),
  };
}

function diagnosticOf({ diagnostic, fingerprint, witnesses, suppression }: Finding): object {
  const { severity, code, message, span, label, related, notes, hint, flow, subject } = diagnostic;
  return {
    severity,
    code,
    message,
    ...placed(span),
    label,
    subject,
    related: related?.map(labelOf),
    flow: flow?.map(labelOf),
    notes,
    hint,
    witnesses: witnesses.map(({ relation, lines, found }) => ({ relation, text: lines, ...found })),
    fingerprint,
    suppressed: suppression,
  };
}

function labelOf({ span, text }: Label): object {
  return { ...placed(span), text };
}

/** A place as lines and columns, both from 1, ends exclusive. */
function placed(span: Span): object {
  return { path: span.source.path, ...rangeOf(span) };
}
