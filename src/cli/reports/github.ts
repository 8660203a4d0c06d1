import type { Severity } from "../../base/diagnostic.ts";
import { allCounting, worstFirst, type CheckReport } from "../check-report.ts";
import { pathFrom, rangeOf } from "./place.ts";

const commands = { error: "error", warning: "warning", note: "notice" } as const satisfies Record<
  Severity,
  string
>;

/** Returns workflow commands that annotate lines of a pull request; the worst first, as few are
 * shown. `root` is the folder of the repository. */
export function github(report: CheckReport, root: string): string {
  return worstFirst(allCounting(report))
    .map(({ diagnostic }) => {
      const { severity, code, message, span, label, hint } = diagnostic;
      const { start, end } = rangeOf(span);
      const properties = {
        file: pathFrom(root, span.source.path),
        line: start.line,
        endLine: end.line,
        // Columns are of one line.
        ...(start.line === end.line && { col: start.column, endColumn: end.column }),
        title: code,
      };
      const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
      const text = [message, ...(label === undefined ? [] : [label])].join("\n");
      const whole = hint === undefined ? text : `${text}\nhint: ${hint}`;
      return `::${commands[severity]} ${list.join(",")}::${escaped(whole)}\n`;
    })
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(value: string | number): string {
  return escaped(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
