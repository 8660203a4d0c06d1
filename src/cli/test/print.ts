import type { TestReport } from "./report.ts";
import type { TestPrintOptions } from "./text.ts";

/** The forms in which tests are reported. */
export const testFormats = ["text", "json", "junit", "tap"] as const;

/** One of `testFormats`. */
export type TestFormat = (typeof testFormats)[number];

/** Returns the report in a format; one that is not text for people is loaded when it is asked
 * for. */
export async function printedTests(
  format: TestFormat,
  report: TestReport,
  options: TestPrintOptions,
): Promise<string> {
  switch (format) {
    case "text":
      return (await import("./text.ts")).testText(report, options);
    case "json":
      return (await import("./json.ts")).testJson(report);
    case "junit":
      return (await import("./junit.ts")).testJunit(report, options.rowsMax);
    case "tap":
      return (await import("./tap.ts")).testTap(report, options.rowsMax);
  }
}
