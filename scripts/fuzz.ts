// Inputs at random for what reads bytes of others, of a disk or of a person:
//
//     npm run fuzz -- frames --seconds 60 --seed 1
//     npm run fuzz -- all --seconds 600
//     npm run fuzz -- http --seconds 60                       (test/server/kv/hostile.test.ts)
//     npm run fuzz -- programs --seed 1 --programs 10000      (scripts/fuzz-programs.ts)
//
// What fails is made small and kept in test/corpus/NAME, where the tests go on with it. Without a
// name it is `programs`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { type FuzzTarget, fuzzed, inputOf, shrunk } from "../test/fuzz/fuzzer.ts";
import { scriptOptions, whole } from "./script-options.mjs";

const programsName = "programs";
const httpName = "http";
/** Requests between two looks at the clock. */
const httpRounds = 1_000;
/** An input that takes longer than this is told, too. */
const slowMs = 5_000;
const corpus = fileURLToPath(new URL("../test/corpus/", import.meta.url));

const { values, positionals } = scriptOptions({
  allowPositionals: true,
  options: {
    ...{ seed: { type: "string" }, seconds: { type: "string" } },
    programs: { type: "string" },
  },
});
const [name = programsName] = positionals;
if (name === programsName) await import("./fuzz-programs.ts");
else if (name === httpName) fuzzHttp();
else await fuzzTargets();

async function fuzzTargets(): Promise<void> {
  const { byteTargets } = await import("../test/fuzz/byte-targets.ts");
  const { textTargets } = await import("../test/fuzz/text-targets.ts");
  const targets = [...textTargets, ...byteTargets];
  const wanted = targets.filter((target) => name === "all" || target.name === name);
  const seed = whole("seed", values.seed ?? "1");
  const seconds = whole("seconds", values.seconds ?? "10");
  if (wanted.length === 0) {
    const names = [programsName, httpName, "all", ...targets.map((target) => target.name)];
    process.stderr.write(`there is no fuzzer "${name}": take one of ${names.join(", ")}\n`);
    process.exit(2);
  }
  for (const target of wanted) await fuzz(target, seed, (1000 * seconds) / wanted.length);
}

/** Sends requests and frames to a store that runs; its test says which input was wrong. */
function fuzzHttp(): void {
  const first = whole("seed", values.seed ?? "1");
  const endMs = performance.now() + 1000 * whole("seconds", values.seconds ?? "10");
  let seed = first;
  for (; performance.now() < endMs && process.exitCode === undefined; seed += httpRounds) {
    const env = { ...process.env, SEED: String(seed), ROUNDS: String(httpRounds) };
    const asked = ["mocha", "test/server/kv/hostile.test.ts", "-g", "made at random"];
    const { status, stdout } = spawnSync("npx", asked, { env, encoding: "utf8" });
    if (status === 0) continue;
    process.stdout.write(stdout);
    process.exitCode = 1;
  }
  process.stdout.write(`http: ${seed - first} inputs from seed ${first}\n`);
}

async function fuzz(target: FuzzTarget, seed: number, ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  let [rounds, slowestMs, slowest] = [0, 0, seed];
  for (; performance.now() < endMs; rounds++) {
    const startMs = performance.now();
    const found = await fuzzed(target, seed + rounds);
    const tookMs = performance.now() - startMs;
    if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, seed + rounds];
    if (found === undefined) continue;
    const { input, error } = await shrunk(target, found);
    const path = keep(target.name, input);
    const stack = error.stack ?? error.message;
    process.stdout.write(`${target.name}, seed ${found.seed}: ${stack}\nkept as ${path}\n`);
    process.exitCode = 1;
    return;
  }
  const inputs = `${rounds} inputs from seed ${seed}`;
  const slow = `the slowest took ${Math.ceil(slowestMs)} ms (seed ${slowest})`;
  process.stdout.write(`${target.name}: ${inputs}, nothing found; ${slow}\n`);
  if (slowestMs <= slowMs) return;
  process.stdout.write(`too slow: kept as ${keep(target.name, inputOf(target, slowest))}\n`);
  process.exitCode = 1;
}

/** Keeps an input; returns where. */
function keep(target: string, input: Uint8Array): string {
  const folder = `${corpus}${target}/`;
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  writeFileSync(`${folder}${hash}.bin`, input);
  return `test/corpus/${target}/${hash}.bin`;
}
