import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What one process used, from its start to its end. */
export type Usage = { readonly wallMs: number; readonly cpuMs: number; readonly peakMiB: number };

/** One thing to measure: a name and the arguments of `program`, or of `node` if none is given. A
 * program is measured from outside, which takes Python but no help of the program. */
export type Contender = {
  readonly name: string;
  readonly program?: string;
  readonly args: readonly string[];
  /** What it ends with where all is well, if that is not 0. */
  readonly status?: number;
};

/** The medians of a contender's runs, what the quickest took of the processor, and what it printed
 * in the first. */
export type Result = Usage & {
  readonly name: string;
  readonly cpuLeastMs: number;
  readonly stdout: string;
};

/** Runs the contenders in turn, `rounds` times, so that a slow spell of the machine meets all of
 * them; returns their medians in the given order. A run that fails stops the benchmark. */
export function measured(contenders: readonly Contender[], rounds: number): Result[] {
  const runs = contenders.map((): { usage: Usage; stdout: string }[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, contender] of contenders.entries()) runs[at]?.push(oneRun(contender));
  return contenders.map(({ name }, at) => {
    const own = runs[at] ?? [];
    const middle = (key: keyof Usage): number => median(own.map(({ usage }) => usage[key]));
    return {
      name,
      wallMs: middle("wallMs"),
      cpuMs: middle("cpuMs"),
      cpuLeastMs: Math.min(...own.map(({ usage }) => usage.cpuMs)),
      peakMiB: middle("peakMiB"),
      stdout: own[0]?.stdout ?? "",
    };
  });
}

/** Our environment without certificates that Node is told to read at its start: with those of a
 * whole system that takes as long as all else that it starts with, whatever it is to run. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  return environment;
}

/** Returns a table: one line for each result, with its wall time against the first one's. */
export function report(title: string, results: readonly Result[]): string {
  const base = results[0]?.wallMs ?? 1;
  const rows = results.map(({ name, wallMs, cpuMs, peakMiB }) => [
    name,
    (wallMs / 1000).toFixed(2),
    (cpuMs / 1000).toFixed(2),
    peakMiB.toFixed(0),
    `${(wallMs / base).toFixed(2)}x`,
  ]);
  const table = [["", "wall s", "cpu s", "peak MiB", "wall ratio"], ...rows];
  const widths = table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  const lines = table.map((row) =>
    row.map((cell, at) => pad(cell, widths?.[at] ?? 0, at > 0)).join("  "),
  );
  return `${title}\n${lines.join("\n")}\n`;
}

/** The median of a list that is not empty. */
export function median(values: readonly number[]): number {
  const order = values.toSorted((a, b) => a - b);
  return order[order.length >> 1] ?? NaN;
}

function oneRun({ name, program, args, status = 0 }: Contender): { usage: Usage; stdout: string } {
  const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  const [command, before] =
    program === undefined
      ? [process.execPath, ["--import", beside("usage.mjs")]]
      : ["python3", [beside("usage.py"), program]];
  const child = spawnSync(command, [...before, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: plainEnvironment(),
  });
  const usage = child.output[3];
  if (child.status !== status || usage === null || usage === undefined)
    throw new Error(`${name} failed (${String(child.status)}):\n${child.stderr}`);
  return { usage: JSON.parse(usage) as Usage, stdout: child.stdout };
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
