// One run of a program on a folder of facts, held against what is expected of it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../../analysis/program.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import { compiled } from "../../codegen/backend.ts";
import type { CompiledProgram } from "../../compile.ts";
import { Database } from "../../engine/database.ts";
import type { Limits } from "../../engine/limit.ts";
import type { OutputOptions } from "../../io/parameters.ts";
import type { Implementations } from "../../value/user-functor.ts";
import { channelsOf, type Channel } from "../channels.ts";
import { evaluated } from "../evaluated.ts";
import { unmetExpectations } from "../expectations.ts";
import type { Host, Stream } from "../host.ts";
import { readInputs } from "../inputs.ts";
import { writeOutputs } from "../outputs.ts";
import { unifiedDiff } from "../unified-diff.ts";
import { differences } from "./differences.ts";
import type { Place } from "./places.ts";
import {
  expectedRows,
  filesOf,
  relationFile,
  replaceFile,
  writeExpected,
  type RelationFile,
} from "./relation-files.ts";
import type { Failure } from "./report.ts";

/** How programs are run, and held against what is expected. */
export type CaseOptions = {
  readonly limits: Limits;
  readonly stepsMax: number;
  readonly functors: Implementations;
  readonly missingIsEmpty: boolean;
  readonly tolerance: number;
  /** Whether files that are not met are rewritten. */
  readonly update: boolean;
};

/** What came of a run. */
export type CaseOutcome = {
  readonly expectations: number;
  readonly failures: readonly Failure[];
  readonly written: readonly string[];
};

/** The files in a folder of expectations that are not about relations. */
export const textFiles = {
  stdout: "stdout.txt",
  findings: "findings.txt",
  levels: "levels.txt",
} as const;

/** What is read in place of standard input, beside the facts. */
const stdinFile = "stdin.txt";

/** Runs a program at a place. `record` writes what it puts out where nothing is expected. */
export async function runCase(
  place: Place,
  program: CompiledProgram,
  { record, ...options }: CaseOptions & { readonly record: boolean },
  host: Host,
): Promise<CaseOutcome> {
  const { inputs, outputs } = channelsOf(program.program);
  const database = new Database(program.plan);
  const { said, around } = quiet(host, place);
  const settings = {
    factDir: place.factDir,
    missingIsEmpty: options.missingIsEmpty,
    remedy: "facts of a test lie beside its program, or in the folder of a case",
  };
  const { length: stated } = program.program.expectations;
  const relationFiles = place.files.filter((file) => !isTextFile(file));
  const expectations = stated + relationFiles.length + Number(expectsStdout(place));
  const failed = (...failures: Failure[]): CaseOutcome => ({
    expectations,
    failures,
    written: [],
  });
  if (!(await readInputs(inputs, database, settings, around)))
    return failed({ kind: "message", message: said.stderr().trimEnd() });
  const how = { backend: compiled, ...options };
  const evaluation = evaluated(program, database, how);
  const found = [
    ...evaluation.diagnostics,
    ...(evaluation.complete ? unmetExpectations(program.program, database) : []),
  ];
  const failures: Failure[] = hasErrors(found) ? [{ kind: "findings", diagnostics: found }] : [];
  if (!evaluation.complete) return failed(...failures);
  const written: string[] = [];
  const run: Run = { place, database, program: program.program, outputs, options };
  if (record && expectations === 0) written.push(...recorded(run));
  for (const file of relationFiles) {
    const { failure, wrote } = heldAgainst(file, run);
    if (failure !== undefined) failures.push(failure);
    if (wrote) written.push(join(place.expected, file));
  }
  const printed = outputs.filter(({ options: { channel } }) => channel !== "file");
  if (expectsStdout(place) || (record && expectations === 0 && printed.length > 0)) {
    await writeOutputs(printed, database, ".", around);
    const path = join(place.expected, textFiles.stdout);
    const { failure, wrote } = heldText(path, said.stdout(), options.update);
    if (failure !== undefined) failures.push(failure);
    if (wrote) written.push(path);
  }
  return { expectations: expectations || written.length, failures, written };
}

