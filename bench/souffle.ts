// `npm run bench -- souffle [flags]`: calm beside Soufflé on the workloads of workloads.ts, whole
// processes in turn, medians. Both must find as many tuples in every relation. Flags:
//   --only a,b     these workloads            --rounds 5    how often each runs
//   --forms a,b    how identifiers are written: dense, wide (64 random bits), text
//   --jobs 2       also with two threads      --interpreted also Soufflé's interpreter
//   --clingo       also clingo, once, where the program can be said in its language
//   --contents     compare all tuples, too    --cache DIR   keeps facts and executables
//   --json         for machines               --assert      exits 1 where a target is missed
//   --nodes 22,24  also by these versions of Node, which npm installs at first use
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { nodeOfVersion } from "../scripts/node-versions.ts";
import { clingoQuiet, clingoSizes, clingoStatus, clingoVersion, writeClingo } from "./clingo.ts";
import { contents } from "./contents.ts";
import { measured, type Contender, type Result } from "./measure.ts";
import { nodeTableText } from "./node-table.ts";
import { compiledBySouffle, type Souffle, souffles } from "./souffle-binary.ts";
import { judged, type Line, tableText } from "./souffle-table.ts";
import { identifierForms, workloads, writeFacts } from "./workloads.ts";
import type { IdentifierForm, Workload } from "./workloads.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: options } = scriptOptions({
  options: {
    only: { type: "string", default: "" },
    forms: { type: "string", default: "dense" },
    rounds: { type: "string", default: "5" },
    jobs: { type: "string", default: "1" },
    interpreted: { type: "boolean", default: false },
    clingo: { type: "boolean", default: false },
    contents: { type: "boolean", default: false },
    cache: { type: "string" },
    json: { type: "boolean", default: false },
    assert: { type: "boolean", default: false },
    nodes: { type: "string", default: "" },
  },
});

const calm = fileURLToPath(new URL("../dist/bin/calm.cjs", import.meta.url));
const sources = fileURLToPath(new URL("programs/souffle", import.meta.url));
const folder = options.cache ?? mkdtempSync(join(tmpdir(), "calm-bench-souffle-"));
const rivals = souffles();
/** The line in which a run says how many tuples a relation has. */
const sizeLine = /^\w+\t(\d+)$/;
const nodes = options.nodes
  .split(",")
  .filter((version) => version !== "")
  .map((version) => nodeOfVersion(version))
  .map((program) => ({
    program,
    node: spawnSync(program, ["--version"]).stdout.toString().trim(),
  }));
try {
  main();
} finally {
  if (options.cache === undefined) rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  const [rounds, jobs] = [Number(options.rounds), Number(options.jobs)];
  if (options.clingo && clingoVersion() === undefined)
    throw new Error("no clingo is on the PATH (Debian's package is gringo)");
  if (rivals.size === 0)
    note("no Soufflé is installed: calm runs alone (CALM_BENCH_SOUFFLE=FILE names one)");
  const forms = named("form", options.forms, identifierForms);
  const names = workloads.map(({ name }) => name);
  const asked = options.only === "" ? names : named("workload", options.only, names);
  const lines: Line[] = [];
  for (const form of forms)
    for (const workload of workloads)
      if (asked.includes(workload.name) && workload.forms.includes(form))
        for (const threads of jobs > 1 ? [1, jobs] : [1]) {
          const line = lineOf(workload, form, threads, rounds);
          note(`${workload.name} ${form} -j${threads}: ${line.ours.wallMs.toFixed(0)} ms`);
          lines.push(line);
        }
  const first = firstTuple(rounds);
  const targets = judged(lines, first.wallMs);
  const machine = {
    ...{ node: process.version, cpus: cpus().length, model: cpus()[0]?.model, load: loadavg() },
    ...{ souffle: [...rivals.values()], rounds },
    ...(options.clingo ? { clingo: clingoVersion() } : {}),
  };
  if (options.json) console.log(JSON.stringify({ machine, lines, first, targets }, undefined, 2));
  else {
    const byNode = nodeTableText(lines, process.version);
    console.log(`${JSON.stringify(machine)}\n${tableText(lines, targets)}${byNode}`);
  }
  if (options.assert && targets.some(({ met }) => !met)) process.exitCode = 1;
}

/** Measures one workload; fails where the contenders do not find the same. */
function lineOf(workload: Workload, form: IdentifierForm, jobs: number, rounds: number): Line {
  const rival = rivals.get(form === "wide" ? 64 : 32) ?? rivals.get(64);
  const bits = rival?.bits ?? (form === "wide" ? 64 : 32);
  const text = programText(workload, form);
  const facts = factsOf(workload, form);
  const results = made("results");
  const program = join(made("programs"), `${workload.program}-${form}.dl`);
  writeFileSync(program, text);

  const threads = jobs > 1 ? ["-j", `${jobs}`] : [];
  const calmArgs = [calm, "run", program, "-F", facts, "--domain", `${bits}`, ...threads];
  const contenders: Contender[] = [{ name: "calm", program: process.execPath, args: calmArgs }];
  for (const { node, program } of nodes)
    contenders.push({ name: `calm, Node ${node}`, program, args: calmArgs });
  if (rival !== undefined) {
    const args = ["-F", facts, "-D", results, ...threads];
    const { file } = rival;
    const executable = compiledBySouffle(rival, workload.program, text, jobs, made("executables"));
    contenders.push({ name: "Soufflé, compiled", program: executable, args });
    if (options.interpreted && jobs === 1)
      contenders.push({
        name: "Soufflé, interpreted",
        program: file,
        args: ["-w", ...args, program],
      });
    if (options.contents && jobs === 1) compareContents(workload, rival, text, facts);
  }
  const [ours, ...rest] = measured(contenders, rounds) as [Result, ...Result[]];
  const others = nodes.map(({ node }, at) => ({ node, result: rest[at] as Result }));
  const [theirs, interpreted] = rest.slice(nodes.length);
  const sizes = sizesOf(ours);
  for (const other of rest)
    if (sizesOf(other).text !== sizes.text)
      throw new Error(`${workload.name} ${form}: calm finds ${sizes.text}, ${other.name} finds
${sizesOf(other).text}`);
  const clingo =
    options.clingo && form === "dense" && jobs === 1
      ? byClingo(workload, text, facts, sizes.text)
      : undefined;
  return { workload, form, jobs, tuples: sizes.tuples, ours, theirs, interpreted, clingo, others };
}

