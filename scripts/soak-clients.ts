// The clients of a soak's store. Each has keys of its own, and knows what has to be at them: what it
// puts takes the place of the dots that it knows, whatever the node that it asks has seen.
import { random, type Random } from "../src/base/random.ts";
import { ClientSession } from "../src/client/client-session.ts";
import { KvClient } from "../src/client/kv-client.ts";
import type { KvCell, KvListed } from "../src/client/kv-values.ts";
import { NodeError } from "../src/client/node-error.ts";
import { pause } from "./proxied-nodes.ts";

/** How much is written, where. */
export type SoakLoad = {
  readonly urls: readonly string[];
  readonly seed: number;
  readonly clients: number;
  /** Requests of all clients in a second. */
  readonly rate: number;
};

/** What clients did. */
export type SoakCounts = Record<
  "puts" | "removes" | "reads" | "behind" | "unanswered" | "again" | "keys",
  number
>;

/** Keys that a client writes to at a time. */
const slots = 100;

/** How long a client waits for an answer: less than nodes are stopped for. */
const callMs = 6_000;

/** How often what nobody answered is asked for again, before the client goes on without knowing. */
const againMax = 12;

/** How long a client leaves a node alone that did not answer. */
const avoidedMs = 5_000;

/** What a client knows of one of its keys, by the texts that it put there. */
type Slot = {
  readonly key: string;
  /** What has to be there, with its dot. */
  present: Map<string, string>;
  /** What may be there, as nobody answered; the dots of what was seen. */
  possible: Map<string, string | undefined>;
};

/** All clients of a soak. */
export class SoakClients {
  readonly counts: SoakCounts = {
    ...{ puts: 0, removes: 0, reads: 0, behind: 0, unanswered: 0, again: 0, keys: 0 },
  };
  /** What clients read that is not as it was acknowledged. */
  readonly losses: string[] = [];
  private readonly load: SoakLoad;
  private readonly all: Client[];

  constructor(load: SoakLoad) {
    this.load = load;
    this.all = Array.from(
      { length: load.clients },
      (_, at) => new Client(`c${at}`, load, this.counts, (loss) => this.losses.push(loss)),
    );
  }

  /** Writes, reads and removes until it is told to end. */
  async run(ends: AbortSignal): Promise<void> {
    const everyMs = (1_000 * this.load.clients) / this.load.rate;
    await Promise.all(
      this.all.map(async (client) => {
        let atMs = Date.now();
        while (!ends.aborted) {
          // Who was held up does not make up for all of it.
          atMs = Math.max(atMs + everyMs, Date.now() - 1_000);
          await pause(atMs - Date.now(), ends);
          await client.act();
        }
      }),
    );
  }

  /** Returns what is wrong with the contents of a node. */
  wrongIn(contents: ReadonlyMap<string, readonly string[]>): string[] {
    const keys = new Set<string>();
    const wrong = this.all.flatMap((client) =>
      client.slots.flatMap((slot) => {
        keys.add(slot.key);
        return wrongAt(slot, contents.get(slot.key) ?? []);
      }),
    );
    const others = [...contents.keys()].filter((key) => !keys.has(key));
    return [...wrong, ...others.map((key) => `${key}: all was removed, and something is there`)];
  }
}

/** Returns the texts at each key of a node. */
export async function contentsOf(url: string): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for await (const cell of new KvClient(url).scan()) found.set(cell.k1, textsOf(cell).toSorted());
  return found;
}

/** One client: it asks for one thing at a time. */
class Client {
  readonly slots: Slot[];
  private readonly name: string;
  private readonly load: SoakLoad;
  private readonly chance: Random;
  private readonly counts: SoakCounts;
  private readonly onLoss: (loss: string) => void;
  /** One for all of its time: who begins another one reads what is older than what it wrote. */
  private readonly session = new ClientSession();
  /** Until when nodes are left alone. */
  private readonly avoided = new Map<string, number>();
  private numbers = 0;

  constructor(name: string, load: SoakLoad, counts: SoakCounts, onLoss: (loss: string) => void) {
    this.name = name;
    this.load = load;
    this.counts = counts;
    this.onLoss = onLoss;
    this.chance = random(load.seed * 1_000 + Number(name.slice(1)));
    this.slots = Array.from({ length: slots }, () => this.fresh());
  }

  /** Puts, removes or reads at one of its keys. */
  async act(): Promise<void> {
    const at = this.chance.below(slots);
    const slot = this.slots[at];
    if (slot === undefined) return;
    const drawn = this.chance.below(100);
    if (drawn < 25) await this.read(slot);
    else if (drawn < 45) {
      await this.remove(slot);
      // Where nothing can be any more nothing is to come back.
      if (slot.present.size + slot.possible.size === 0) this.slots[at] = this.fresh();
    } else await this.put(slot);
  }

