// What seals a relation: it is never taken back, so it follows from what only grows.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Code } from "./codes.ts";
import type { Level, Monotonicity } from "./levels.ts";
import { within } from "./monotone.ts";
import type { Program } from "./program.ts";

/** Returns the seals that may be derived too early: a whole relation is sealed by what is monotone,
 * a key also by what waits for other seals. */
export function sealFindings({ relations }: Program, verdict: Monotonicity): Diagnostic[] {
  return relations.flatMap(({ place, attributes, span }, at): Diagnostic[] => {
    const of = place?.seals === undefined ? undefined : relations[place.seals];
    const judged = verdict.relations[at];
    const worst: Level = attributes.length === 0 ? "M" : "F1";
    if (of === undefined || judged === undefined || within(judged.level, worst)) return [];
    const points = judged.points.flatMap((place) => verdict.points[place] ?? []);
    const point = points.find(({ level }) => !within(level, worst));
    const code: Code = "wrong-seal";
    return [
      {
        ...{ severity: "error", code, span: point?.span ?? span, subject: of.name },
        message: `what seals relation "${of.name}" may be taken back, and a seal never is`,
        label: "it depends on this",
        hint: "seal by what only grows",
      },
    ];
  });
}
