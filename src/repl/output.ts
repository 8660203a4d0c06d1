import { closeSync, openSync, writeSync } from "node:fs";
import { printValue } from "../value/print-value.ts";
import type { Values } from "../value/values.ts";
import { rowOrder } from "../io/order.ts";
import type { Tuples } from "../io/tuples.ts";
import { resultFormats, writeResult, type ResultFormat } from "../io/write.ts";
import { Refusal, type World } from "./world.ts";

/** The forms in which answers are shown. */
export const modes = [...resultFormats, "facts"] as const;

/** One of `modes`. */
export type Mode = (typeof modes)[number];

/** Other names for them. */
const otherNames: Readonly<Record<string, Mode>> = { box: "table", md: "markdown" };

/** Returns the mode of a name. */
export function modeOf(name: string): Mode {
  const mode = otherNames[name] ?? modes.find((one) => one === name);
  if (mode !== undefined) return mode;
  throw new Refusal(`there is no mode "${name}"`, `there are ${modes.join(", ")}`);
}

/** What is longer is printed as it comes. */
const pagedBytesMax = 8 << 20;

/** Where answers go, and how they look. */
export class Output {
  mode: Mode = "table";
  /** How many rows of a table are shown. */
  rowsMax = 40;
  private readonly world: World;
  /** What an entry wrote so far, where that may become pages. */
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private file: { readonly descriptor: number; readonly once: boolean } | undefined;

  constructor(world: World) {
    this.world = world;
  }

  /** Whether answers go to a file. */
  get redirected(): boolean {
    return this.file !== undefined;
  }

  /** Has what follows written to a new file: until something else is said, or `once`. */
  redirect(path: string, once: boolean): void {
    this.close();
    try {
      this.file = { descriptor: openSync(path, "w"), once };
    } catch (error) {
      throw new Refusal(`cannot write "${path}": ${(error as Error).message}`);
    }
  }

  /** Shows what an entry wrote; ends with it what is for one alone, if it wrote anything. */
  finish(): void {
    this.flush();
    if (this.file?.once === true && this.wrote) this.close();
    this.wrote = false;
  }

  /** Shows what was written so far, before something else is said. */
  flush(): void {
    const { page, out } = this.world;
    const text = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    if (text.length > 0 && page?.(text) !== true) out.write(text);
  }

  /** Has answers printed again. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file.descriptor);
    this.file = undefined;
  }

  /** Writes a text, or bytes of one. */
  write(chunk: Uint8Array | string): void {
    this.wrote = true;
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    if (this.file === undefined) {
      this.hold(bytes);
      return;
    }
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.file.descriptor, bytes, at, bytes.length - at);
  }

  /** Shows a relation. */
  show(tuples: Tuples, values: Values): void {
    if (this.mode === "facts") {
      for (const line of factLines(tuples, values, "answer")) this.write(`${line}\n`);
      return;
    }
    const widthMax = this.redirected ? Infinity : this.world.out.width;
    const size = { widthMax, rowsMax: this.rowsMax };
    const format: ResultFormat = this.mode;
    for (const chunk of writeResult(tuples, values, format, size)) this.write(chunk);
  }

  private hold(bytes: Uint8Array): void {
    if (this.world.page === undefined) {
      this.world.out.write(bytes);
      return;
    }
    // The bytes may be of a buffer that is used again.
    this.held.push(bytes.slice());
    this.heldBytes += bytes.length;
    if (this.heldBytes <= pagedBytesMax) return;
    for (const part of this.held.splice(0)) this.world.out.write(part);
    this.heldBytes = 0;
  }

  private wrote = false;
}

/** Yields the tuples of a relation as facts of a program, in value order. */
export function* factLines(
  tuples: Tuples,
  values: Values,
  name = tuples.schema.name,
): Generator<string, void, undefined> {
  const columns = tuples.schema.attributes.map(({ kind }, at) => ({
    kind,
    words: tuples.column(at),
  }));
  for (const row of rowOrder(tuples, values)) {
    const terms = columns.map(({ kind, words }) =>
      printValue(values.decode(kind, words[row] ?? 0)),
    );
    yield `${name}(${terms.join(", ")}).`;
  }
}
