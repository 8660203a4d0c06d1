// From two versions of a program, each with its verdict, to what became worse between them.
import type { Monotonicity } from "../../analysis/levels.ts";
import type { Program } from "../../analysis/program.ts";
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Source } from "../../base/source.ts";
import { interfaceChanges } from "./interface-changes.ts";
import { lostLevels } from "./lost-levels.ts";

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

/** Returns what became worse: relations whose answers need more coordination, and changes that those
 * notice who put facts in or take answers out. */
export function regressions(versions: Versions): Diagnostic[] {
  return [...lostLevels(versions), ...interfaceChanges(versions)];
}