/** What clingo takes in one run that prints nothing; it fails where another run finds other sizes.
 * Undefined where the program cannot be said. */
function byClingo(
  { name }: Workload,
  text: string,
  facts: string,
  sizes: string,
): Result | undefined {
  const files = writeClingo(text, facts, join(made("clingo"), name));
  if (files === undefined) return undefined;
  const found = linesOf(clingoSizes(files)).join("\n");
  // What a program prints beside sizes, clingo does not.
  const ours = linesOf(sizes).filter((line) => sizeLine.test(line));
  if (found !== ours.join("\n"))
    throw new Error(`${name}: calm finds ${sizes}, clingo finds\n${found}`);
  const how = { program: "clingo", args: [...clingoQuiet, files.program], status: clingoStatus };
  return measured([{ name: "clingo", ...how }], 1)[0];
}

/** Has both write all their relations, and compares these as sets of lines. */
function compareContents({ name }: Workload, rival: Souffle, text: string, facts: string): void {
  const writing = text.replace(/^\.output .*\n/gm, "").replace(/^\.printsize/gm, ".output");
  const program = join(made("programs"), `${name}-contents.dl`);
  writeFileSync(program, writing);
  const written = (who: string, command: string, args: readonly string[]) => {
    const output = mkdtempSync(join(made("contents"), `${name}-`));
    const { status, stderr } = spawnSync(command, [...args, "-F", facts, "-D", output, program]);
    if (status !== 0) throw new Error(`${who} fails on ${program}:\n${String(stderr)}`);
    const found = contents(output);
    rmSync(output, { recursive: true });
    return found;
  };
  const theirs = written("Soufflé", rival.file, ["-w"]);
  const ours = written("calm", process.execPath, [calm, "run", "--domain", `${rival.bits}`]);
  for (const file of new Set([...theirs.keys(), ...ours.keys()]))
    if (theirs.get(file) !== ours.get(file))
      throw new Error(`${name}, ${file}: calm has ${ours.get(file) ?? "no such file"},
Soufflé has ${theirs.get(file) ?? "no such file"}`);
}

/** Measures the 34-rule program on one row for each input: an upper bound of the time from its text
 * to the first tuple that it derives, as it includes the start and the end of the process. */
function firstTuple(rounds: number): Result {
  const program = join(sources, "doop.dl");
  const facts = made("first");
  for (const [, relation = "", columns = ""] of readFileSync(program, "utf8").matchAll(
    /^\.decl (\w+)\((.*)\)$/gm,
  )) {
    const zeros = columns.split(",").map(() => "0");
    writeFileSync(join(facts, `${relation}.facts`), `${zeros.join("\t")}\n`);
  }
  const args = [calm, "run", program, "-F", facts];
  const [result] = measured([{ name: "calm", program: process.execPath, args }], rounds);
  if (!/^reachable\t1$/m.test(result?.stdout ?? "")) throw new Error("nothing is derived");
  return result as Result;
}

/** The sizes that a run printed, in any order, and their sum. */
function sizesOf({ stdout }: Result): { readonly text: string; readonly tuples: number } {
  const lines = linesOf(stdout);
  const sizes = lines.map((line) => sizeLine.exec(line)?.[1] ?? 0);
  return { text: lines.join("\n"), tuples: sizes.reduce<number>((sum, of) => sum + Number(of), 0) };
}

function linesOf(text: string): string[] {
  return text.trim().split("\n").toSorted();
}

function programText({ program }: Workload, form: IdentifierForm): string {
  const text = readFileSync(join(sources, `${program}.dl`), "utf8");
  return form === "text" ? text.replace(".type Id <: number", ".type Id <: symbol") : text;
}

/** The folder with the facts of a workload, which are written if they are not there. */
function factsOf(workload: Workload, form: IdentifierForm): string {
  const path = join(folder, "facts", form, workload.name);
  if (existsSync(path)) return path;
  rmSync(`${path}.part`, { recursive: true, force: true });
  mkdirSync(`${path}.part`, { recursive: true });
  writeFacts(workload, form, `${path}.part`);
  renameSync(`${path}.part`, path);
  return path;
}

function made(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function named<T extends string>(kind: string, list: string, known: readonly T[]): T[] {
  return list.split(",").map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}; there are ${known.join(", ")}`);
    return found;
  });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
