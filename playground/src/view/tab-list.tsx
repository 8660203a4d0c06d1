import { useRef } from "preact/hooks";
import type { Tab } from "../link.ts";
import { shownTabs, tab } from "../state.ts";

/** The tabs, one of which is chosen: by clicking, or by the arrow keys. */
export function TabList({ titles }: { readonly titles: Readonly<Record<Tab, string>> }) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const tabs = shownTabs.value;
    const at = (tabs.indexOf(tab.value) + step + tabs.length) % tabs.length;
    tab.value = tabs[at] ?? tab.value;
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={move}>
      {shownTabs.value.map((one) => (
        <button
          type="button"
          role="tab"
          key={one}
          id={`tab-${one}`}
          aria-selected={tab.value === one}
          aria-controls={`panel-${one}`}
          tabIndex={tab.value === one ? 0 : -1}
          onClick={() => (tab.value = one)}
        >
          {titles[one]}
        </button>
      ))}
    </div>
  );
}
