// What was measured of stores, as a table of text, and as ratios.
import type { Load } from "./kv-load.ts";
import type { Durability } from "./kv-rivals.ts";

/** One row of the table. */
export type Row = {
  readonly name: string;
  readonly nodes: number;
  readonly durability: Durability;
  readonly inFlight: number;
  readonly puts: Load;
  /** Absent where nothing can be got. */
  readonly gets: Load | undefined;
};

/** Prints what each contender did in a second, and what it took of the processor. */
export function printTable(rows: readonly Row[]): void {
  const seen = ["p50", "p99", "server µs", "client µs"];
  const head = ["", "nodes", "kept", "in flight", "puts/s", ...seen, "gets/s", ...seen];
  const lines = rows.map(({ name, nodes, durability, inFlight, puts, gets }) => [
    ...[name, String(nodes), durability, String(inFlight)],
    ...[...cells(puts), ...cells(gets)],
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  for (const row of all)
    process.stdout.write(`${row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  ")}\n`);
}

function cells(load: Load | undefined): string[] {
  if (load === undefined) return ["", "", "", "", ""];
  const { perSecond, p50Ms, p99Ms, serverUs, clientUs } = load;
  const microseconds = [serverUs?.toFixed(0) ?? "", clientUs.toFixed(0)];
  return [perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), ...microseconds];
}

/** Prints the store on one node against each other contender that keeps as much. */
export function printRatios(rows: readonly Row[]): void {
  for (const rival of rows.filter(({ name }) => name !== "calm")) {
    const own = rows.find(
      ({ name, nodes, durability, inFlight }) =>
        name === "calm" &&
        nodes === 1 &&
        durability === rival.durability &&
        inFlight === rival.inFlight,
    );
    if (own === undefined) continue;
    const puts = (own.puts.perSecond / rival.puts.perSecond).toFixed(2);
    const gets =
      own.gets === undefined || rival.gets === undefined
        ? ""
        : `, gets ${(own.gets.perSecond / rival.gets.perSecond).toFixed(2)}`;
    process.stdout.write(
      `calm / ${rival.name}, ${rival.durability}, ${rival.inFlight} in flight: ` +
        `puts ${puts}${gets}\n`,
    );
  }
}
