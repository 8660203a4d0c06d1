// From the report of a check to the streams and files that it goes to.
import { appendFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { fails, type CheckReport } from "./check-report.ts";
import { summary } from "./check-summary.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { colored, type ProgramOptions } from "./program.ts";
import { printed, type ReportFormat } from "./reports/print.ts";

/** In which form a report goes where. */
export type DeliveryOptions = Pick<ProgramOptions, "color"> & {
  readonly format?: ReportFormat;
  readonly outputFile?: string;
  readonly quiet?: true;
  readonly verbose?: true;
};

/** Formats by the ending of the file that is written. */
const formatsByEnding: Readonly<Record<string, ReportFormat>> = {
  ".json": "json",
  ".sarif": "sarif",
  ".xml": "junit",
  ".md": "markdown",
  ".txt": "concise",
};

/** Writes the report to where it is wanted: a file, stdout, and GitHub where it runs there. */
export async function deliver(
  report: CheckReport,
  options: DeliveryOptions,
  host: Host,
): Promise<void> {
  const { outputFile, quiet = false, verbose = false } = options;
  const { env, stdout, stderr } = host;
  const printOptions = {
    color: colored(options, host, "stdout"),
    width: stdout.width,
    quiet,
    verbose,
    root: env["GITHUB_WORKSPACE"] ?? env["CI_PROJECT_DIR"] ?? process.cwd(),
  };
  const { format, written } = formatsOf(options, host);
  if (outputFile !== undefined && written !== undefined) {
    const text = await printed(written, report, { ...printOptions, color: false });
    write(outputFile, () => writeFileSync(outputFile, text));
  }
  const forPeople = format === "pretty" || format === "concise";
  stdout.write(
    await printed(format, forPeople && quiet ? failingOnly(report) : report, printOptions),
  );
  if (env["GITHUB_ACTIONS"] === "true") {
    if (forPeople) stdout.write(await printed("github", report, printOptions));
    const file = env["GITHUB_STEP_SUMMARY"];
    if (file !== undefined && file !== "") {
      const text = await printed("markdown", report, printOptions);
      write(file, () => appendFileSync(file, text));
    }
  }
  if (!quiet) stderr.write(`${summary(report)}\n`);
}

/** Whether witnesses are shown where the report goes. */
export function showsWitnesses(options: DeliveryOptions, host: Host): boolean {
  const { format, written } = formatsOf(options, host);
  const showing: readonly ReportFormat[] = ["pretty", "json", "sarif", "junit"];
  return [format, written].some((one) => one !== undefined && showing.includes(one));
}

/** The format of what goes to stdout, and of the file if one is written. */
function formatsOf(
  { format, outputFile }: DeliveryOptions,
  { stdout }: Host,
): { readonly format: ReportFormat; readonly written?: ReportFormat } {
  const human = stdout.terminal ? "pretty" : "concise";
  if (outputFile === undefined) return { format: format ?? human };
  const written = format ?? formatsByEnding[extname(outputFile)];
  if (written !== undefined) return { format: human, written };
  const message = `nothing says in which format "${outputFile}" is to be`;
  throw new CommandError(exitCodes.usage, message, "add --format");
}

function failingOnly(report: CheckReport): CheckReport {
  const files = report.files.map((file) => ({
    ...file,
    findings: file.findings.filter(({ diagnostic }) =>
      fails(diagnostic.severity, report.failLevel),
    ),
  }));
  return { ...report, files };
}

function write(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot write "${file}": ${code}`);
  }
}
