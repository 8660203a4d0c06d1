import type { NetworkView, ShownFlight, ShownNode } from "../network-protocol.ts";

const [width, height] = [640, 330];
const radius = 112;
const nodeRadius = 34;
/** Messages of one lane that are drawn apart; the rest is counted. */
const flightsShownMax = 3;

type Point = { readonly x: number; readonly y: number };

/** A node as it is drawn, and what pressing it does. */
export type Machine = {
  readonly name: string;
  readonly kind: "down" | "wrong" | "done" | "partial";
  readonly text: string;
  readonly label: string;
};

/** A message as it is drawn. Its `id` tells it from others. */
export type DrawnFlight<Key> = Pick<ShownFlight, "from" | "to" | "text" | "kind" | "state"> & {
  readonly id: Key;
  /** What is written on it, unless its text. */
  readonly brief?: string;
};

/** What a link's handle does to it, by name, and the signs of both. */
export type LinkHandle = {
  readonly cut: string;
  readonly heal: string;
  readonly signs: readonly [cut: string, heal: string];
};

const signs = { down: "⏻", wrong: "✕", done: "✓", partial: "…" } as const;

/** Returns how a node of a network that evaluates a program is drawn. */
export function machineOf({ name, up, held, awaits, output, missing, epoch }: ShownNode): Machine {
  const active =
    awaits.length > 0
      ? "waits"
      : epoch === undefined
        ? `${String(held)} in`
        : `epoch ${String(epoch)}`;
  const wrong = output.some(({ state }) => state === "wrong");
  const told = output.every(({ state }) => state === "right");
  return {
    name,
    kind: !up ? "down" : wrong ? "wrong" : missing === 0 && told ? "done" : "partial",
    text: up ? active : "down",
    label: `${up ? "Crash" : "Restart"} node ${name}`,
  };
}

/** The network: nodes, links that can be cut, messages on their way. Everything in it can also be
 * reached by the keyboard. */
