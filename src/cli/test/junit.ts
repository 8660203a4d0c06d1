import { xmlText } from "../reports/xml.ts";
import { failing, failureLine, testName, type TestReport, type TestResult } from "./report.ts";
import { failureText } from "./text.ts";

/** Returns the report as JUnit's XML: a suite for each program, in it a case for each test. One
 * that expects nothing is a failure, or is skipped where it may. */
export function testJunit(report: TestReport, rowsMax: number): string {
  const { results, ms } = report;
  const programs = [...new Set(results.map(({ program }) => program))];
  const suites = programs.map((program) => {
    const own = results.filter((result) => result.program === program);
    const attributes = `name="${xmlText(program)}" ${numbers(own, report, sum(own))}`;
    const cases = own.map((result) => testcase(result, report, rowsMax));
    return [`  <testsuite ${attributes}>`, ...cases, "  </testsuite>"].join("\n");
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="calm test" ${numbers(results, report, ms)}>`,
    ...suites,
    "</testsuites>\n",
  ].join("\n");
}

function testcase(result: TestResult, report: TestReport, rowsMax: number): string {
  const { program, status, failures, ms } = result;
  const classname = xmlText(program.replace(/\.dl$/, "").replaceAll(/[\\/]/g, "."));
  const name = xmlText(testName(result));
  const head = `    <testcase classname="${classname}" name="${name}" time="${seconds(ms)}"`;
  if (status === "passed") return `${head}/>`;
  if (!failing(result, report)) return `${head}>\n      <skipped/>\n    </testcase>`;
  const message = failures.map(failureLine).join("; ") || "the test expects nothing";
  const how = { color: false, rowsMax, quiet: false };
  const text = failures.map((failure) => failureText(failure, how)).join("\n");
  const attributes = `type="${status}" message="${xmlText(message)}"`;
  const failure = `<failure ${attributes}>${xmlText(text)}</failure>`;
  return `${head}>\n      ${failure}\n    </testcase>`;
}

function numbers(results: readonly TestResult[], report: TestReport, ms: number): string {
  const failures = results.filter((result) => failing(result, report)).length;
  return `tests="${String(results.length)}" failures="${String(failures)}" time="${seconds(ms)}"`;
}

function sum(results: readonly TestResult[]): number {
  return results.reduce((total, { ms }) => total + ms, 0);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
