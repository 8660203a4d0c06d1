// Which of two codes a rule is run in: JavaScript until it turns out to have much to do.
import type { Effort, RuleCode, RuleHalves } from "../code.ts";

/** When a rule is run in other code: from so many rows of its effort on. `rows` tells how many its
 * head has. */
export type Choice = {
  readonly fromRows: number;
  readonly effort: Effort;
  readonly rows: () => number;
};

/** Returns a rule that is run in `first` until it has met many rows, and from then on in what
 * `heavy` returns, if it returns anything. */
export function choosing(
  first: RuleCode,
  heavy: () => RuleCode | undefined,
  { fromRows, effort, rows }: Choice,
): RuleCode {
  let code = first;
  let open = true;
  const choose = (more: number): void => {
    effort.rows += more;
    if (!open || effort.rows < fromRows) return;
    open = false;
    code = heavy() ?? first;
  };
  const chosen = (from: number, to: number): void => {
    if (open) choose(to - from);
    const before = rows();
    code(from, to);
    effort.rows += rows() - before;
  };
  const halves = (): RuleHalves | undefined => {
    choose(0);
    return code.halves?.();
  };
  return Object.assign(chosen, { halves });
}
