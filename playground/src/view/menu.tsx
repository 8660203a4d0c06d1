import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A button that opens a list of others below it, through which the arrow keys go too; Escape, or a
 * click elsewhere, closes that. */
export function Menu({
  label,
  name,
  wide = false,
  onOpen,
  children,
}: {
  readonly label: string;
  /** What it is called by those who do not see it: its label comes first in it. */
  readonly name: string;
  readonly wide?: boolean;
  readonly onOpen?: () => void;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const shown = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (): void => {
    shown.value = false;
    root.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!shown.value) return;
    const outside = ({ target }: Event): void => {
      if (target instanceof Node && root.current?.contains(target) !== true) shown.value = false;
    };
    addEventListener("pointerdown", outside);
    root.current?.querySelector<HTMLElement>(".menu button, .menu input")?.focus();
    return () => {
      removeEventListener("pointerdown", outside);
    };
  }, [shown.value]);
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      // It closes the list, and does not stop what runs.
      event.stopPropagation();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>(".menu button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    items[(at + step + items.length) % items.length]?.focus();
    if (items.length > 0) event.preventDefault();
  };
  return (
    <div class="menu-root" ref={root} onKeyDown={shown.value ? keys : undefined}>
      <button
        type="button"
        aria-expanded={shown.value}
        aria-label={name === label ? undefined : name}
        onClick={() => {
          if (!shown.value) onOpen?.();
          shown.value = !shown.value;
        }}
      >
        {label} <span aria-hidden="true">▾</span>
      </button>
      {shown.value && <div class={wide ? "menu wide" : "menu"}>{children(close)}</div>}
    </div>
  );
}
