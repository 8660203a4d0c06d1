// The two versions of a program that are compared.
import type { Monotonicity } from "../../analysis/levels.ts";
import type { Program } from "../../analysis/program.ts";
import type { Source } from "../../base/source.ts";

/** A program with what is known of its relations. */
export type Judged = { readonly program: Program; readonly verdict: Monotonicity };

/** The two versions that are compared. */
export type Versions = {
  readonly before: Judged;
  readonly now: Judged;
  /** What the earlier one is called: `HEAD~1`. */
  readonly named: string;
  /** The text of the later one: findings about what is gone stand at its beginning. */
  readonly source: Source;
};

/** Texts as they were. */
export type EarlierTexts = {
  /** The text of the program at a path; undefined where there was none. */
  readonly program: (path: string) => string | undefined;
  /** The paths of the programs that were in a folder and below. */
  readonly programs: (folder: string) => readonly string[];
  /** The text of what the program at `from` includes by `path`. */
  readonly included: (path: string, from: string) => string | undefined;
};
