// Which of two codes a rule is run in: JavaScript until it turns out to have much to do.
import type { RuleCode } from "../code.ts";

/** Returns a rule that is run in `first` until it has met so many rows, scanned and derived, and
 * from then on in what `heavy` returns, if it returns anything. `rows` tells how many the head
 * has. */
export function choosing(
  first: RuleCode,
  heavy: () => RuleCode | undefined,
  { fromRows, rows }: { readonly fromRows: number; readonly rows: () => number },
): RuleCode {
  let met = 0;
  let code = first;
  let open = true;
  return (from, to) => {
    if (!open) {
      code(from, to);
      return;
    }
    met += to - from;
    if (met >= fromRows) {
      open = false;
      code = heavy() ?? first;
    }
    const before = rows();
    code(from, to);
    met += rows() - before;
  };
}
