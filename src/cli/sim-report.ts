// What `calm sim` prints: how a run went, and where two of them differ.
import type { Level } from "../analysis/levels.ts";
import { factText, type SimulatedProgram } from "../sim/program.ts";
import type { Outcome } from "../sim/outcome.ts";
import { simulate } from "../sim/simulate.ts";
import type { Fact } from "../transducer/fact.ts";

/** What came of a simulation for a user. */
export type SimReport = {
  readonly program: SimulatedProgram;
  /** The worst level of an output. */
  readonly level: Level;
  readonly seed: number;
  readonly first: Outcome;
  /** A small run that fails as that one does. */
  readonly smallest?: Outcome;
  /** Whether all went as the level has it. */
  readonly right: boolean;
  /** How many runs were compared, without a difference. */
  readonly runs?: number;
  /** What nodes have put out in one of two runs only. */
  readonly difference?: {
    readonly seed: number;
    readonly onlyFirst: readonly Fact[];
    readonly onlyOther: readonly Fact[];
  };
  /** What nodes have put out though one machine with all input does not. */
  readonly wrong?: readonly Fact[];
};

/** Returns a report as text. */
export function simReportText(report: SimReport): string {
  const { first, seed, level } = report;
  const { schedule, counts, faults, checks } = first;
  const given = schedule.inserts.flatMap((insert) => insert.facts);
  const sealing = new Set(report.program.parts?.seals.values());
  const seals = given.filter(({ relation }) => sealing.has(relation)).length;
  const also = seals === 0 ? "" : ` and ${plural(seals, "seal")}`;
  const lines = [
    `${plural(schedule.names.length, "node")}, ${plural(given.length - seals, "fact")}${also} in ` +
      `${plural(schedule.inserts.length, "request")}, seed ${seed}`,
    `level ${level}: ${meaning(report)}`,
    `${plural(counts.events, "event")}, ${plural(counts.frames, "frame")}; faults: ` +
      (faults.size === 0
        ? "none"
        : Array.from(faults, ([kind, count]) => `${kind} ${count}`).join(", ")),
    `checks: ${Array.from(checks, ([kind, count]) => `${kind} ${count}`).join(", ")}`,
    ...loadLines(report),
    ending(report),
    ...differing(report),
    ...smallestRun(report),
  ];
  return `${lines.join("\n")}\n`;
}

/** Returns a report as one JSON object; facts are as in source text. */
export function simReportJson(report: SimReport): string {
  const { first, seed, level, right, runs, difference, wrong } = report;
  const texts = (facts: Iterable<Fact>): string[] => listed(report, facts);
  const object = {
    ...{ seed, level, right, nodes: first.schedule.names, counts: first.counts },
    faults: Object.fromEntries(first.faults),
    checks: Object.fromEntries(first.checks),
    ...(first.convergedMs !== undefined && { convergedMs: first.convergedMs }),
    ...(first.failure !== undefined && { failure: first.failure }),
    loads: Object.fromEntries(first.loads),
    answer: texts(first.answer.values()),
    outputs: Object.fromEntries(
      Array.from(first.outputs, ([name, output]) => [name, texts(output.values())]),
    ),
    ...(runs !== undefined && { runs }),
    ...(difference !== undefined && {
      difference: {
        seeds: [seed, difference.seed],
        only: [texts(difference.onlyFirst), texts(difference.onlyOther)],
      },
    }),
    ...(wrong !== undefined && { wrong: texts(wrong) }),
    ...(report.smallest !== undefined && { smallest: smallestRun(report).slice(1) }),
  };
  return `${JSON.stringify(object, null, 2)}\n`;
}

/** A line for each node: what it holds, and what it has sent. */
function loadLines({ first: { loads } }: SimReport): string[] {
  const rows = Array.from(loads, ([name, { tuples, sent }]) => [
    ...[name, plural(tuples, "tuple"), `${plural(sent, "fact")} sent`],
  ]);
  const widths = [0, 1].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`);
}

function meaning({ program: { promise, sealing, floods, parts } }: SimReport): string {
  if (sealing !== undefined && floods)
    return "every node waits until all have sealed their input, and has one machine's answer then";
  if (parts !== undefined && promise !== "none") {
    const once = parts.seals.size === 0 ? "" : ", once its keys are sealed";
    return `every tuple comes to be at its owners${once}, and nothing is taken back`;
  }
  switch (promise) {
    case "monotone":
      return "every node comes to the answer of one machine, and takes nothing back";
    case "consistent":
      return "each node begins with its whole share, and the program waits until it has all input";
    case "none":
      return "nothing is promised";
  }
}

function ending({ first, program, runs, difference, wrong }: SimReport): string {
  const { failure, convergedMs, answer } = first;
  if (failure !== undefined)
    return `violation of ${failure.check} after ${failure.atMs} ms: ${failure.message}`;
  if (difference !== undefined || wrong !== undefined)
    return "the answer depends on the order in which things arrive";
  const converged = `converged after ${convergedMs ?? 0} ms`;
  if (program.promise !== "none") {
    const who = program.parts === undefined ? "all nodes have" : "together the nodes have";
    return `${converged}: ${who} one machine's answer, ${plural(answer.size, "tuple")}`;
  }
  return `${converged}: ${plural(runs ?? 1, "run")} of other seeds put out the same`;
}

/** What happens in the smallest run, line by line. */
function smallestRun({ program, smallest }: SimReport): string[] {
  if (smallest === undefined) return [];
  const lines = ["the smallest such run:"];
  simulate(program, smallest.schedule, (line) => void lines.push(line));
  return lines;
}

function differing(report: SimReport): string[] {
  const { difference, wrong, seed } = report;
  const only = (of: number, facts: readonly Fact[]): string[] =>
    facts.length === 0 ? [] : [`put out with seed ${of} only:`, ...indented(report, facts)];
  return [
    ...(difference === undefined
      ? []
      : [...only(seed, difference.onlyFirst), ...only(difference.seed, difference.onlyOther)]),
    ...(wrong === undefined
      ? []
      : [
          `put out with seed ${seed}, though one machine with all input does not:`,
          ...indented(report, wrong),
        ]),
  ];
}

function indented(report: SimReport, facts: readonly Fact[]): string[] {
  return listed(report, facts).map((text) => `  ${text}`);
}

function listed({ program }: SimReport, facts: Iterable<Fact>): string[] {
  return [...new Set(Array.from(facts, (fact) => factText(program, fact)))].toSorted();
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
