// From two versions of a program, each with its verdict, to what became worse between them.
import type { Diagnostic } from "../../base/diagnostic.ts";
import { interfaceChanges } from "./interface-changes.ts";
import { lostLevels } from "./lost-levels.ts";
import type { Versions } from "./versions.ts";

/** Returns what became worse: relations whose answers need more coordination, and changes that
 * those notice who put facts in or take answers out. */
export function regressions(versions: Versions): Diagnostic[] {
  return [...lostLevels(versions), ...interfaceChanges(versions)];
}
