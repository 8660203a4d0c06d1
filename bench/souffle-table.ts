import type { Result } from "./measure.ts";
import { workloads, type IdentifierForm, type Workload } from "./workloads.ts";

/** What one workload took, with one number of threads. */
export type Line = {
  readonly workload: Workload;
  readonly form: IdentifierForm;
  readonly jobs: number;
  /** How many tuples the relations have whose sizes are printed. */
  readonly tuples: number;
  readonly ours: Result;
  readonly theirs: Result | undefined;
  readonly interpreted: Result | undefined;
  readonly clingo: Result | undefined;
  /** Ours by other versions of Node, in the order in which they were asked for. */
  readonly others: readonly { readonly node: string; readonly result: Result }[];
};

/** What is asked, and what came out. */
export type Target = {
  readonly what: string;
  readonly asked: number;
  readonly is: number;
  readonly met: boolean;
};

const geometricMeanMin = 4;
const keptMin = 0.5;
const firstTupleMsMax = 100;

/** Returns what is asked of these lines, with what is: how many times faster than Soufflé by the
 * wall and by the processor, the peak of memory, what other identifiers leave of a ratio. */
export function judged(lines: readonly Line[], firstTupleMs: number): readonly Target[] {
  const targets = lines.flatMap((line) => ofLine(line, lines));
  const dense = lines.filter(({ form, jobs, theirs }) => form === "dense" && jobs === 1 && theirs);
  if (dense.length === workloads.length)
    for (const by of ["wallMs", "cpuMs"] as const)
      targets.push(
        atLeast(`geometric mean, ${names[by]}`, geometricMeanMin, meanRatio(dense, by) ?? 0),
      );
  targets.push(atMost("text to first tuple of 34 rules, ms", firstTupleMsMax, firstTupleMs));
  return targets;
}

/** Returns the table of the lines, their geometric means, and which targets are missed. */
export function tableText(lines: readonly Line[], targets: readonly Target[]): string {
  const rows = lines.map((line) => {
    const { workload, form, jobs, tuples, ours, theirs, interpreted, clingo } = line;
    return [
      `${workload.name}${form === "dense" ? "" : `, ${form}`}${jobs > 1 ? `, -j${jobs}` : ""}`,
      tuples.toLocaleString("en"),
      ...(theirs ? used(theirs) : ["", "", ""]),
      ...[interpreted, clingo].map((one) => (one ? seconds(one.cpuMs) : "")),
      ...used(ours),
      ...(theirs ? [times(ratio(line, "wallMs")), times(ratio(line, "cpuMs"))] : ["", ""]),
      ...(form === "dense" && jobs === 1 ? [times(workload.target)] : [""]),
      theirs ? (ofLine(line, lines).every(({ met }) => met) ? "met" : "MISSED") : "",
    ];
  });
  const head = [
    ...["", "tuples", "Soufflé s", "CPU s", "MiB", "interp. CPU s", "clingo CPU s"],
    ...["calm s", "CPU s", "MiB", "wall", "CPU", "asked", ""],
  ];
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const table = all.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const means = groups(lines).flatMap(([name, group]) => {
    const [wall, cpu] = [meanRatio(group, "wallMs"), meanRatio(group, "cpuMs")];
    if (wall === undefined || cpu === undefined) return [];
    const elsewhere = (group[0]?.others ?? []).map(({ node }, at) => {
      const others = group.flatMap((line) => {
        const ours = line.others[at]?.result;
        return ours === undefined ? [] : [{ ...line, ours }];
      });
      const [byWall = NaN, byCpu = NaN] = [meanRatio(others, "wallMs"), meanRatio(others, "cpuMs")];
      return `geometric mean, ${name}, Node ${node}: ${times(byWall)} wall, ${times(byCpu)} CPU`;
    });
    return [`geometric mean, ${name}: ${times(wall)} wall, ${times(cpu)} CPU`, ...elsewhere];
  });
  const missed = targets.map(
    ({ what, asked, is, met }) =>
      `${met ? "met   " : "MISSED"}  ${what}: ${is.toFixed(2)}, asked ${asked.toFixed(2)}`,
  );
  return [...table, "", ...means, ...missed, ""].join("\n");
}

function ofLine(line: Line, lines: readonly Line[]): Target[] {
  const { workload, form, jobs, ours, theirs } = line;
  if (theirs === undefined) return [];
  const wall = ratio(line, "wallMs");
  const memory = atMost(
    `${workload.name} ${form} -j${jobs}, MiB`,
    2 * theirs.peakMiB + 100,
    ours.peakMiB,
  );
  if (jobs > 1) return [atLeast(`${workload.name} -j${jobs}, wall`, 1, wall), memory];
  const both = (by: Line): number => Math.min(ratio(by, "wallMs"), ratio(by, "cpuMs"));
  if (form === "dense")
    return [atLeast(`${workload.name}, wall and CPU`, workload.target, both(line)), memory];
  const dense = lines.find(
    (one) => one.workload === workload && one.form === "dense" && one.jobs === 1,
  );
  if (dense?.theirs === undefined) return [memory];
  const kept = both(line) / both(dense);
  return [atLeast(`${workload.name} ${form}, part of its ratio`, keptMin, kept), memory];
}

const names = { wallMs: "wall", cpuMs: "CPU" };

function ratio({ ours, theirs }: Line, by: "wallMs" | "cpuMs"): number {
  return theirs === undefined ? NaN : theirs[by] / ours[by];
}

/** The geometric mean of the ratios of those lines that have one; undefined if none has. */
function meanRatio(lines: readonly Line[], by: "wallMs" | "cpuMs"): number | undefined {
  const logarithms = lines.filter(({ theirs }) => theirs).map((line) => Math.log(ratio(line, by)));
  if (logarithms.length === 0) return undefined;
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length);
}

function groups(lines: readonly Line[]): [string, Line[]][] {
  const found = new Map<string, Line[]>();
  for (const line of lines) {
    const name = `${line.form} identifiers, -j${line.jobs}`;
    found.set(name, [...(found.get(name) ?? []), line]);
  }
  return [...found];
}

function atLeast(what: string, asked: number, is: number): Target {
  return { what, asked, is, met: is >= asked };
}

function atMost(what: string, asked: number, is: number): Target {
  return { what, asked, is, met: is <= asked };
}

function used({ wallMs, cpuMs, peakMiB }: Result): string[] {
  return [seconds(wallMs), seconds(cpuMs), peakMiB.toFixed(0)];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function times(factor: number): string {
  return `${factor.toFixed(2)}x`;
}
