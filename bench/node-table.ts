import type { Result } from "./measure.ts";
import type { Line } from "./souffle-table.ts";

/** Returns a table of what workloads took by each version of Node, by the processor, beside the
 * version that measures; empty where there is no other. */
export function nodeTableText(lines: readonly Line[], measuring: string): string {
  const versions = [measuring, ...(lines[0]?.others ?? []).map(({ node }) => node)];
  if (versions.length === 1) return "";
  const columns = versions.map((_, at) => lines.map((line) => runOf(line, at)));
  const [own = []] = columns;
  const rows = lines.map((line, row) => [
    `${line.workload.name}${line.form === "dense" ? "" : `, ${line.form}`}`,
    ...columns.flatMap((column, at) => {
      const { cpuMs, cpuLeastMs, peakMiB } = column[row] as Result;
      const took = [`${seconds(cpuMs)}, ${seconds(cpuLeastMs)}`, peakMiB.toFixed(0)];
      return at === 0 ? took : [...took, ratio([own[row] as Result], [column[row] as Result])];
    }),
  ]);
  const means = [
    "geometric mean",
    ...columns.flatMap((column, at) => (at === 0 ? ["", ""] : ["", "", ratio(own, column)])),
  ];
  const head = [
    "",
    ...versions.flatMap((version, at) => {
      const took = [`${version}: CPU s, least`, "MiB"];
      return at === 0 ? took : [...took, `${measuring} / it`];
    }),
  ];
  const rule = ["---", ...head.slice(1).map(() => "---:")];
  const table = [head, rule, ...rows, means].map((cells) => `| ${cells.join(" | ")} |`);
  return `${table.join("\n")}\n`;
}

function runOf({ ours, others }: Line, at: number): Result {
  return at === 0 ? ours : (others[at - 1]?.result ?? ours);
}

/** How many times less the second ones took than the first, by their quickest runs: what other
 * processes disturb least. */
function ratio(first: readonly Result[], second: readonly Result[]): string {
  const logarithms = first.map(({ cpuLeastMs }, at) =>
    Math.log(cpuLeastMs / (second[at]?.cpuLeastMs ?? NaN)),
  );
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / first.length).toFixed(2);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
