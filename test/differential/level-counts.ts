import { levels, type Level } from "../../src/analysis/levels.ts";
import type { LevelsVerdict } from "./levels.ts";

/** Counts of what became of programs and their relations, and the lines that tell it. */
export class LevelCounts {
  programs = 0;
  readonly kinds = { judged: 0, refused: 0, unbounded: 0 };
  counterexamples = 0;
  private readonly byLevel = new Map<Level, number>();
  /** How many relations change with the input. */
  varying = 0;
  private refusedNotMonotone = 0;
  private witnessed = 0;

  add(verdict: LevelsVerdict): void {
    this.programs++;
    this.kinds[verdict.kind]++;
    if (verdict.kind !== "judged") return;
    for (const { level, varies, counterexample, witnessed } of verdict.relations) {
      if (varies) this.varying++;
      this.byLevel.set(level, this.of(level) + 1);
      if (counterexample !== undefined) this.counterexamples++;
      if (witnessed === undefined) continue;
      this.refusedNotMonotone++;
      if (witnessed) this.witnessed++;
    }
  }

  /** How many relations are of a level. */
  of(level: Level): number {
    return this.byLevel.get(level) ?? 0;
  }

  /** The share of the relations that are refused and not monotone for which there is a witness. */
  get witnessedShare(): number {
    return this.refusedNotMonotone === 0 ? 1 : this.witnessed / this.refusedNotMonotone;
  }

  get lines(): readonly string[] {
    const { programs, kinds, refusedNotMonotone, witnessed } = this;
    const { judged, refused, unbounded } = kinds;
    const all = levels.map((level) => `${this.of(level)} ${level}`).join(", ");
    const share = (100 * this.witnessedShare).toFixed(1);
    return [
      `${programs} programs: ${judged} judged, ${refused} refused, ${unbounded} unbounded`,
      `relations: ${this.varying} change with the input; ${all}`,
      `counterexamples to M, F1 or F2: ${this.counterexamples}`,
      `refused and not monotone: ${refusedNotMonotone}, with a witness: ${witnessed} (${share} %)`,
    ];
  }
}
