import type { Database } from "../engine/database.ts";
import type { Workers } from "../engine/workers.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { Plan, RulePlan } from "../plan/plan.ts";

/** When a run started, had read its input, had evaluated, and ended. */
export type Times = {
  readonly startMs: number;
  readonly readMs: number;
  readonly evaluatedMs: number;
  readonly endMs: number;
};

const rulesShownMax = 20;

/** What other threads did. */
type OtherThreads = {
  /** How many rows of facts were read by one. */
  readonly rowsAhead: number;
  readonly workers?: Workers | undefined;
};

/** Returns what `--stats` prints: times, what threads shared, then relations, strata and the
 * dearest rule variants. */
export function statisticsText(
  plan: Plan,
  database: Database,
  evaluation: Evaluation,
  { startMs, readMs, evaluatedMs, endMs }: Times,
  { rowsAhead, workers }: OtherThreads,
): string {
  const ms = (from: number, to: number): string => `${(to - from).toFixed(0)} ms`;
  const times =
    `read ${ms(startMs, readMs)}, evaluate ${ms(readMs, evaluatedMs)}, ` +
    `write ${ms(evaluatedMs, endMs)}; ${mebibytes(database.memoryBytes)} MiB of tuples and values`;
  const relations = database.relations.map((relation) => [
    relation.schema.name,
    relation.size.toLocaleString("en"),
    mebibytes(relation.memoryBytes),
    mebibytes(relation.indexBytes),
    relation.size === 0 ? "" : (relation.memoryBytes / relation.size).toFixed(1),
    relation.form,
  ]);
  const strata = evaluation.strata.map((stratum) => [
    stratum.relations.map((at) => plan.relations[at]?.name ?? "").join(", "),
    String(stratum.rounds),
    stratum.derived.toLocaleString("en"),
    (stratum.ms ?? 0).toFixed(1),
  ]);
  const rules = evaluation.rules
    .toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
    .slice(0, rulesShownMax)
    .map(({ rule, derived, runs, wasm, ms: spent }) => [
      (rule.shares ?? [rule]).map(variantName).join(" and "),
      String(runs),
      derived.toLocaleString("en"),
      (spent ?? 0).toFixed(1),
      wasm === true ? "wasm" : "js",
    ]);
  const { blocks = 0, blocksOfOthers = 0, threads = 0 } = workers ?? {};
  const shared =
    workers === undefined
      ? ""
      : `${threads + 1} jobs: ${blocks.toLocaleString("en")} blocks of rows were shared, ` +
        `${blocksOfOthers.toLocaleString("en")} of them done by other threads; ` +
        `${rowsAhead.toLocaleString("en")} rows of facts were read by another one\n`;
  return [
    `${times}\n${shared}`.trimEnd(),
    columns([["relation", "tuples", "MiB", "in indexes", "B/tuple", "found by"], ...relations]),
    columns([["stratum", "rounds", "derived", "ms"], ...strata.filter(([, , n]) => n !== "0")]),
    columns([["rule", "runs", "derived", "ms", "in"], ...rules]),
    "",
  ].join("\n");
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

/** Aligns rows: the first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  );
  return `${lines.join("\n")}\n`;
}

function variantName({ text, deltaAt }: RulePlan): string {
  return deltaAt === undefined ? text : `${text} [delta ${deltaAt}]`;
}
