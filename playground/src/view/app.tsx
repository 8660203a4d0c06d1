import { useSignal } from "@preact/signals";
import { type ComponentType } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect } from "preact/hooks";
import { dropTarget } from "../dropped.ts";
import type { Tab } from "../link.ts";
import { checked, embedded, notice, tab } from "../state.ts";
import * as state from "../state.ts";
import { EditorPane } from "./editor-pane.tsx";
import { Header } from "./header.tsx";
import { KeySheet } from "./key-sheet.tsx";
import { Problems } from "./problems.tsx";
import { Results } from "./results.tsx";
import { TabList } from "./tab-list.tsx";

/** The tabs with what they show. All but the first are loaded when they are opened. */
const panels: Readonly<Record<Tab, ComponentType>> = {
  results: Results,
  monotonicity: lazy(() => import("./monotonicity.tsx").then((of) => of.Monotonicity)),
  network: lazy(() => import("./network.tsx").then((of) => of.Network)),
  store: lazy(() => import("./store.tsx").then((of) => of.StorePane)),
  plan: lazy(() => import("./plan.tsx").then((of) => of.PlanView)),
  node: lazy(() => import("./node.tsx").then((of) => of.NodePane)),
};

const titles: Readonly<Record<Tab, string>> = {
  results: "Results",
  monotonicity: "Monotonicity",
  network: "Network",
  store: "Store",
  plan: "Plan",
  node: "Node",
};

/** The page. */
export function App() {
  const keysShown = useSignal(false);
  // On a phone one of the two is seen.
  const side = useSignal<"program" | "answers">("program");
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      pressed(event, () => {
        keysShown.value = !keysShown.value;
      });
    };
    addEventListener("keydown", down);
    return () => {
      removeEventListener("keydown", down);
    };
  }, [keysShown]);
  const Panel = panels[tab.value];
  const bad = checked.value?.findings.filter(({ severity }) => severity === "error").length ?? 0;
  return (
    <div class={embedded.value ? "page embedded" : "page"} data-side={side.value}>
      <Header onKeys={() => (keysShown.value = true)} />
      <nav class="sides" aria-label="Panes">
        {(["program", "answers"] as const).map((one) => (
          <button
            type="button"
            aria-pressed={side.value === one}
            onClick={() => (side.value = one)}
            key={one}
          >
            {one === "program" ? `Program${bad > 0 ? ` (${String(bad)})` : ""}` : "Answers"}
          </button>
        ))}
      </nav>
      <main class="panes" {...dropTarget()}>
        <section class="left" aria-label="Program">
          <EditorPane />
          <Problems />
        </section>
        <section class="right" aria-label="Answers">
          {!embedded.value && <TabList titles={titles} />}
          <div
            class="panel"
            role="tabpanel"
            id={`panel-${tab.value}`}
            aria-labelledby={`tab-${tab.value}`}
            tabIndex={0}
          >
            <Suspense fallback={<p class="quiet">loading…</p>}>
              <Panel />
            </Suspense>
          </div>
        </section>
      </main>
      <div class="notice" role="status" aria-live="polite" data-shown={notice.value !== ""}>
        {notice.value}
      </div>
      {keysShown.value && <KeySheet onClose={() => (keysShown.value = false)} />}
    </div>
  );
}

function pressed(event: KeyboardEvent, toggleKeys: () => void): void {
  const mod = event.ctrlKey || event.metaKey;
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  const typing = Boolean(target?.closest("input, textarea, select, .cm-editor"));
  if (mod && event.key === "Enter") void state.run();
  else if (mod && event.shiftKey && event.key.toLowerCase() === "f") void state.formatFile();
  else if (mod && event.key.toLowerCase() === "s") void state.share();
  else if (event.key === "?" && !typing) toggleKeys();
  else if (event.key === "Escape" && state.runState.value.kind === "running" && !typing)
    state.stop();
  else return;
  event.preventDefault();
}