  private fresh(): Slot {
    this.counts.keys++;
    return { key: `${this.name}/${++this.numbers}`, present: new Map(), possible: new Map() };
  }

  private async put(slot: Slot): Promise<void> {
    const text = textOf(this.name, ++this.numbers);
    const dots = dotsAt(slot);
    const key = crypto.randomUUID();
    const replaces = dots.length === 0 ? "none" : dots;
    const done = await this.answered((node) =>
      node.put(slot.key, "value", text, { replaces, key }),
    );
    if (done === undefined) {
      this.doubt(slot);
      slot.possible.set(text, undefined);
      return;
    }
    this.counts.puts++;
    settle(slot, dots);
    slot.present.set(text, done.dot);
  }

  private async remove(slot: Slot): Promise<void> {
    const dots = dotsAt(slot);
    if (dots.length === 0) return;
    const key = crypto.randomUUID();
    const done = await this.answered((node) => node.remove(slot.key, "value", { dots, key }));
    if (done === undefined) {
      this.doubt(slot);
      return;
    }
    this.counts.removes++;
    settle(slot, dots);
  }

  /** Reads at any node what the client has written, at whatever nodes. */
  private async read(slot: Slot): Promise<void> {
    const url = this.anyNode();
    let cell: KvCell | undefined;
    try {
      cell = await this.node(url).get(slot.key, "value");
    } catch (error) {
      if (error instanceof NodeError && error.code === "behind") this.counts.behind++;
      else this.unanswered(url, error);
      return;
    }
    this.counts.reads++;
    const versions = cell === undefined ? [] : [cell, ...(cell.siblings ?? [])];
    for (const loss of wrongAt(slot, cell === undefined ? [] : textsOf(cell)))
      this.onLoss(`read of ${loss}`);
    for (const { text = "", dot } of versions)
      if (slot.possible.has(text)) slot.possible.set(text, dot);
  }

  /** Asks a node, and again under the same key while it does not answer; undefined where it never
   * does. */
  private async answered<T>(ask: (node: KvClient) => Promise<T>): Promise<T | undefined> {
    const url = this.anyNode();
    // Few insist: while one node stands still the others are to have their work.
    const attempts = this.chance.chance(0.25) ? againMax : 1;
    for (let asked = 1; ; asked++) {
      try {
        return await ask(this.node(url));
      } catch (error) {
        this.unanswered(url, error);
        if (asked === attempts) return undefined;
        this.counts.again++;
        // A node that does not run says so at once.
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  private anyNode(): string {
    const { urls } = this.load;
    const answering = urls.filter((url) => (this.avoided.get(url) ?? 0) < Date.now());
    return this.chance.pick(answering.length === 0 ? urls : answering);
  }

  private unanswered(url: string, error: unknown): void {
    this.counts.unanswered++;
    this.avoided.set(url, Date.now() + avoidedMs);
    if (error instanceof NodeError && error.retryAfterMs === undefined)
      this.onLoss(`${this.name} was answered ${String(error)}`);
    if (!(error instanceof NodeError || error instanceof TypeError)) throw error;
  }

  private node(url: string): KvClient {
    return new KvClient(url, { callMs, retry: { attemptsMax: 1 }, session: this.session });
  }

  /** Nobody said whether what was to be replaced or removed is. */
  private doubt(slot: Slot): void {
    for (const [text, dot] of slot.present) slot.possible.set(text, dot);
    slot.present = new Map();
  }
}

/** What is known to be gone, as a write that named it was acknowledged, may not be there. */
function settle(slot: Slot, dots: readonly string[]): void {
  slot.present = new Map();
  slot.possible = new Map(
    [...slot.possible].filter(([, dot]) => dot === undefined || !dots.includes(dot)),
  );
}

function dotsAt({ present, possible }: Slot): string[] {
  return [...present.values(), ...possible.values()].filter((dot) => dot !== undefined);
}

function wrongAt({ key, present, possible }: Slot, texts: readonly string[]): string[] {
  const lost = [...present.keys()].filter((text) => !texts.includes(text));
  const risen = texts.filter((text) => !present.has(text) && !possible.has(text));
  return [
    ...lost.map((text) => `${key}: ${short(text)} was acknowledged, and is not there`),
    ...risen.map((text) => `${key}: ${short(text)} was removed, and is there`),
  ];
}

function textsOf({ text = "", siblings = [] }: KvListed): string[] {
  return [text, ...siblings.map((sibling) => sibling.text ?? "")];
}

/** A text that nobody else puts, of 200 to 3,000 characters. */
function textOf(client: string, number: number): string {
  return `${client} wrote ${number} `.padEnd(200 + ((number * 7_919) % 2_800), String(number));
}

function short(text: string): string {
  return text.split(" ").slice(0, 3).join(" ");
}
