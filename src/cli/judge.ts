// What the checker of monotonicity says of a program, as findings and as what is known of each
// relation.
import type { Monotonicity } from "../analysis/levels.ts";
import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { LawOptions } from "../witness/laws.ts";
import type { Judgement } from "./check-file.ts";
import type { RelationReport } from "./check-report.ts";
import type { AcceptedLevel } from "./config.ts";

/** What passes, and what is looked for. */
export type JudgeOptions = {
  readonly accept: AcceptedLevel;
  readonly snapshotsMax?: number;
  /** With what the laws are tested that the verdict relies on; undefined where they are not. */
  readonly laws?: LawOptions;
};

/** Returns what is to be said of the levels of a program; `compare` adds what is said of it beside
 * an earlier version. */
export async function judge(
  program: Program,
  options: JudgeOptions,
  compare: (verdict: Monotonicity) => readonly Diagnostic[] = () => [],
): Promise<Judgement> {
  const { accept, laws, snapshotsMax } = options;
  const verdict = monotonicity(program);
  const diagnostics = [
    ...levelFindings(program, verdict, { accept }),
    ...snapshotFindings(program, verdict, snapshotsMax),
    ...compare(verdict),
    // What evaluates programs is loaded where there is something to try.
    ...(laws === undefined
      ? []
      : (await import("../witness/law-findings.ts")).lawFindings(program, verdict, laws)),
  ];
  return { diagnostics, relations: relationReports(program, verdict), verdict };
}

function relationReports(program: Program, verdict: Monotonicity): RelationReport[] {
  return program.relations.flatMap(({ name, attributes, span }, at): RelationReport[] => {
    const known = verdict.relations[at];
    if (known === undefined) return [];
    const { level, final, networkDependent } = known;
    return [
      {
        name,
        attributes: attributes.map(({ name: attribute, type }) => ({ name: attribute, type })),
        span,
        output: verdict.outputs.includes(at),
        snapshot: verdict.snapshots.includes(at),
        level,
        final,
        networkDependent,
        points: known.points.flatMap((of) => verdict.points[of] ?? []),
      },
    ];
  });
}

function snapshotFindings(
  { relations }: Program,
  { snapshots }: Monotonicity,
  most = Infinity,
): Diagnostic[] {
  const spans = snapshots.flatMap((at) => relations[at]?.span ?? []);
  const span = spans[most];
  if (span === undefined) return [];
  const message = `there are ${String(spans.length)} snapshots, and ${String(most)} may be`;
  const related = spans
    .filter((_, at) => at !== most)
    .map((other) => ({ span: other, text: "a snapshot, too" }));
  const hint = "what a snapshot answers may be withdrawn: derive it without one, or allow more";
  return [{ severity: "error", code: "too-many-snapshots", message, span, related, hint }];
}
