import { failing, failureLine, testName, type TestReport, type TestResult } from "./report.ts";
import { failureText } from "./text.ts";

/** Returns the report in version 14 of the Test Anything Protocol. */
export function testTap(report: TestReport, rowsMax: number): string {
  const { results } = report;
  const lines = results.flatMap((result, at) => {
    const word = failing(result, report) ? "not ok" : "ok";
    const skip = result.status === "empty" && word === "ok" ? " # SKIP expects nothing" : "";
    const name = testName(result)
      .replace(/[\\#]/g, "\\$&")
      .replace(/[\r\n]/g, " ");
    return [`${word} ${String(at + 1)} - ${name}${skip}`, ...diagnosis(result, rowsMax)];
  });
  return `${["TAP version 14", `1..${String(results.length)}`, ...lines].join("\n")}\n`;
}

/** The block of YAML behind a test. */
function diagnosis({ status, failures, ms }: TestResult, rowsMax: number): string[] {
  const message = failures.map(failureLine).join("; ") || "the test expects nothing";
  const how = { color: false, rowsMax, quiet: false };
  const text = failures.map((failure) => failureText(failure, how)).join("");
  const said = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `    ${line}`);
  return [
    "  ---",
    `  duration_ms: ${ms.toFixed(1)}`,
    ...(status === "passed" ? [] : [`  message: ${JSON.stringify(message)}`]),
    // The first line of a block says how far it is indented.
    ...(said.length === 0 ? [] : ["  detail: |2", ...said]),
    "  ...",
  ];
}
