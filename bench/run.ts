// `npm run bench [-- NAME … [FLAGS]]`: every benchmark, or the named ones. Each prints what ran
// beside what, as medians of whole processes (start, reading, evaluation), and the ratio to the
// first. Flags are those of `souffle.ts`.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentProgram } from "./components.ts";
import { randomGraph } from "./graph.ts";
import { measured, report, type Contender, type Result } from "./measure.ts";
import { numberPairs, symbolTriples } from "./rows.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const folder = mkdtempSync(join(tmpdir(), "calm-bench-"));
const calm = here("../dist/bin/calm.cjs");

const benchmarks: Record<string, () => void> = {
  closure,
  small: againstReference,
  large: twentyMillion,
  reading,
  components,
  maintained,
  reclaim,
  partitioned,
  souffle,
};

const args = process.argv.slice(2);
const flagsAt = args.findIndex((arg) => arg.startsWith("-"));
const [asked, flags] = flagsAt < 0 ? [args, []] : [args.slice(0, flagsAt), args.slice(flagsAt)];
if (asked.length === 0 && flags.includes("--help")) scriptOptions({ args: flags, strict: false });
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(
    `no benchmark ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}`,
  );
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(benchmarks))
    if (asked.length === 0 || asked.includes(name)) run();
}
rmSync(folder, { recursive: true });

/** A closure of more than four million tuples: generated code beside the interpreter of plans. */
function closure(): void {
  const facts = graph("closure", 2200, 6600);
  print("closure of a random graph, 2,200 vertices, 6,600 edges", [
    ...measured([calmRun("generated code", "closure.dl", facts)], 5),
    ...measured([calmRun("interpreter of plans", "closure.dl", facts, "--no-codegen")], 1),
  ]);
}

/** A smaller closure, which the reference evaluator can finish too. */
function againstReference(): void {
  const facts = graph("small", 120, 240);
  const reference = {
    name: "reference evaluator",
    args: ["--import", "tsx", here("reference.ts"), here("programs/closure.dl"), facts],
  };
  const contenders = [
    calmRun("generated code", "closure.dl", facts),
    calmRun("interpreter of plans", "closure.dl", facts, "--no-codegen"),
    reference,
  ];
  print("closure of a random graph, 120 vertices, 240 edges", measured(contenders, 3));
}

/** More than twenty million derived tuples; fails above four gigabytes. */
function twentyMillion(): void {
  const facts = graph("large", 5000, 15000);
  const results = measured([calmRun("generated code", "closure.dl", facts)], 1);
  print("closure of a random graph, 5,000 vertices, 15,000 edges", results);
  const [{ peakMiB, stdout }] = results as [Result];
  const tuples = Number(/\d+/.exec(stdout)?.[0]);
  const bytes = Math.round((peakMiB * 2 ** 20) / tuples);
  console.log(`${tuples.toLocaleString("en")} tuples, ${bytes} bytes each of peak memory\n`);
  if (tuples < 20e6) throw new Error("fewer than twenty million tuples");
  if (peakMiB > 4096) throw new Error("more than four gigabytes");
}

/** Files of about a hundred megabytes, beside splitting their text into strings. */
function reading(): void {
  const files = { pair: numberPairs(7_000_000, 9), name: symbolTriples(2_400_000, 10) };
  for (const [relation, chunks] of Object.entries(files)) {
    const facts = directory(relation);
    const file = join(facts, `${relation}.facts`);
    writeFileSync(file, "");
    for (const chunk of chunks) writeFileSync(file, chunk, { flag: "a" });
    const split = { name: "split(), Map", args: [here("split.mjs"), file] };
    const contenders = [calmRun("calm, with dedup", `${relation}s.dl`, facts), split];
    print(`reading ${relation}.facts`, measured(contenders, 3));
  }
}

/** Two thousand rules, nearly all of them from instances of components: how long it takes until
 * the first can run (`explain` does that much), and until all have run on next to nothing. */
function components(): void {
  const program = join(directory("components"), "components.dl");
  writeFileSync(program, componentProgram(40));
  const contenders = [
    { name: "text to plan", args: [calm, "explain", program, "--plan"] },
    { name: "text to answer", args: [calm, "run", program] },
  ];
  print("2,000 rules in 240 instances of components", measured(contenders, 5));
}

/** Facts that come and go one by one: what each costs beside an evaluation of all. */
function maintained(): void {
  alone("maintained.ts", here("programs/closure.dl"), ...flags);
}

/** Symbols that come and go: memory. */
function reclaim(): void {
  alone("reclaim.ts");
}

/** A closure in parts: tuples and messages of each node. */
function partitioned(): void {
  alone("partitioned.ts", here("programs/partitioned.dl"));
}

/** Recursion, joins, aggregates, reading: beside Soufflé, if it is installed. */
function souffle(): void {
  alone("souffle.ts", ...flags);
}

function alone(script: string, ...args: readonly string[]): void {
  const argv = ["--expose-gc", "--import", "tsx", here(script), ...args];
  const { status } = spawnSync(process.execPath, argv, { stdio: "inherit" });
  if (status === 0) return;
  console.error(`${script} failed`);
  process.exitCode = 1;
}

function calmRun(name: string, program: string, facts: string, ...flags: string[]): Contender {
  return { name, args: [calm, "run", here(`programs/${program}`), "-F", facts, ...flags] };
}

function graph(name: string, vertices: number, edges: number): string {
  const facts = directory(name);
  writeFileSync(join(facts, "edge.facts"), randomGraph(vertices, edges, 1));
  return facts;
}

function directory(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function print(title: string, results: readonly Result[]): void {
  const answers = new Set(results.map(({ stdout }) => stdout.trim()).filter(Boolean));
  console.log(report(title, results));
  if (title.startsWith("closure") && answers.size !== 1)
    throw new Error(`different answers: ${[...answers].join(" | ")}`);
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
