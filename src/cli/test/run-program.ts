// One program with all of its tests: what is said of its text, and what its runs give.
import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Config } from "../config.ts";
import { hasErrors, sorted, type Diagnostic } from "../../base/diagnostic.ts";
import { positionAt } from "../../base/source.ts";
import { compile, type CompiledProgram } from "../../compile.ts";
import { channelsOf } from "../channels.ts";
import type { RelationReport } from "../check-report.ts";
import { CommandError } from "../exit.ts";
import type { Host } from "../host.ts";
import { loadText, compileOptions, sourceOf, type ProgramOptions } from "../program.ts";
import { placesOf, type Place } from "./places.ts";
import { testName, type Failure, type TestResult } from "./report.ts";
import { heldText, runCase, textFiles, type CaseOptions, type CaseOutcome } from "./run-case.ts";

/** How the tests of a program are run. */
export type TestOptions = CaseOptions & {
  readonly program: ProgramOptions;
  /** Whether a test of this name is run. */
  readonly selected: (name: string) => boolean;
  /** Whether expectations are written for this program where it has none. */
  readonly record: boolean;
  readonly config: () => Config;
};

/** What came of a program. */
export type ProgramOutcome = {
  readonly results: readonly TestResult[];
  /** The files that were read, but for facts. */
  readonly sources: readonly string[];
};

/** Runs the tests of the program in the file `path`. */
export async function runProgram(
  path: string,
  options: TestOptions,
  host: Host,
): Promise<ProgramOutcome> {
  const { own, cases } = placesOf(path);
  const selectedCases = cases.filter(({ name }) =>
    options.selected(testName({ program: path, ...(name !== undefined && { name }) })),
  );
  if (selectedCases.length === 0 && !options.selected(path)) return { results: [], sources: [] };
  const startMs = host.nowMs();
  const sources = [path];
  const loading = {
    ...options.program,
    load: (file: string) => {
      sources.push(file);
      return (options.program.load ?? loadText)(file);
    },
  };
  const source = sourceOf(path, host);
  const compilation = compile(source, compileOptions(loading));
  const program = compilation.compiled;
  const found = sorted([
    ...compilation.diagnostics,
    ...(program === undefined ? [] : channelsOf(program.program).diagnostics),
  ]);
  const results: TestResult[] = [];
  if (options.selected(path)) {
    const checked = await saidOfText(own, source, { found, program }, loading, options);
    const ran = await ownOutcome(own, { found, program }, cases, options, host);
    const all = joined([checked, ran]);
    // A program that its cases alone speak of is no test of its own.
    if (all.expectations > 0 || all.failures.length > 0 || cases.length === 0)
      results.push({ program: path, ...all, status: statusOf(all), ms: host.nowMs() - startMs });
  }
  for (const place of selectedCases) {
    const caseMs = host.nowMs();
    const outcome = await caseOutcome(place, { found, program }, options, host);
    results.push({
      program: path,
      ...(place.name !== undefined && { name: place.name }),
      ...outcome,
      status: statusOf(outcome),
      ms: host.nowMs() - caseMs,
    });
  }
  return { results, sources };
}

/** What came of reading a program. */
type Read = {
  readonly found: readonly Diagnostic[];
  readonly program: CompiledProgram | undefined;
};

async function ownOutcome(
  own: Place,
  { found, program }: Read,
  cases: readonly Place[],
  options: TestOptions,
  host: Host,
): Promise<CaseOutcome> {
  const runs = own.files.filter((file) => !aboutText.includes(file));
  if (program === undefined || hasErrors(found)) {
    // Where errors are expected nothing else has said so.
    const failures: Failure[] =
      runs.length > 0 && own.files.includes(textFiles.findings) ? [doesNotRun] : [];
    return { expectations: runs.length, failures, written: [] };
  }
  if (runs.length === 0 && !runsAlone(own, program, cases)) return nothing;
  return guarded(() => runCase(own, program, options, host));
}

const doesNotRun: Failure = { kind: "message", message: "the program does not run" };
const nothing: CaseOutcome = { expectations: 0, failures: [], written: [] };

/** The files that are held against the text of a program, and not against what it gives. */
const aboutText: readonly string[] = [textFiles.findings, textFiles.levels];

/** Whether a program without files of answers is run on the facts of its own folder: for what it
 * says itself, unless cases do that. */
