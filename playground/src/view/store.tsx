// The simulated store: three nodes that take puts and removes, messages that can be kept waiting,
// and clean-up. What was done is a list; what is seen is what it leads to, so one can go back.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Stopped } from "../calls.ts";
import {
  type ShownAnswer,
  type StoreAction,
  storeActionsOf,
  storeLimits,
  storeNodes,
  type StoreView,
} from "../store-protocol.ts";
import * as state from "../state.ts";
import { NetworkPicture } from "./network-picture.tsx";
import { StoreNode } from "./store-node.tsx";
import { scenes } from "./store-scenes.ts";

/** The Store view. */
export function StorePane() {
  const actions = useComputed(() => {
    const kept = state.views.value["store"] as { readonly actions?: unknown } | undefined;
    return storeActionsOf(kept?.actions);
  });
  /** After how many of the actions the store is shown. */
  const at = useSignal(actions.value.length);
  const view = useSignal<StoreView | undefined>(undefined);
  const failed = useSignal("");
  const chosen = useSignal<string | undefined>(undefined);
  const scene = useSignal("");
  const node = useSignal<string>(storeNodes[0]);
  const [k1, k2, value] = [useSignal("cart"), useSignal("tea"), useSignal("green")];
  const asked = useRef(0);

  const keep = (next: readonly StoreAction[]): void => {
    at.value = next.length;
    state.keepView("store", { actions: next });
  };
  const act = (...more: readonly StoreAction[]): void => {
    const before = actions.value.slice(0, at.value);
    if (before.length + more.length > storeLimits.actionsMax)
      state.say("that is as much as is simulated: restart it");
    else keep([...before, ...more]);
  };
  const play = async (): Promise<void> => {
    const number = ++asked.current;
    const played = { project: state.project.value, actions: actions.value.slice(0, at.value) };
    try {
      const answer = await state.simulation.call("storePlay", played);
      if (number !== asked.current) return;
      view.value = answer;
      failed.value = "";
    } catch (error) {
      if (!(error instanceof Stopped) && number === asked.current)
        failed.value = state.reason(error);
    }
  };

  useEffect(() => {
    at.value = actions.value.length;
    scene.value = "";
  }, [state.opened.value]);
  useEffect(() => {
    void play();
  }, [state.checkedProject.value, actions.value, at.value]);

  const restart = (
    <button
      type="button"
      onClick={() => {
        scene.value = "";
        keep([]);
      }}
    >
      Restart
    </button>
  );
  if (failed.value !== "")
    return (
      <div class="network">
        <p class="network-refused">{failed.value}</p>
        {restart}
      </div>
    );
  const shown = view.value;
  if (shown === undefined) return <p class="quiet">preparing the store…</p>;
  const message = shown.messages.find(({ id }) => id === chosen.value);
  const pair = { node: node.value, k1: k1.value, k2: k2.value };
  return (
    <div class="network">
      <Verdict view={shown} />
      <div class="network-bar" role="group" aria-label="Stories">
        <span class="quiet">Show</span>
        {scenes.map(({ title, actions: played }) => (
          <button
            type="button"
            key={title}
            aria-pressed={scene.value === title}
            onClick={() => {
              scene.value = title;
              keep(played);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {scenes
        .filter(({ title }) => title === scene.value)
        .map(({ title, text }) => (
          <p class="scene" role="status" key={title}>
            {text}
          </p>
        ))}
      <form
        class="network-bar"
        aria-label="Put, get, remove"
        onSubmit={(event) => {
          event.preventDefault();
          act({ kind: "put", ...pair, value: value.value });
        }}
      >
        <label>
          At{" "}
          <select
            value={node.value}
            onChange={(event) => {
              node.value = event.currentTarget.value;
            }}
          >
            {storeNodes.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {(
          [
            ["Key 1", k1, storeLimits.keyLettersMax],
            ["Key 2", k2, storeLimits.keyLettersMax],
            ["Value", value, storeLimits.valueLettersMax],
          ] as const
        ).map(([name, text, lettersMax]) => (
          <label key={name}>
            {name}{" "}
            <input
              class="short"
              value={text.value}
              maxLength={lettersMax}
              onInput={(event) => {
                text.value = event.currentTarget.value;
              }}
            />
          </label>
        ))}
        <button type="submit" class="primary">
          Put
        </button>
        <button
          type="button"
          onClick={() => {
            act({ kind: "get", ...pair });
          }}
        >
          Get
        </button>
        <button
          type="button"
          onClick={() => {
            act({ kind: "remove", ...pair });
          }}
        >
          Remove
        </button>
      </form>
      {shown.answer !== undefined && <Answer answer={shown.answer} />}
      <div class="network-bar">
        <button
          type="button"
          onClick={() => {
            act({ kind: "clean" });
          }}
        >
          Clean up
        </button>
        {restart}
        <label class="time">
          <span class="visually-hidden">Step</span>
          <input
            type="range"
            min="0"
            max={actions.value.length}
            value={at.value}
            onInput={(event) => {
              at.value = Number(event.currentTarget.value);
            }}
          />
          <span class="quiet">
            {at.value} / {actions.value.length}
          </span>
        </label>
      </div>
      <NetworkPicture
        machines={shown.nodes.map(({ name, cells, kept }) => ({
          name,
          kind: shown.agreed ? "done" : "partial",
          text: cells.length === 0 ? `keeps ${String(kept.length)}` : read(cells),
          label: `Work at node ${name}`,
        }))}
        flights={shown.messages.map(({ copy, ...flight }) => ({
          ...flight,
          text: copy ? `copy of ${flight.text}` : flight.text,
          state: copy ? "blocked" : "held",
        }))}
        cuts={shown.held}
        handle={{ cut: "Hold", heal: "Let go", signs: ["‖", "▶"] }}
        chosen={chosen.value}
        onFlight={(id) => (chosen.value = chosen.value === id ? undefined : id)}
        onLink={(between, held) => {
          act({ kind: held ? "release" : "hold", between });
        }}
        onNode={(name) => (node.value = name)}
      />
      {message !== undefined && (
        <div class="flight-bar" role="group" aria-label={`Message ${message.text}`}>
          <code>{message.text}</code>
          <span class="quiet">
            {message.copy && "a late copy, "}from {message.from} to {message.to}
          </span>
          {(["deliver", "copy"] as const).map((kind) => (
            <button
              type="button"
              key={kind}
              onClick={() => {
                act({ kind, message: message.id });
              }}
            >
              {kind === "deliver" ? "deliver" : "keep a copy"}
            </button>
          ))}
        </div>
      )}
      <h2 class="visually-hidden">Nodes</h2>
      <div class="network-nodes">
        {shown.nodes.map((one) => (
          <StoreNode node={one} key={one.name} />
        ))}
      </div>
      <details class="network-log" open>
        <summary>What happened</summary>
        <ol>{shown.log.map((line, place) => <li key={place}>{line}</li>).reverse()}</ol>
      </details>
    </div>
  );
}

/** What a node reads, as it fits into its circle. */
function read(cells: StoreView["nodes"][number]["cells"]): string {
  const value = cells[0]?.versions[0]?.value ?? "";
  if (cells.length > 1) return `${String(cells.length)} pairs`;
  return value.length > 9 ? `${value.slice(0, 8)}…` : value;
}

function Answer({ answer: { node, k1, k2, versions } }: { readonly answer: ShownAnswer }) {
  const [winner, ...siblings] = versions;
  return (
    <p class="scene" role="status">
      {node} reads at {k1}/{k2}: <strong>{winner?.value ?? "nothing"}</strong>
      {siblings.length > 0 && `, beside ${siblings.map(({ value }) => value).join(", ")}`}
    </p>
  );
}

function Verdict({ view: { agreed, held, rules } }: { readonly view: StoreView }) {
  const whose = rules === "project" ? "the program's own rules" : "the rules of programs/kv.dl";
  const text = agreed
    ? "All nodes read the same, and none has waited for another."
    : held.length > 0
      ? "What one was told the others have not heard of yet. Each answers all the same."
      : "They read different things though nothing is held: the rules make a difference.";
  return (
    <p class="verdict" data-verdict={agreed ? "converged" : "running"} role="status">
      <strong>{agreed ? "✓ Agreed" : "… Not yet the same"}</strong> {text}{" "}
      <span class="quiet">They run {whose}.</span>
    </p>
  );
}
