// What a soak prints in the end.
import type { Course } from "./soak-samples.ts";

/** A measure of one node. */
export type NodeCourse = Course & { readonly node: string };

/** How a soak has ended. */
export type SoakReport = {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly store: Readonly<Record<string, number>>;
  readonly bank: Readonly<Record<string, number>> | undefined;
  readonly courses: readonly NodeCourse[];
  /** What was lost, came back, or differs. */
  readonly wrong: readonly string[];
  readonly passed: boolean;
};

/** Of what is wrong so much is shown. */
const wrongShown = 20;

/** Returns the report as people read it. */
export function soakTable(report: SoakReport): string {
  const { seed, seconds, faults, store, bank, courses, wrong, passed } = report;
  const lines = [
    `seed ${seed}, ${seconds} s`,
    `faults: ${counted(faults)}`,
    `store: ${counted(store)}`,
    ...(bank === undefined ? [] : [`bank: ${counted(bank)}`]),
    "",
    ["node", "measure", "second quarter", "last quarter", "verdict"].map(padded).join("  "),
    ...courses.map(({ node, measure, second, last, verdict }) => {
      const shown = [second, last].map((value) =>
        measure === "descriptors" ? String(value) : mib(value),
      );
      return [node, measure, ...shown, verdict].map(padded).join("  ");
    }),
    "",
    ...wrong.slice(0, wrongShown),
    ...(wrong.length > wrongShown ? [`and ${wrong.length - wrongShown} more`] : []),
    passed
      ? "passed: nothing lost, nothing back, all agree"
      : `failed: ${wrong.length} wrong, ${courses.filter(({ verdict }) => verdict === "grows").length} grow`,
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

const widths = [6, 12, 14, 14, 9];

function padded(text: string, at: number): string {
  const width = widths[at] ?? 0;
  return at === 2 || at === 3 ? text.padStart(width) : text.padEnd(width);
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");
}