function runsAlone(own: Place, { program }: CompiledProgram, cases: readonly Place[]): boolean {
  return cases.length === 0 && (program.expectations.length > 0 || own.files.length === 0);
}

async function caseOutcome(
  place: Place,
  { found, program }: Read,
  options: TestOptions,
  host: Host,
): Promise<CaseOutcome> {
  if (program !== undefined && !hasErrors(found))
    // A folder of facts is there to be a case: its answers are written on the first update.
    return guarded(() => runCase(place, program, { ...options, record: options.update }, host));
  return { expectations: place.files.length, failures: [doesNotRun], written: [] };
}

/** Makes a failure of what ends a command, such as a relation that is too large to be listed. */
async function guarded(run: () => Promise<CaseOutcome>): Promise<CaseOutcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { message, hint } = error;
    const failure: Failure = { kind: "message", message, ...(hint !== undefined && { hint }) };
    return { expectations: 0, failures: [failure], written: [] };
  }
}

function joined(outcomes: readonly CaseOutcome[]): CaseOutcome {
  return {
    expectations: outcomes.reduce((sum, { expectations }) => sum + expectations, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    written: outcomes.flatMap(({ written }) => written),
  };
}

function statusOf({ expectations, failures }: CaseOutcome): TestResult["status"] {
  if (failures.length > 0) return "failed";
  return expectations === 0 ? "empty" : "passed";
}

/** Holds the text of a program against its contracts, and against the files of findings and levels
 * that are expected. Where no file says so, no errors are. */
async function saidOfText(
  { expected, files }: Place,
  source: { readonly path: string; readonly text: string },
  { found, program }: Read,
  loading: ProgramOptions,
  { config, update }: TestOptions,
): Promise<CaseOutcome> {
  const lists = files.includes(textFiles.findings);
  const levels = files.includes(textFiles.levels);
  const contracts = program?.program.contracts.length ?? 0;
  const expectations = contracts + Number(lists) + Number(levels);
  const errors = found.filter(({ severity }) => severity === "error");
  const failures: Failure[] = [];
  const written: string[] = [];
  if (!lists && errors.length > 0) failures.push({ kind: "findings", diagnostics: errors });
  if (expectations === 0) return { expectations, failures, written };
  const { checkFile } = await import("../check-file.ts");
  const { judge } = await import("../judge.ts");
  const settings = config();
  const accept = settings.level ?? "M";
  const report = await checkFile(source, loading, settings, (of) => judge(of, { accept }));
  const counted = report.findings
    .filter(({ suppression }) => suppression === undefined)
    .map(({ diagnostic }) => diagnostic);
  const broken = counted.filter(({ code }) => code === "broken-contract");
  if (!lists && broken.length > 0) failures.push({ kind: "findings", diagnostics: broken });
  const held = (file: string, text: string): void => {
    const path = join(expected, file);
    const { failure, wrote } = heldText(path, text, update);
    if (failure !== undefined) failures.push(failure);
    if (wrote) written.push(path);
  };
  if (lists) held(textFiles.findings, findingsText(counted, dirname(source.path)));
  if (levels && report.relations === undefined && !lists)
    failures.push({ kind: "message", message: "the program has no levels: it does not run" });
  else if (levels)
    held(textFiles.levels, levelsText(join(expected, textFiles.levels), report.relations ?? []));
  return { expectations, failures, written };
}

/** A file of lines `RELATION LEVEL` with the levels that there are; all of them where it is empty.
 * What else is in it stays. */
function levelsText(path: string, relations: readonly RelationReport[]): string {
  const text = readFileSync(path, "utf8");
  if (text.trim() === "") return relations.map(({ name, level }) => `${name} ${level}\n`).join("");
  return text.replace(/^([^\s#]\S*)([^\S\n]+)(\S+)/gm, (_, name: string, between: string) => {
    const level = relations.find((one) => one.name === name)?.level ?? "unknown-relation";
    return `${name}${between}${level}`;
  });
}

/** One line for each finding, `FILE:LINE SEVERITY CODE`, with paths from the program's folder. */
function findingsText(diagnostics: readonly Diagnostic[], folder: string): string {
  return diagnostics
    .map(({ span, severity, code }) => {
      const path = relative(folder, span.source.path).split(sep).join("/");
      const { line } = positionAt(span.source, span.start);
      return `${path}:${String(line)} ${severity} ${code}\n`;
    })
    .join("");
}
