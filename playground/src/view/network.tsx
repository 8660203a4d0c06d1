// The simulated network: nodes in a circle, messages on the lanes between them, and time as a slider.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Stopped } from "../calls.ts";
import {
  type NetworkAction,
  networkLimits,
  type NetworkMode,
  type NetworkView,
} from "../network-protocol.ts";
import * as state from "../state.ts";
import { NetworkNode } from "./network-node.tsx";
import { machineOf, NetworkPicture } from "./network-picture.tsx";

/** What is kept of the view in links. */
type Settings = {
  readonly nodes: number;
  readonly mode: NetworkMode;
  readonly seed: number;
  readonly loss: number;
  readonly duplication: number;
  readonly dealt: Readonly<Record<string, string>>;
};

const defaults: Settings = {
  ...{ nodes: 3, mode: "free", seed: 1, loss: 0, duplication: 0 },
  dealt: {},
};

const modeTexts: Readonly<Record<NetworkMode, string>> = {
  free: "answer at once",
  wait: "wait for all (Lemma 5)",
  order: "take facts in one order (sequencer)",
  written: "as the rules send",
};

/** How long a step is to be seen while it plays. */
const playMs = 450;

/** The Network view. */
export function Network() {
  const settings = useComputed(() => ({
    ...defaults,
    ...(state.views.value["network"] as Partial<Settings> | undefined),
  }));
  const view = useSignal<NetworkView | undefined>(undefined);
  const refused = useSignal("");
  const playing = useSignal(false);
  const chosen = useSignal<number | undefined>(undefined);
  const begun = useRef(0);
  const begunWith = useRef("");
  const answered = useRef(Promise.resolve());
  const { nodes, mode, seed, loss, duplication, dealt } = settings.value;

  const set = (change: Partial<Settings>): void => {
    state.keepView("network", { ...settings.value, ...change });
  };
  const begin = async (anew: boolean): Promise<void> => {
    const runs = state.checked.value?.runs === true;
    const setup = { project: state.project.value, nodes, mode, seed, dealt };
    const text = runs ? JSON.stringify(setup) : "";
    // A program that is checked again, and is the same, goes on.
    if (!anew && runs && text === begunWith.current) return;
    begunWith.current = text;
    const number = ++begun.current;
    playing.value = false;
    chosen.value = undefined;
    if (!runs) {
      refused.value = "The program has errors: mend them first.";
      return;
    }
    try {
      const answer = await state.simulation.call("networkBegin", setup);
      if (number !== begun.current) return;
      refused.value = "refused" in answer ? answer.refused : "";
      view.value = "refused" in answer ? undefined : answer;
    } catch (error) {
      begunWith.current = "";
      if (!(error instanceof Stopped)) refused.value = state.reason(error);
    }
  };
  // One after the other: what is asked for goes on from what came of what was asked for before.
  const next = (ask: (at: number) => Promise<NetworkView>): Promise<void> => {
    const number = begun.current;
    const turn = async (): Promise<void> => {
      if (view.value === undefined || number !== begun.current) return;
      try {
        const answer = await ask(view.value.at);
        if (number === begun.current) view.value = answer;
      } catch (error) {
        if (!(error instanceof Stopped)) state.say(state.reason(error));
      }
    };
    return (answered.current = answered.current.then(turn));
  };
  const act = (...actions: readonly NetworkAction[]): Promise<void> =>
    next((at) => state.simulation.call("networkAct", { at, actions }));
  const step: NetworkAction = { kind: "step", loss, duplication };
  const goTo = (at: number): Promise<void> => {
    playing.value = false;
    return next(() => state.simulation.call("networkView", at));
  };

  useEffect(() => {
    void begin(false);
  }, [state.checkedProject.value, state.checked.value, nodes, mode, seed, dealt]);
  useEffect(() => {
    if (!playing.value) return;
    let waiting = false;
    const timer = setInterval(() => {
      if (waiting) return;
      waiting = true;
      const before = view.value?.at;
      void act(step).then(() => {
        waiting = false;
        if (view.value?.at === before) playing.value = false;
      });
    }, playMs);
    return () => {
      clearInterval(timer);
    };
  }, [playing.value, loss, duplication]);

  const shown = view.value;
  if (refused.value !== "") return <p class="network-refused">{refused.value}</p>;
  if (shown === undefined) return <p class="quiet">preparing the network…</p>;
  const flight = shown.flights.find(({ id }) => id === chosen.value);
  return (
    <div class="network">
      <Verdict
        view={shown}
        mode={mode}
        onMode={(next) => {
          set({ mode: next });
        }}
      />
      <div class="network-bar">
        <button
          type="button"
          class="primary"
          aria-pressed={playing.value}
          onClick={() => (playing.value = !playing.value)}
        >
          {playing.value ? "Pause" : "Play"}
        </button>
        <button type="button" onClick={() => void act(step)}>
          Step
        </button>
        <button type="button" onClick={() => void act(...Array<NetworkAction>(200).fill(step))}>
          To the end
        </button>
        <button type="button" onClick={() => void begin(true)}>
          Restart
        </button>
        <label class="time">
          <span class="visually-hidden">Step</span>
          <input
            type="range"
            min="0"
            max={shown.steps}
            value={shown.at}
            onInput={(event) => void goTo(Number(event.currentTarget.value))}
          />
          <span class="quiet">
            {shown.at} / {shown.steps}
          </span>
        </label>
      </div>
      <div class="network-bar">
        <label>
          Nodes{" "}
          <input
            type="number"
            min={networkLimits.nodesMin}
            max={networkLimits.nodesMax}
            value={nodes}
            onChange={(event) => {
              const { nodesMin, nodesMax } = networkLimits;
              const value = Math.round(Number(event.currentTarget.value));
              set({ nodes: Math.min(nodesMax, Math.max(nodesMin, value)), dealt: {} });
            }}
          />
        </label>
        <label>
          They{" "}
          <select
            value={shown.modes.includes(mode) ? mode : shown.modes[0]}
            onChange={(event) => {
              set({ mode: event.currentTarget.value as NetworkMode });
            }}
          >
            {shown.modes.map((one) => (
              <option value={one} key={one}>
                {modeTexts[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          Seed{" "}
          <input
            type="number"
            min="0"
            value={seed}
            onChange={(event) => {
              set({ seed: Math.max(0, Math.round(Number(event.currentTarget.value))) });
            }}
          />
        </label>
        <Rate
          name="Loss"
          value={loss}
          onChange={(value) => {
            set({ loss: value });
          }}
        />
        <Rate
          name="Duplicates"
          value={duplication}
          onChange={(value) => {
            set({ duplication: value });
          }}
        />
      </div>
      <NetworkPicture
        machines={shown.nodes.map(machineOf)}
        flights={shown.flights.map((one) => ({ ...one, brief: briefOf(one) }))}
        cuts={shown.cuts}
        chosen={chosen.value}
        onFlight={(id) => (chosen.value = chosen.value === id ? undefined : id)}
        onLink={(between, cut) => void act({ kind: cut ? "heal" : "cut", between })}
        onNode={(node) => {
          const up = shown.nodes.some((one) => one.name === node && one.up);
          void act({ kind: up ? "crash" : "restart", node });
        }}
      />
      {flight !== undefined && (
        <div class="flight-bar" role="group" aria-label={`Message ${flight.text}`}>
          <code>{flight.text}</code>
          <span class="quiet">
            from {flight.from} to {flight.to}
          </span>
          {(["deliver", "drop", "duplicate", "hold"] as const).map((kind) => (
            <button
              type="button"
              key={kind}
              disabled={kind === "deliver" && flight.state === "blocked"}
              onClick={() => void act({ kind, flight: flight.id })}
            >
              {kind === "hold" && flight.state === "held" ? "let go" : kind}
            </button>
          ))}
        </div>
      )}
      <h2 class="visually-hidden">Nodes</h2>
      <div class="network-nodes">
        {shown.nodes.map((node) => (
          <NetworkNode
            key={node.name}
            node={node}
            view={shown}
            movable={shown.at === 0}
            onDeal={(fact) => {
              set({ dealt: { ...allDealt(shown), [fact]: node.name } });
            }}
            onCrash={() => void act({ kind: node.up ? "crash" : "restart", node: node.name })}
          />
        ))}
      </div>
      <details class="network-log" open>
        <summary>What happened</summary>
        <ol>{shown.log.map((line, at) => <li key={at}>{line}</li>).reverse()}</ol>
      </details>
    </div>
  );
}

/** What is written on a message in the picture. */
function briefOf({ kind, text }: NetworkView["flights"][number]): string {
  return kind === "seal" ? "that is all" : kind === "epoch" ? text.replace(/:.*$/s, "") : text;
}

/** Where every fact is now, so that moving one leaves the others where they are. */
function allDealt({ nodes }: NetworkView): Record<string, string> {
  return Object.fromEntries(nodes.flatMap(({ name, own }) => own.map((fact) => [fact, name])));
}

function Rate({
  name,
  value,
  onChange,
}: {
  readonly name: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <label>
      {name}{" "}
      <select
        value={String(value)}
        onChange={(event) => {
          onChange(Number(event.currentTarget.value));
        }}
      >
        {[0, 0.1, 0.3, 0.5].map((rate) => (
          <option value={String(rate)} key={rate}>
            {rate * 100} %
          </option>
        ))}
      </select>
    </label>
  );
}

/** What nodes can do where free answers are wrong. */
const repairs = { wait: "Wait for all", order: "Put facts in one order" } as const;

function Verdict({
  view,
  mode,
  onMode,
}: {
  readonly view: NetworkView;
  readonly mode: NetworkMode;
  readonly onMode: (mode: NetworkMode) => void;
}) {
  const { verdict, modes } = view;
  const sign = {
    converged: "✓ Converged",
    wrong: "✕ Wrong",
    stuck: "! Stuck",
    running: "… Under way",
  }[verdict];
  return (
    <div class="verdict" data-verdict={verdict}>
      <p role="status">
        <strong>{sign}</strong> {verdictText(view, mode)}
      </p>
      {verdict === "wrong" && modes.includes("order") && (
        <div class="network-bar" role="group" aria-label="Repairs">
          {(["wait", "order"] as const).map((one) => (
            <button
              type="button"
              key={one}
              onClick={() => {
                onMode(one);
              }}
            >
              {repairs[one]}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function verdictText(view: NetworkView, mode: NetworkMode): string {
  const { verdict, monotone, nodes, answer, sequencer } = view;
  const cut = view.cuts.length > 0 || nodes.some(({ up }) => !up);
  switch (verdict) {
    case "converged":
      return (
        `All ${String(nodes.length)} nodes have the whole answer (${String(answer)} facts), and nothing else.` +
        (sequencer === undefined
          ? ""
          : " On the way each told the same answers in the same order, epoch by epoch.")
      );
    case "wrong":
      return (
        "A node has told what is not in the answer: it did not know yet what others had. " +
        (mode === "free"
          ? "Let nodes wait for all, put the facts in one order, or ask something monotone."
          : "Its rules do not wait for what they need.")
      );
    case "stuck":
      return "Nothing can happen any more, and the answer is not there.";
    case "running":
      if (sequencer !== undefined)
        return cut
          ? `Whoever cannot reach ${sequencer.name}, the sequencer, stays at its epoch: that is the price of an order.`
          : `${sequencer.name} gives each fact an epoch; two nodes at the same epoch tell the same.`;
      if (mode === "wait" && cut && nodes.some(({ awaits }) => awaits.length > 0))
        return "Nodes wait for each other: while one cannot be heard, the others do not answer.";
      return monotone
        ? "Whatever is told now stays: more facts only add answers."
        : "Nothing wrong was told yet.";
  }
}
