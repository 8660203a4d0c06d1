import type { CheckReport } from "../check-report.ts";
import type { PrettyOptions } from "./pretty.ts";

/** The forms in which a check is reported. */
export const reportFormats = [
  "pretty",
  "concise",
  "json",
  "sarif",
  "github",
  "gitlab",
  "junit",
  "markdown",
] as const;

/** One of `reportFormats`. */
export type ReportFormat = (typeof reportFormats)[number];

/** What the forms need to know beside the report. `root` is the folder of the repository. */
export type PrintOptions = PrettyOptions & { readonly root: string };

/** Returns the report in a format. A format is loaded when it is asked for. */
export async function printed(
  format: ReportFormat,
  report: CheckReport,
  options: PrintOptions,
): Promise<string> {
  switch (format) {
    case "pretty":
      return (await import("./pretty.ts")).pretty(report, options);
    case "concise":
      return (await import("./concise.ts")).concise(report);
    case "json":
      return (await import("./json.ts")).jsonReport(report);
    case "sarif":
      return (await import("./sarif.ts")).sarif(report, options.root);
    case "github":
      return (await import("./github.ts")).github(report, options.root);
    case "gitlab":
      return (await import("./gitlab.ts")).gitlab(report, options.root);
    case "junit":
      return (await import("./junit.ts")).junit(report);
    case "markdown":
      return (await import("./markdown.ts")).markdown(report);
  }
}