export function NetworkPicture<Key extends string | number>({
  machines,
  flights: onTheWay,
  cuts,
  handle = { cut: "Cut", heal: "Heal", signs: ["✂", "⌿"] },
  chosen,
  onFlight,
  onLink,
  onNode,
}: {
  readonly machines: readonly Machine[];
  readonly flights: readonly DrawnFlight<Key>[];
  readonly cuts: NetworkView["cuts"];
  readonly handle?: LinkHandle;
  readonly chosen: Key | undefined;
  readonly onFlight: (id: Key) => void;
  readonly onLink: (between: readonly [string, string], cut: boolean) => void;
  readonly onNode: (node: string) => void;
}) {
  const places = placed(machines.map(({ name }) => name));
  const names = [...places.keys()];
  const links = names.flatMap((one, at) =>
    names.slice(at + 1).map((other): [string, string] => [one, other]),
  );
  return (
    <svg
      class="picture"
      viewBox={`0 0 ${String(width)} ${String(height)}`}
      role="group"
      aria-label="Network"
    >
      {links.map(([one, other]) => {
        const cut = cuts.some(([a, b]) => a === one && b === other);
        const [from, to] = [places.get(one) ?? origin, places.get(other) ?? origin];
        const middle = between(from, to, 0.5);
        const flip = (): void => {
          onLink([one, other], cut);
        };
        return (
          <g class={cut ? "link cut" : "link"} key={`${one}${other}`}>
            <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
            <g
              role="button"
              tabindex={0}
              aria-label={`${cut ? handle.heal : handle.cut} the link between ${one} and ${other}`}
              onClick={flip}
              onKeyDown={pressing(flip)}
            >
              <circle class="handle" cx={middle.x} cy={middle.y} r="12" />
              <text x={middle.x} y={middle.y + 5} aria-hidden="true">
                {handle.signs[cut ? 1 : 0]}
              </text>
            </g>
          </g>
        );
      })}
      {lanes(onTheWay).map(([key, flights]) => {
        const [first] = flights;
        const from = places.get(first?.from ?? "") ?? origin;
        const to = places.get(first?.to ?? "") ?? origin;
        return flights.slice(0, flightsShownMax).map((flight, at) => (
          <Message
            key={flight.id}
            flight={flight}
            more={at === flightsShownMax - 1 ? flights.length - flightsShownMax : 0}
            place={besides(from, to, at)}
            chosen={chosen === flight.id}
            onChoose={() => {
              onFlight(flight.id);
            }}
            lane={key}
          />
        ));
      })}
      {machines.map(({ name, kind, text, label }) => {
        const { x, y } = places.get(name) ?? origin;
        const flip = (): void => {
          onNode(name);
        };
        return (
          <g class={`machine ${kind}`} key={name}>
            <circle
              cx={x}
              cy={y}
              r={nodeRadius}
              role="button"
              tabindex={0}
              aria-label={label}
              onClick={flip}
              onKeyDown={pressing(flip)}
            />
            <text class="machine-name" x={x} y={y - 4} aria-hidden="true">
              {name}
            </text>
            <text class="machine-text" x={x} y={y + 14} aria-hidden="true">
              {text}
            </text>
            <text class="machine-sign" x={x + 32} y={y - 26} aria-hidden="true">
              {signs[kind]}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function Message({
  flight: { text, brief: words = text, from, to, state, kind },
  more,
  place: { x, y },
  chosen,
  onChoose,
  lane,
}: {
  readonly flight: DrawnFlight<string | number>;
  readonly more: number;
  readonly place: Point;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly lane: string;
}) {
  const short = words.length > 18 ? `${words.slice(0, 17)}…` : words;
  const written = more > 0 ? `${short} +${String(more)}` : short;
  const size = written.length * 6.1 + 14;
  return (
    <g
      class={`message ${state} ${kind}${chosen ? " chosen" : ""}`}
      data-lane={lane}
      style={{ transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)` }}
    >
      <rect
        {...{ x: -size / 2, y: "-10", width: size, height: "20", rx: "10" }}
        role="button"
        tabindex={0}
        aria-label={`Message ${text} from ${from} to ${to}${state === "moving" ? "" : `, ${state}`}`}
        aria-pressed={chosen}
        onClick={onChoose}
        onKeyDown={pressing(onChoose)}
      />
      <text y="4" aria-hidden="true">
        {written}
      </text>
    </g>
  );
}

const origin: Point = { x: width / 2, y: height / 2 };

function placed(names: readonly string[]): Map<string, Point> {
  return new Map(
    names.map((name, at) => {
      const angle = (2 * Math.PI * at) / names.length - Math.PI / 2;
      const wide = names.length === 2 ? 0 : angle;
      return [
        name,
        names.length === 2
          ? { x: width / 2 + (at === 0 ? -1 : 1) * 2 * radius, y: height / 2 }
          : {
              x: width / 2 + Math.cos(wide) * radius * 1.95,
              y: height / 2 + Math.sin(wide) * radius + (names.length === 3 ? 22 : 0),
            },
      ];
    }),
  );
}

/** Messages by whom they are between. */
function lanes<Key>(flights: readonly DrawnFlight<Key>[]): [string, DrawnFlight<Key>[]][] {
  const byLane = new Map<string, DrawnFlight<Key>[]>();
  for (const flight of flights) {
    const key = `${flight.from}-${flight.to}`;
    byLane.set(key, [...(byLane.get(key) ?? []), flight]);
  }
  return [...byLane];
}

function between(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** The place of a lane's message: nearer to its receiver than the middle, one below the other, on
 * the side of the link that the other direction does not use. */
function besides(from: Point, to: Point, at: number): Point {
  const along = between(from, to, 0.66);
  const distance = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const across = { x: -(to.y - from.y) / distance, y: (to.x - from.x) / distance };
  // On a steep lane messages are beside it, on a flat one above or below.
  const wide = 14 + 44 * Math.abs(across.x);
  return {
    x: along.x + across.x * wide,
    y: along.y + across.y * 20 + at * 22 * (across.y >= 0 ? 1 : -1),
  };
}

function pressing(act: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  };
}