/** A run that has ended. */
type Run = {
  readonly place: Place;
  readonly database: Database;
  readonly program: Program;
  readonly outputs: readonly Channel<OutputOptions>[];
  readonly options: CaseOptions;
};

function isTextFile(file: string): boolean {
  return Object.values<string>(textFiles).includes(file);
}

function expectsStdout({ files }: Place): boolean {
  return files.includes(textFiles.stdout);
}

/** Holds the file of a text against what there is; writes it instead where it is to be updated. */
export function heldText(
  path: string,
  actual: string,
  update: boolean,
): { readonly failure?: Failure; readonly wrote: boolean } {
  const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (expected === actual) return { wrote: false };
  if (!update)
    return {
      failure: { kind: "text", path, diff: unifiedDiff(path, expected, actual) },
      wrote: false,
    };
  replaceFile(path, actual);
  return { wrote: true };
}

function heldAgainst(
  file: string,
  { place, database, program, outputs, options }: Run,
): { readonly failure?: Failure; readonly wrote: boolean } {
  const path = join(place.expected, file);
  const about = relationFile(file, program, outputs);
  if ("kind" in about) return { failure: about, wrote: false };
  const relation = database.relation(about.relation);
  if (relation === undefined) return { wrote: false };
  const expected = expectedRows(path, about, relation, database);
  if ("kind" in expected && !options.update) return { failure: expected, wrote: false };
  const { tolerance } = options;
  const apart =
    "kind" in expected
      ? undefined
      : differences({ relation, values: database.values, expected, tolerance });
  if (apart?.missing === 0 && apart.unexpected === 0) return { wrote: false };
  if (options.update || apart === undefined) {
    writeExpected(path, about, relation, database);
    return { wrote: true };
  }
  const { name, attributes } = relation.schema;
  const columns = attributes.map((attribute) => attribute.name);
  return { failure: { kind: "relation", relation: name, path, columns, ...apart }, wrote: false };
}

/** Writes what a program puts out, or, where that is nothing, what it derives. */
function recorded({ place, database, program, outputs }: Run): string[] {
  const files: readonly (readonly [string, RelationFile])[] = filesOf(outputs).map(
    ({ relation, options: { filename, form, compress } }) => [
      filename.replace(/^.*[\\/]/, ""),
      { relation, form, compress },
    ],
  );
  const derived = [...new Set(program.rules.map(({ head }) => head.relation))];
  const named = derived.flatMap((at): [string, RelationFile][] => {
    const file = `${program.relations[at]?.name ?? ""}.csv`;
    const about = relationFile(file, program, []);
    return "kind" in about ? [] : [[file, about]];
  });
  const chosen = outputs.length > 0 ? files : named;
  return chosen.flatMap(([file, about]) => {
    const relation = database.relation(about.relation);
    if (relation === undefined) return [];
    const path = join(place.expected, file);
    writeExpected(path, about, relation, database);
    return [path];
  });
}

/** The host of a run: what is said is kept, and what is read is a file beside the facts. */
function quiet(
  host: Host,
  { factDir }: Place,
): { readonly said: Record<"stdout" | "stderr", () => string>; readonly around: Host } {
  const stdout = keeping();
  const stderr = keeping();
  const stdin = join(factDir, stdinFile);
  return {
    said: { stdout: stdout.text, stderr: stderr.text },
    around: {
      ...host,
      stdout: stdout.stream,
      stderr: stderr.stream,
      stdin: () => (existsSync(stdin) ? [readFileSync(stdin)] : []),
    },
  };
}

function keeping(): { readonly stream: Stream; readonly text: () => string } {
  const pieces: Uint8Array[] = [];
  return {
    // A chunk may be written over once it was taken.
    stream: {
      terminal: false,
      width: Infinity,
      write: (chunk) => void pieces.push(Buffer.from(chunk as Uint8Array)),
    },
    text: () => Buffer.concat(pieces).toString(),
  };
}
