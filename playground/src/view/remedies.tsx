import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { QuickFix } from "../protocol.ts";
import * as state from "../state.ts";

/** The ways to settle a finding of the checker, by its place among them: each is one click. */
export function Remedies({ finding }: { readonly finding: number }) {
  const fixes = useSignal<readonly QuickFix[]>([]);
  const checked = state.checked.value;
  useEffect(() => {
    state.language.call("fixes", finding).then(
      (found) => {
        if (state.checked.value === checked) fixes.value = found;
      },
      // The language was stopped, or cannot be loaded: the hint still says what to do.
      () => undefined,
    );
  }, [checked, finding]);
  if (fixes.value.length === 0) return null;
  return (
    <div class="remedies">
      {fixes.value.map((fix) => (
        <button
          type="button"
          key={fix.title}
          onClick={() => {
            state.apply(fix.edits);
          }}
        >
          {fix.title}
        </button>
      ))}
    </div>
  );
}
