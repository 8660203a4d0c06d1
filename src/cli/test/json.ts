import { positionAt } from "../../base/source.ts";
import type { Failure, TestReport, TestResult } from "./report.ts";

/** Returns the report as docs/schema/test.schema.json describes it. */
export function testJson({ version, results, ms }: TestReport): string {
  const count = (status: TestResult["status"]): number =>
    results.filter((result) => result.status === status).length;
  const report = {
    version,
    summary: {
      tests: results.length,
      passed: count("passed"),
      failed: count("failed"),
      empty: count("empty"),
      ms: rounded(ms),
    },
    tests: results.map(({ program, name, status, expectations, failures, written, ms: took }) => ({
      program,
      ...(name !== undefined && { case: name }),
      status,
      expectations,
      ms: rounded(took),
      failures: failures.map(failureOf),
      written,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function failureOf(failure: Failure): object {
  switch (failure.kind) {
    case "findings":
      return {
        kind: "findings",
        findings: failure.diagnostics.map(({ severity, code, message, span, notes, hint }) => ({
          severity,
          code,
          message,
          path: span.source.path,
          ...positionAt(span.source, span.start),
          notes,
          hint,
        })),
      };
    case "relation": {
      const { relation, path, columns, missing, unexpected, differences } = failure;
      return { kind: "relation", relation, path, columns, missing, unexpected, differences };
    }
    case "text":
      return { kind: "text", path: failure.path, diff: failure.diff };
    case "message":
      return { kind: "message", message: failure.message, hint: failure.hint };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
