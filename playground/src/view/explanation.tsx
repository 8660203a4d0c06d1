import { useSignal } from "@preact/signals";
import type { Outline } from "../../../src/provenance/outline.ts";
import type { Explained } from "../protocol.ts";

/** Why a tuple holds, as a tree of which one level is open; or why it does not. */
export function Explanation({ explained }: { readonly explained: Explained }) {
  if ("refused" in explained) return <p class="quiet">{explained.refused}</p>;
  if ("absence" in explained) return <pre class="code">{explained.absence}</pre>;
  return (
    <ul class="proof" role="tree" aria-label="Proof">
      <Step outline={explained.proof} open />
    </ul>
  );
}

function Step({ outline, open = false }: { readonly outline: Outline; readonly open?: boolean }) {
  const shown = useSignal(open);
  const { text, beside, parts, style } = outline;
  return (
    <li role="treeitem" aria-expanded={parts.length > 0 ? shown.value : undefined}>
      {parts.length > 0 ? (
        <button
          type="button"
          class="twist"
          aria-label={`${shown.value ? "Hide" : "Show"} what ${text} rests on`}
          onClick={() => (shown.value = !shown.value)}
        >
          {shown.value ? "▾" : "▸"}
        </button>
      ) : (
        <span class="twist" aria-hidden="true">
          ·
        </span>
      )}
      <code class={style ?? ""}>{text}</code> <span class="quiet">{beside}</span>
      {shown.value && parts.length > 0 && (
        <ul role="group">
          {parts.map((part, at) => (
            <Step key={at} outline={part} />
          ))}
        </ul>
      )}
    </li>
  );
}
