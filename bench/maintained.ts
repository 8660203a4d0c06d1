// One edge at a time comes and goes for closures of millions of paths, beside their evaluations; in
// one process, as that is how facts come. What is measured is the processor's time, as others may
// use the machine, too. Fails where the median change of the sparse graph costs more than a
// thousandth of its evaluation; with `--assert` also where a tuple of the others costs more than ten
// times what one costs in an evaluation. `--only tc_rand` measures one of them.
import { readFileSync } from "node:fs";
import { random } from "../src/base/random.ts";
import { compile } from "../src/compile.ts";
import { Database } from "../src/engine/database.ts";
import { evaluate } from "../src/engine/evaluate.ts";
import { Maintained, type Maintenance } from "../src/engine/maintained.ts";
import { BareClosure } from "./bare-closure.ts";
import { EdgeGraph } from "./edge-graph.ts";
import { median } from "./measure.ts";
import { type Workload, workloads } from "./workloads.ts";

const [file = "", ...flags] = process.argv.slice(2);
const { compiled } = compile(readFileSync(file, "utf8"), { domain: 32 });
if (compiled === undefined) throw new Error(`${file} does not compile`);
const { plan } = compiled;
const [edge = -1, path = -1] = ["edge", "path"].map((name) =>
  plan.relations.findIndex((relation) => relation.name === name),
);

const evaluations = 5;
const changes: Record<string, number> = { tc_sparse: 1000, tc_rand: 500, tc_chain: 11 };
/** Changes before the ones that count: code is compiled meanwhile, and indexes are made. */
const changesBefore: Record<string, number> = { tc_sparse: 100, tc_rand: 100, tc_chain: 2 };
const only = flags.includes("--only") ? flags[flags.indexOf("--only") + 1] : undefined;
const missed: string[] = [];
for (const workload of workloads) {
  const count = changes[workload.name];
  if (count !== undefined && workload.name === (only ?? workload.name)) measure(workload, count);
}
for (const one of missed) console.error(`missed: ${one}`);
if (missed.some((one) => one.startsWith("tc_sparse") || flags.includes("--assert")))
  throw new Error("a change costs more than it may");

/** What one change took, and what became of paths by it. */
type Change = {
  /** Of the processor. */
  readonly ms: number;
  /** Paths that came, or went. */
  readonly changed: number;
  /** Paths that lost a derivation, or have one more, and are there before and after. */
  readonly affected: number;
  /** Paths that a removal looked at, since they, or what they were derived from, lost one: those
   * that went, and those that were proved again. */
  readonly looked: number;
};

type Measured = Pick<Change, "ms" | "changed"> & {
  readonly affected: () => number;
  readonly looked: number | undefined;
};

