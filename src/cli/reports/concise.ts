import { renderConcise } from "../../base/render.ts";
import { allCounting, type CheckReport } from "../check-report.ts";

/** Returns a line for each finding, as compilers do: `path:line:column: error[code] …`. */
export function concise(report: CheckReport): string {
  return renderConcise(allCounting(report).map(({ diagnostic }) => diagnostic));
}
