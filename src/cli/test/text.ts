import { render } from "../../base/render.ts";
import { cells, visible } from "../../io/display.ts";
import { plural } from "../check-report.ts";
import {
  countsText,
  failing,
  testName,
  type Failure,
  type RelationFailure,
  type TestReport,
  type TestResult,
} from "./report.ts";

/** How text for people is printed. */
export type TestPrintOptions = {
  readonly color: boolean;
  /** How many differing tuples, or lines, of one failure are shown. */
  readonly rowsMax: number;
  /** Whether a test that passed is left out. */
  readonly quiet: boolean;
};

/** Returns the report for people: a line for each test, what it fell short in, and a summary. */
export function testText(report: TestReport, options: TestPrintOptions): string {
  const { results, ms } = report;
  const shown = results.filter(({ status }) => status !== "passed" || !options.quiet);
  const width = Math.max(0, ...shown.map((result) => cells(testName(result))));
  const lines = shown
    .map((result) => testLines(result, failing(result, report), width, options))
    .join("");
  return `${lines}${summary(results, ms)}`;
}

function testLines(
  result: TestResult,
  fails: boolean,
  width: number,
  options: TestPrintOptions,
): string {
  const { status, expectations, failures, written, ms } = result;
  const name = testName(result);
  const words = { passed: "ok   ", failed: "FAIL ", empty: "EMPTY" };
  const word = painted(words[status], fails ? "red" : "green", options.color);
  const counted = status === "empty" ? "expects nothing" : plural(expectations, "expectation");
  const padding = " ".repeat(width - cells(name));
  const head = `${word} ${name}${padding}  ${counted.padEnd(16)} ${String(Math.round(ms))} ms\n`;
  const wrote = written.map((path) => `      wrote ${path}\n`).join("");
  const said = failures.map((failure) => indented(failureText(failure, options))).join("");
  return `${head}${wrote}${said}`;
}

/** Returns what a failure says, in lines that end. */
export function failureText(failure: Failure, options: TestPrintOptions): string {
  switch (failure.kind) {
    case "findings":
      return render(failure.diagnostics, { color: options.color });
    case "relation":
      return relationText(failure, options);
    case "text":
      return limited(failure.diff.split("\n").slice(0, -1), options.rowsMax + 3)
        .map((line) => `${painted(line, colorOf(line), options.color)}\n`)
        .join("");
    case "message":
      return `${failure.message}\n${failure.hint === undefined ? "" : `  hint: ${failure.hint}\n`}`;
  }
}

function relationText(failure: RelationFailure, { rowsMax, color }: TestPrintOptions): string {
  const { relation, path, columns, differences } = failure;
  const rows = differences.slice(0, rowsMax).map(({ side, values }) => ({
    sign: side === "missing" ? "-" : "+",
    values: values.map(visible),
  }));
  const widths = columns.map((name, at) =>
    Math.max(cells(name), ...rows.map(({ values }) => cells(values[at] ?? ""))),
  );
  const aligned = (values: readonly string[]): string =>
    values
      .map((value, at) => value + " ".repeat((widths[at] ?? 0) - cells(value)))
      .join("  ")
      .trimEnd();
  const left = failure.missing + failure.unexpected - rows.length;
  return [
    `relation "${relation}": ${countsText(failure)} (${path})`,
    ...(columns.length === 0 ? [] : [`    ${aligned(columns)}`.trimEnd()]),
    ...rows.map(({ sign, values }) =>
      painted(`  ${sign} ${values.length === 0 ? "()" : aligned(values)}`, colorOf(sign), color),
    ),
    ...(left === 0 ? [] : [`    … and ${left.toLocaleString("en")} more`]),
    "",
  ].join("\n");
}

function limited(lines: readonly string[], linesMax: number): readonly string[] {
  const left = lines.length - linesMax;
  return left <= 0 ? lines : [...lines.slice(0, linesMax), `… and ${String(left)} more lines`];
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "      ");
}

function summary(results: readonly TestResult[], ms: number): string {
  const of = (status: TestResult["status"]): number =>
    results.filter((result) => result.status === status).length;
  const counts = [
    `${String(of("passed"))} passed`,
    ...(of("failed") === 0 ? [] : [`${String(of("failed"))} failed`]),
    ...(of("empty") === 0 ? [] : [`${String(of("empty"))} without expectations`]),
  ];
  return `${plural(results.length, "test")}: ${counts.join(", ")} (${(ms / 1000).toFixed(2)} s)\n`;
}

const codes = { red: 31, green: 32, cyan: 36, none: 0 } as const;

function colorOf(line: string): keyof typeof codes {
  if (line.startsWith("-")) return "red";
  if (line.startsWith("+")) return "green";
  return line.startsWith("@@") ? "cyan" : "none";
}

function painted(text: string, color: keyof typeof codes, on: boolean): string {
  return on && color !== "none" ? `\x1b[${String(codes[color])}m${text}\x1b[0m` : text;
}
