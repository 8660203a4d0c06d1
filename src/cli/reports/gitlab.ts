import type { Severity } from "../../base/diagnostic.ts";
import { counting, type CheckReport } from "../check-report.ts";
import { hashOf } from "../fingerprint.ts";
import { pathFrom, rangeOf } from "./place.ts";

const severities = { error: "major", warning: "minor", note: "info" } as const satisfies Record<
  Severity,
  string
>;

/** Returns the findings as GitLab's code quality report: an array, for the repository at `root`. */
export function gitlab({ files }: CheckReport, root: string): string {
  const issues = files.flatMap(({ findings }) =>
    counting(findings).map(({ diagnostic, fingerprint }) => {
      const { severity, code, message, span } = diagnostic;
      const { start, end } = rangeOf(span);
      const path = pathFrom(root, span.source.path);
      return {
        description: message,
        check_name: code,
        // GitLab wants them to be different in all of a report.
        fingerprint: hashOf(`${path}\n${fingerprint}`),
        severity: severities[severity],
        location: { path, lines: { begin: start.line, end: end.line } },
      };
    }),
  );
  return `${JSON.stringify(issues, null, 2)}\n`;
}