function measure(workload: Workload, count: number): void {
  const edges: number[][] = [];
  workload.facts(() => (...row) => {
    edges.push(row.map(Number));
  });
  const columns = [0, 1].map((at) => Int32Array.from(edges, (row) => row[at] ?? 0));
  let paths = 0;
  const whole = median(
    Array.from({ length: evaluations }, () => {
      const once = new Database(plan);
      once.relations[edge]?.append(columns, edges.length);
      const { ms } = timed(() => evaluate(plan, once));
      paths = once.relations[path]?.size ?? 0;
      for (const relation of once.relations) relation.clear(true);
      return ms;
    }),
  );
  const perTuple = (whole * 1e6) / paths;

  const database = new Database(plan);
  const kept = new Maintained(plan, database);
  kept.append(edge, columns, edges.length);
  kept.run();
  const graph = new EdgeGraph(edges);
  const next = random(5);
  const both = (): Measured[] => {
    const words = edges[next.below(edges.length)] ?? [];
    kept.remove(edge, words);
    const removal = timed(() => kept.run());
    const went = tuplesIn(removal.result);
    const lost = removal.result.changes.find(({ relation }) => relation === path);
    // Counted when all is measured, as it goes through other memory.
    const affected = (): number =>
      graph.pathsOver(words, lost?.kind === "changed" ? lost.removed() : []).size - went;
    kept.insert(edge, words);
    const insertion = timed(() => kept.run());
    const changed = tuplesIn(insertion.result);
    if (changed !== went) throw new Error(`not all is back that went with ${words.join()}`);
    return [
      { ms: removal.ms, changed, affected, looked: removal.result.doubted },
      { ms: insertion.ms, changed, affected, looked: undefined },
    ];
  };
  const first = both();
  for (let before = changesBefore[workload.name] ?? 0; before > 1; before--) both();
  const measured = Array.from({ length: count }, both);
  if (database.relations[path]?.size !== paths) throw new Error(`${workload.name} is not the same`);

  const pairs = measured.map((pair) =>
    pair.map((one): Change => {
      const affected = one.affected();
      return { ...one, affected, looked: one.looked ?? one.changed + affected };
    }),
  );
  console.log(`${workload.name}: ${paths.toLocaleString("en")} paths; medians of ${count} changes
  evaluation     ${whole.toFixed(0)} ms, ${perTuple.toFixed(0)} ns a tuple`);
  for (const [at, name] of ["removal", "insertion"].entries()) {
    const all = pairs.flatMap((pair) => pair[at] ?? []);
    const middle = (of: (one: Change) => number): number => median(all.map(of));
    const ms = middle((one) => one.ms);
    const each = middle((one) => (one.ms * 1e6) / Math.max(1, one.looked));
    const strict = middle((one) => (one.ms * 1e6) / Math.max(1, one.changed + one.affected));
    const [share, times] = [Math.round(whole / ms), each / perTuple];
    console.log(`  ${name.padEnd(14)} ${ms.toFixed(3)} ms, 1/${share}; ${[
      `${middle((one) => one.changed)} changed`,
      `${middle((one) => one.looked - one.changed)} proved again`,
      `${each.toFixed(0)} ns each, ${times.toFixed(1)} x`,
    ].join(", ")}
                 ${middle((one) => one.affected)} that stay lost or got a derivation: ${[
                   ...[
                     `${strict.toFixed(0)} ns for each of these`,
                     `${(strict / perTuple).toFixed(1)} x`,
                   ],
                 ].join(", ")}
    the first      ${(first[at]?.ms ?? 0).toFixed(0)} ms, makes indexes`);
    if (workload.name === "tc_sparse") {
      if (share < 1000) missed.push(`tc_sparse, 1/1000 of an evaluation for an ${name}`);
    } else if (times > 10) missed.push(`${workload.name}, 10 times a tuple for an ${name}`);
  }
  console.log(`  in the database ${mebibytes(database.memoryBytes)} MiB`);
  if (workload.name !== "tc_sparse") bare(edges, paths, count, perTuple);
}

/** Prints what the same removals take by hand. */
function bare(edges: readonly number[][], paths: number, count: number, perTuple: number): void {
  const closure = new BareClosure(edges);
  if (closure.paths !== paths) throw new Error("the closure by hand is another one");
  const next = random(5);
  const each = Array.from({ length: count }, () => {
    const [x = 0, y = 0] = edges[next.below(edges.length)] ?? [];
    const { ms, result } = timed(() => closure.remove(x, y));
    closure.insert(x, y);
    return (ms * 1e6) / Math.max(1, result);
  });
  if (closure.paths !== paths) throw new Error("the closure by hand is another one");
  const ns = median(each);
  console.log(`  by hand        ${ns.toFixed(0)} ns each, ${(ns / perTuple).toFixed(1)} x`);
}

/** How many tuples came and went of the paths. */
function tuplesIn({ changes: of }: Maintenance): number {
  const change = of.find(({ relation }) => relation === path);
  if (change === undefined || change.kind === "replaced") return 0;
  return change.count + (change.kind === "changed" ? change.removedCount : 0);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function timed<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}
