import { useSignal } from "@preact/signals";
import { exampleGroups, exampleProject } from "../examples.ts";
import { history } from "../history.ts";
import { encoded } from "../link.ts";
import * as state from "../state.ts";
import { setTheme, theme } from "../theme.ts";
import { Menu } from "./menu.tsx";

/** What can be done with the project as a whole. */
export function Header({ onKeys }: { readonly onKeys: () => void }) {
  const running = state.runState.value.kind === "running";
  return (
    <header class="header">
      <h1>
        <img src="./icon.svg" alt="" width="24" height="24" />
        calmdb <span class="quiet">playground</span>
      </h1>
      {!state.embedded.value && <Examples />}
      <div class="actions">
        {running ? (
          <button type="button" class="primary stop" onClick={state.stop}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            onClick={() => void state.run()}
            title="Run (Ctrl+Enter)"
          >
            Run
          </button>
        )}
        <button type="button" onClick={() => void state.formatFile()} title="Format (Ctrl+Shift+F)">
          Format
        </button>
        <button type="button" onClick={() => void state.share()} title="Copy a link (Ctrl+S)">
          Share
        </button>
        {state.embedded.value ? (
          <a class="button" href="./" target="_blank" onClick={openWhole}>
            Open
          </a>
        ) : (
          <>
            <Limits />
            <Past />
            <Menu label="Look" name={`Look: ${theme.value}`}>
              {(close) =>
                (["system", "light", "dark"] as const).map((one) => (
                  <button
                    type="button"
                    aria-pressed={theme.value === one}
                    key={one}
                    onClick={() => {
                      setTheme(one);
                      close();
                    }}
                  >
                    {one}
                  </button>
                ))
              }
            </Menu>
            <button type="button" onClick={onKeys} aria-label="Keyboard shortcuts" title="Keys (?)">
              ?
            </button>
          </>
        )}
      </div>
    </header>
  );
}

function Examples() {
  return (
    <Menu label="Examples" name="Examples" wide>
      {(close) =>
        exampleGroups.map(({ title, examples }) => (
          <div role="group" aria-label={title} key={title}>
            <div class="menu-title" aria-hidden="true">
              {title}
            </div>
            {examples.map(({ id, title: name }) => (
              <button
                type="button"
                key={id}
                onClick={() => {
                  close();
                  void open(id);
                }}
              >
                {name} <span class="quiet">{id.replace(/^.*\//, "")}.dl</span>
              </button>
            ))}
          </div>
        ))
      }
    </Menu>
  );
}

async function open(id: string): Promise<void> {
  const found = await exampleProject(id);
  if (found === undefined) return;
  state.open({ ...found, tab: state.tab.value });
  window.history.replaceState(null, "", `?example=${encodeURIComponent(id)}`);
}

function openWhole(event: MouseEvent): void {
  // The link carries what was changed here.
  event.preventDefault();
  void encoded(state.shared()).then((hash) => {
    window.open(`${location.pathname}#${hash}`, "_blank");
  });
}

function Limits() {
  const { seconds, tuples, steps } = state.limits.value;
  const set = (name: keyof typeof state.limits.value, event: Event): void => {
    const value = Number((event.currentTarget as HTMLInputElement).value);
    if (Number.isFinite(value) && value > 0)
      state.limits.value = { ...state.limits.value, [name]: value };
  };
  return (
    <Menu label="Limits" name="Limits of a run">
      {() => (
        <form
          class="limits"
          onSubmit={(event) => {
            event.preventDefault();
          }}
        >
          <label>
            Seconds
            <input
              type="number"
              min="1"
              max="600"
              value={seconds}
              onChange={(event) => {
                set("seconds", event);
              }}
            />
          </label>
          <label>
            Tuples derived
            <input
              type="number"
              min="1"
              value={tuples}
              onChange={(event) => {
                set("tuples", event);
              }}
            />
          </label>
          <label>
            Steps of a network program
            <input
              type="number"
              min="1"
              value={steps}
              onChange={(event) => {
                set("steps", event);
              }}
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={state.runsByItself.value}
              onChange={(event) => {
                state.runsByItself.value = event.currentTarget.checked;
              }}
            />
            Run after each change
          </label>
        </form>
      )}
    </Menu>
  );
}

function Past() {
  const entries = useSignal(history());
  return (
    <Menu
      label="History"
      name="History of runs"
      onOpen={() => {
        entries.value = history();
      }}
    >
      {(close) =>
        entries.value.length === 0 ? (
          <p class="quiet">What you run is kept here, in this browser.</p>
        ) : (
          entries.value.map(({ atMs, shared }) => (
            <button
              type="button"
              key={atMs}
              onClick={() => {
                close();
                state.open(shared);
              }}
            >
              {new Date(atMs).toLocaleString()} <span class="quiet">{firstLine(shared)}</span>
            </button>
          ))
        )
      }
    </Menu>
  );
}

function firstLine({ main, files }: { main: string; files: Readonly<Record<string, string>> }) {
  const line = (files[main] ?? "").split("\n").find((one) => one.trim() !== "") ?? "";
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
