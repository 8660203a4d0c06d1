// One edge at a time comes and goes for closures of millions of paths, beside their evaluations; in
// one process, as that is how facts come. Fails where the median change of the sparse graph costs
// more than a thousandth of its evaluation. With `--assert` it fails, too, where a tuple that goes,
// or is found to be derivable still, costs more than ten times what one costs in an evaluation.
import { readFileSync } from "node:fs";
import { random } from "../src/base/random.ts";
import { compile } from "../src/compile.ts";
import { Database } from "../src/engine/database.ts";
import { evaluate } from "../src/engine/evaluate.ts";
import { Maintained, type Maintenance } from "../src/engine/maintained.ts";
import { median } from "./measure.ts";
import { type Workload, workloads } from "./workloads.ts";

const [file = "", ...flags] = process.argv.slice(2);
const { compiled } = compile(readFileSync(file, "utf8"), { domain: 32 });
if (compiled === undefined) throw new Error(`${file} does not compile`);
const { plan } = compiled;
const [edge = -1, path = -1] = ["edge", "path"].map((name) =>
  plan.relations.findIndex((relation) => relation.name === name),
);

const changes: Record<string, number> = { tc_sparse: 1000, tc_rand: 50, tc_chain: 6 };
const missed: string[] = [];
for (const workload of workloads) {
  const count = changes[workload.name];
  if (count !== undefined) measure(workload, count);
}
for (const one of missed) console.error(`missed: ${one}`);
if (missed.some((one) => one.startsWith("tc_sparse") || flags.includes("--assert")))
  throw new Error("a change costs more than it may");

function measure(workload: Workload, count: number): void {
  const edges: number[][] = [];
  workload.facts(() => (...row) => {
    edges.push(row.map(Number));
  });
  const columns = [0, 1].map((at) => Int32Array.from(edges, (row) => row[at] ?? 0));
  const once = new Database(plan);
  once.relations[edge]?.append(columns, edges.length);
  const whole = timed(() => evaluate(plan, once)).ms;
  const paths = once.relations[path]?.size ?? 0;
  const perTuple = (whole * 1e6) / paths;

  const database = new Database(plan);
  const kept = new Maintained(plan, database);
  kept.append(edge, columns, edges.length);
  kept.run();
  const next = random(5);
  const change = (words: readonly number[], insert: boolean): Change => {
    if (insert) kept.insert(edge, words);
    else kept.remove(edge, words);
    const { ms, result } = timed(() => kept.run());
    return { ms, tuples: Math.max(tuplesIn(result), result.doubted) };
  };
  const both = (): [Change, Change] => {
    const words = edges[next.below(edges.length)] ?? [];
    return [change(words, false), change(words, true)];
  };
  const first = both();
  const pairs = Array.from({ length: count }, both);
  if (database.relations[path]?.size !== paths) throw new Error(`${workload.name} is not the same`);

  console.log(`${workload.name}: ${paths.toLocaleString("en")} paths
  evaluation     ${whole.toFixed(0)} ms, ${perTuple.toFixed(0)} ns a tuple`);
  for (const [at, name] of ["removal", "insertion"].entries()) {
    const all = pairs.flatMap((pair) => pair[at] ?? []);
    const middle = median(all.map(({ ms }) => ms));
    const tuples = all.reduce((sum, one) => sum + one.tuples, 0);
    const each = (all.reduce((sum, { ms }) => sum + ms, 0) * 1e6) / tuples;
    const [share, times] = [Math.round(whole / middle), each / perTuple];
    console.log(`  ${name.padEnd(14)} median ${middle.toFixed(3)} ms, 1/${share}; ${(
      tuples / count
    ).toFixed(0)} tuples each, ${each.toFixed(0)} ns a tuple, ${times.toFixed(1)} x
    the first    ${(first[at]?.ms ?? 0).toFixed(0)} ms, makes indexes`);
    if (workload.name === "tc_sparse") {
      if (share < 1000) missed.push(`tc_sparse, 1/1000 of an evaluation for an ${name}`);
    } else if (times > 10) missed.push(`${workload.name}, 10 times a tuple for an ${name}`);
  }
}

type Change = { readonly ms: number; readonly tuples: number };

/** How many tuples came and went. */
function tuplesIn({ changes: of }: Maintenance): number {
  const counts = of.map((one) => {
    if (one.kind === "replaced") return 0;
    return one.count + (one.kind === "changed" ? one.removedCount : 0);
  });
  return counts.reduce((sum, one) => sum + one, 0);
}

function timed<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const start = performance.now();
  const result = work();
  return { ms: performance.now() - start, result };
}
