import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Outline } from "../../../src/provenance/outline.ts";
import type { Explained } from "../protocol.ts";

/** Why a tuple holds, as a tree of which one level is open; or why it does not. */
export function Explanation({ explained }: { readonly explained: Explained }) {
  if ("refused" in explained) return <p class="quiet">{explained.refused}</p>;
  if ("absence" in explained) return <pre class="code">{explained.absence}</pre>;
  return <Proof outline={explained.proof} />;
}

/** A tree as ARIA has it: one stop of the Tab key, in which the arrow keys move. */
function Proof({ outline }: { readonly outline: Outline }) {
  const root = useRef<HTMLUListElement>(null);
  const keys = (event: KeyboardEvent): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [])];
    const item = event.target instanceof HTMLElement ? event.target : undefined;
    const at = items.findIndex((one) => one === item);
    if (item === undefined || at < 0) return;
    const opened = item.getAttribute("aria-expanded");
    const flip = (): void => {
      item.click();
    };
    const list = item.parentElement?.parentElement;
    const above = list?.closest("li")?.querySelector<HTMLElement>('[role="treeitem"]');
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => items[at + 1]?.focus(),
      ArrowUp: () => items[at - 1]?.focus(),
      Home: () => items[0]?.focus(),
      End: () => items.at(-1)?.focus(),
      ArrowRight: opened === "false" ? flip : () => opened === "true" && items[at + 1]?.focus(),
      ArrowLeft: opened === "true" ? flip : () => above?.focus(),
      Enter: opened === null ? () => undefined : flip,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };
  // The item that had the focus last is the one to come back to.
  const focused = ({ target }: FocusEvent): void => {
    for (const item of root.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [])
      item.tabIndex = item === target ? 0 : -1;
  };
  return (
    <ul
      class="proof"
      role="tree"
      aria-label="Proof"
      ref={root}
      onKeyDown={keys}
      onFocusCapture={focused}
    >
      <Step outline={outline} level={1} />
    </ul>
  );
}

function Step({ outline, level }: { readonly outline: Outline; readonly level: number }) {
  const first = level === 1;
  const shown = useSignal(first);
  const { text, beside, parts, style } = outline;
  const opens = parts.length > 0;
  return (
    <li role="none">
      <div
        class="step"
        role="treeitem"
        aria-level={level}
        aria-expanded={opens ? shown.value : undefined}
        tabIndex={first ? 0 : -1}
        onClick={() => opens && (shown.value = !shown.value)}
      >
        <span class="twist" aria-hidden="true">
          {opens ? (shown.value ? "▾" : "▸") : "·"}
        </span>
        <code class={style ?? ""}>{text}</code> <span class="quiet">{beside}</span>
      </div>
      {shown.value && opens && (
        <ul role="none">
          {parts.map((part, at) => (
            <Step key={at} outline={part} level={level + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}
