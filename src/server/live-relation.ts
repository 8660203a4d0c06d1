// What became of one output, step by step, for those who follow it.
import type { Change } from "../transducer/protocol.ts";
import { printValue } from "../value/print-value.ts";
import type { Attribute, Value } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";
import { jsonColumns, jsonTuple, type JsonValue } from "./json-value.ts";

/** An output as its followers see it. */
export type LiveSchema = {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly structures: Structures;
  /** `additions`: tuples stay once they are there. `rows`: the last `latticeColumns` of a row grow.
   * `view`: tuples come and go. */
  readonly mode: "additions" | "rows" | "view";
  readonly latticeColumns: number;
  /** Whether what was told is never taken back, nor grows. */
  readonly final: boolean;
};

/** One message to a follower, as text; who has it can go on from `position`. */
export type LiveMessage = {
  readonly kind: "start" | "added" | "changed" | "viewed" | "current";
  readonly position?: string;
  readonly text: string;
};

/** The limits of what is kept for followers. */
export type LiveLimits = {
  /** Bytes of messages that are kept of one output for those who come back. */
  readonly historyBytesMax: number;
  /** Tuples in one message. */
  readonly messageTuples: number;
};

/** The limits of what is kept unless others are given. */
const liveLimits: LiveLimits = { historyBytesMax: 16 << 20, messageTuples: 1_000 };

/** An output with its latest changes, numbered from 1 in a life of the node. */
export class LiveRelation {
  readonly schema: LiveSchema;
  readonly limits: LiveLimits;
  private readonly life: string;
  private readonly history: LiveMessage[] = [];
  private historyBytes = 0;
  private last = 0;
  /** What is there now by its key, where what was there before has to be told. */
  private readonly rows = new Map<string, readonly Value[]>();

  /** `life` tells the node's lives apart; `tuples` are what was put out before. */
  constructor(
    schema: LiveSchema,
    life: string,
    tuples: () => readonly (readonly Value[])[],
    limits: LiveLimits = liveLimits,
  ) {
    this.schema = schema;
    this.life = life;
    this.limits = limits;
    if (schema.mode !== "additions")
      for (const values of tuples()) this.rows.set(this.keyOf(values), values);
  }

  /** The number of the last message. */
  get number(): number {
    return this.last;
  }

  /** What a follower shows to go on after the message of this number. */
  position(number: number): string {
    return `${this.life}-${number}`;
  }

  /** The number in a position from which it can be gone on; undefined where it is of another life,
   * or what came after it is not kept any more. */
  numberAt(position: string): number | undefined {
    const [, life, digits] = /^(\w+)-(\d{1,15})$/.exec(position) ?? [];
    const number = Number(digits);
    if (life !== this.life || number > this.last) return undefined;
    return number + 1 < this.last - this.history.length + 1 ? undefined : number;
  }

  /** The message of a number, while it is kept. */
  message(number: number): LiveMessage | undefined {
    return this.history[this.history.length - 1 - (this.last - number)];
  }

  /** Takes a change in. */
  publish({ tuples }: Pick<Change, "tuples">): void {
    switch (this.schema.mode) {
      case "additions":
        for (const piece of this.pieces(tuples))
          this.add("added", { final: this.schema.final, tuples: piece.map((of) => this.json(of)) });
        return;
      case "rows":
        for (const piece of this.pieces(tuples))
          this.add("changed", {
            final: this.schema.final,
            rows: piece.map((values) => this.grown(values)),
          });
        return;
      case "view":
        this.view(tuples);
    }
  }

  /** The messages that say all there is. */
  *snapshot(tuples: readonly (readonly Value[])[]): Generator<LiveMessage> {
    const { mode, final } = this.schema;
    const rowed = mode === "rows";
    for (const piece of this.pieces(tuples)) {
      const kind = rowed ? "changed" : mode === "view" ? "viewed" : "added";
      const content = rowed
        ? { final, rows: piece.map((values) => ({ ...this.keyed(values), old: null })) }
        : { final, tuples: piece.map((values) => this.json(values)) };
      yield { kind, text: JSON.stringify({ kind, ...content }) };
    }
  }

  /** Opens what a follower is told. `reset`: it has to forget what it was told before. */
  start(reset: boolean): LiveMessage {
    const { name, attributes, mode, final } = this.schema;
    const columns = jsonColumns(attributes);
    const content = { kind: "start", relation: name, columns, mode, final, reset };
    return { kind: "start", text: JSON.stringify(content) };
  }

  /** Says that a follower has all up to the message of this number. */
  current(number: number): LiveMessage {
    const position = this.position(number);
    return { kind: "current", position, text: JSON.stringify({ kind: "current", position }) };
  }

  private add(kind: LiveMessage["kind"], content: object): void {
    this.last++;
    const position = this.position(this.last);
    const text = JSON.stringify({ kind, position, ...content });
    this.history.push({ kind, position, text });
    this.historyBytes += text.length;
    // The latest one is kept whatever its length: followers are about to be told.
    while (this.historyBytes > this.limits.historyBytesMax && this.history.length > 1)
      this.historyBytes -= this.history.shift()?.text.length ?? 0;
  }

  private *pieces(tuples: readonly (readonly Value[])[]) {
    const { messageTuples } = this.limits;
    for (let at = 0; at < tuples.length; at += messageTuples)
      yield tuples.slice(at, at + messageTuples);
  }

  private grown(values: readonly Value[]): object {
    const key = this.keyOf(values);
    const before = this.rows.get(key);
    this.rows.set(key, values);
    const old = before === undefined ? null : this.json(before).slice(-this.schema.latticeColumns);
    return { ...this.keyed(values), old };
  }

  private keyed(values: readonly Value[]): { readonly key: JsonValue; readonly new: JsonValue } {
    const all = this.json(values);
    const { latticeColumns } = this.schema;
    return { key: all.slice(0, -latticeColumns), new: all.slice(-latticeColumns) };
  }

  private view(tuples: readonly (readonly Value[])[]): void {
    const now = new Map(tuples.map((values) => [this.keyOf(values), values]));
    const added = [...now].filter(([key]) => !this.rows.has(key));
    const removed = [...this.rows].filter(([key]) => !now.has(key));
    if (added.length + removed.length === 0) return;
    for (const [key] of removed) this.rows.delete(key);
    for (const [key, values] of added) this.rows.set(key, values);
    const json = (of: typeof added) => of.map(([, values]) => this.json(values));
    const { final } = this.schema;
    this.add("viewed", { final, tuples: json(added), removed: json(removed) });
  }

  private keyOf(values: readonly Value[]): string {
    const { mode, latticeColumns } = this.schema;
    const key = mode === "rows" ? values.slice(0, -latticeColumns) : values;
    return key.map(printValue).join(", ");
  }

  private json(values: readonly Value[]): JsonValue[] {
    return jsonTuple(this.schema.attributes, values, this.schema.structures);
  }
}
