// What `calm check` found, as one value: every format prints from it, none of them looks elsewhere.
import type { Level, PointOfOrder } from "../analysis/levels.ts";
import type { Diagnostic, Severity } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import type { ExitCode } from "./exit.ts";

/** All that was found, file by file in the order in which they were checked. */
export type CheckReport = {
  /** The version of this command. */
  readonly version: string;
  readonly files: readonly FileReport[];
  /** The mildest findings that fail the check. */
  readonly failLevel: Severity;
  readonly exitCode: ExitCode;
};

/** What was found in one program. */
export type FileReport = {
  readonly path: string;
  readonly findings: readonly Finding[];
  /** What is known of each relation; undefined where the program has errors. */
  readonly relations?: readonly RelationReport[];
  readonly rules: number;
};

/** A finding with what was decided about it. */
export type Finding = {
  readonly diagnostic: Diagnostic;
  /** The same for this finding after lines have moved: see `fingerprints`. */
  readonly fingerprint: string;
  /** The program cannot run, so that nothing makes this finding pass. */
  readonly stops: boolean;
  readonly witnesses: readonly WitnessReport[];
  /** Why it does not count. */
  readonly suppression?: Suppression;
};

/** Who says that a finding does not count: a comment in the program, or the baseline. */
export type Suppression = { readonly by: "comment" | "baseline"; readonly reason?: string };

/** What came of the search for an input whose answer a further fact withdraws. */
export type WitnessReport = {
  /** The relation whose answer it is. */
  readonly relation: string;
  /** What is shown to people. */
  readonly lines: readonly string[];
  /** Where there is one: facts, what is added to them, and the answers, in source notation. */
  readonly found?: {
    readonly before: readonly string[];
    readonly added: readonly string[];
    readonly withdrawn: readonly string[];
    readonly answerBefore: readonly string[];
    readonly answerAfter: readonly string[];
  };
};

/** What is known of one relation. */
export type RelationReport = {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
  readonly span: Span;
  readonly output: boolean;
  readonly snapshot: boolean;
  readonly level: Level;
  readonly final: boolean;
  readonly networkDependent: boolean;
  readonly points: readonly PointOfOrder[];
};

/** The findings that count: neither a comment nor the baseline lets them pass. */
export function counting(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ suppression }) => suppression === undefined);
}

/** The findings of all files that count. */
export function allCounting({ files }: CheckReport): readonly Finding[] {
  return files.flatMap(({ findings }) => counting(findings));
}

const ranks = { error: 0, warning: 1, note: 2 } as const;

/** Whether a finding of this severity fails the check. */
export function fails(severity: Severity, failLevel: Severity): boolean {
  return ranks[severity] <= ranks[failLevel];
}

/** A copy with the worst first; those of one severity stay in order. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ranks[a.diagnostic.severity] - ranks[b.diagnostic.severity]);
}

/** How many of something there are: `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
