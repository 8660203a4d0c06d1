// When a fixpoint is to think its join orders over: sizes are not what they were.
import type { Relation } from "./relation.ts";

/** When join orders are looked at again. */
export type DriftRules = {
  /** With fewer rows a fixpoint ends before another plan and its code pay. */
  readonly rowsMin: number;
  /** There are so many times as many rows, or as many in the delta, as when orders were last looked
   * at. */
  readonly factor: number;
};

/** The rules for those who have no reason for others. */
export const driftRules: DriftRules = { rowsMin: 1 << 18, factor: 8 };

type Growing = Pick<Relation, "rows" | "scanned">;

/** What relations that are being computed held when join orders were last looked at. */
export class Drift {
  private readonly rules: DriftRules;
  private readonly relations: readonly Growing[];
  private rows = 0;
  private delta = 0;

  constructor(relations: readonly Growing[], rules: DriftRules) {
    this.relations = relations;
    this.rules = rules;
  }

  /** Whether they all together, or their deltas, have outgrown that; then it is what they hold now.
   * To be asked when a round begins. */
  outgrown(): boolean {
    const { rowsMin, factor } = this.rules;
    let rows = 0;
    let delta = 0;
    for (const relation of this.relations) {
      rows += relation.rows;
      delta += deltaRows(relation);
    }
    const outgrown = Math.max(rows / this.rows, delta / this.delta) >= factor;
    if (rows < rowsMin || !outgrown) return false;
    this.rows = rows;
    this.delta = delta;
    return true;
  }
}

/** The rows that a round has for its delta; of an equivalence, what of it grew. */
export function deltaRows(relation: Growing): number {
  const { from, to } = relation.scanned("delta");
  return to - from;
}
