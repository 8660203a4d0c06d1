// Rows on their way from a thread that reads a file ahead to the thread that has it read, in memory
// that both have. The first one has value tables of its own: with the rows comes, once, what each
// new word of these tables stands for, and the second one says by which word of its tables it goes.
// As it comes in the order of the rows, it gets the words that it would have got by one thread.
import { assert } from "../base/assert.ts";
import { type Domain, type Schema, structured } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { inline, placeOfWord, wordOfPlace } from "../value/word.ts";
import { rowsPerCall, type RowsRead } from "./row-buffer.ts";

/** So many blocks of rows are on their way at most, */
const blocksMax = 4;
/** and the symbols that are new in one have so many bytes together. */
const newSymbolBytesMax = 1 << 22;
/** The tables of the thread that reads ahead have so many bytes at most: they are there twice. */
const tableBytesMax = 1 << 28;
/** A thread of which so long nothing is heard is not waited for any more, in milliseconds. */
const silentMsMax = 10_000;
/** So many symbols are interned together. */
const symbolsAtATime = 512;

/** What both threads are given. */
export type SharedRows = {
  readonly kinds: readonly ("symbol" | "other")[];
  readonly domain: Domain;
  readonly words: SharedArrayBuffer;
};

/** The words that blocks have in common. */
const desk = {
  state: 0,
  /** How many blocks were filled, and how many of them are taken. */
  filled: 1,
  taken: 2,
  /** Change whenever one of the threads does something that the other one may wait for. */
  ofWriter: 3,
  ofReader: 4,
  words: 16,
} as const;

const state = { open: 0, running: 1, finished: 2, left: 3, stopped: 4 } as const;

/** Thrown where reading ahead ends before the end of the file. */
class Left extends Error {}

/** One block: rows, and what is new in them. */
type Block = {
  /** How many rows, symbols and wide patterns there are. */
  readonly counts: Int32Array;
  readonly columns: readonly Int32Array[];
  /** Where each new symbol ends in `bytes`. */
  readonly ends: Int32Array;
  readonly bytes: Uint8Array;
  /** The low and the high half of each new pattern. */
  readonly patterns: Int32Array;
};

/** Whether rows of a relation can be read ahead. */
export function readableAhead({ attributes }: Schema): boolean {
  return attributes.length > 0 && !attributes.some(({ kind }) => structured(kind));
}

/** Returns what two threads need for the rows of a relation, `readableAhead`, of a domain. */
export function sharedRows({ attributes }: Schema, domain: Domain): SharedRows {
  const kinds = attributes.map(({ kind }) => (kind === "symbol" ? "symbol" : "other"));
  const bytes = 4 * (desk.words + blocksMax * wordsOf({ kinds, domain }).all);
  return { kinds, domain, words: new SharedArrayBuffer(bytes) };
}

/** The thread that reads ahead. */
export class RowsWriter {
  private readonly desk: Int32Array;
  private readonly blocks: readonly Block[];
  private readonly values: Values;
  private symbols = 0;
  private patterns = 0;

  /** `values` are the tables of this thread, empty. */
  constructor(shared: SharedRows, values: Values) {
    this.desk = new Int32Array(shared.words, 0, desk.words);
    this.blocks = blocksOf(shared);
    this.values = values;
  }

  /** Hands on what `read` puts, unless nobody waits for it any more. `read` returns whether that
   * was all of the file. */
  run(read: (put: (columns: readonly Int32Array[], count: number) => void) => boolean): void {
    const begun = Atomics.compareExchange(this.desk, desk.state, state.open, state.running);
    if (begun !== state.open) return;
    let finished = false;
    try {
      finished = read((columns, count) => {
        this.put(columns, count);
      });
    } catch {
      // Who has the file read goes on from here, and meets what is wrong if anything is.
    }
    const end = finished ? state.finished : state.left;
    Atomics.compareExchange(this.desk, desk.state, state.running, end);
    this.tell();
  }

  private put(columns: readonly Int32Array[], count: number): void {
    const filled = this.desk[desk.filled]!;
    this.waitForRoom(filled);
    const block = this.blocks[filled % blocksMax]!;
    block.counts[0] = count;
    for (const [at, column] of block.columns.entries()) column.set(columns[at]!.subarray(0, count));
    this.putSymbols(block);
    this.putPatterns(block);
    if (this.values.memoryBytes > tableBytesMax) throw new Left();
    Atomics.store(this.desk, desk.filled, filled + 1);
    this.tell();
  }

  private waitForRoom(filled: number): void {
    for (;;) {
      const seen = Atomics.load(this.desk, desk.ofReader);
      if (Atomics.load(this.desk, desk.state) !== state.running) throw new Left();
      if (filled - Atomics.load(this.desk, desk.taken) < blocksMax) return;
      Atomics.wait(this.desk, desk.ofReader, seen);
    }
  }

  private putSymbols({ counts, ends, bytes }: Block): void {
    const { symbols } = this.values;
    const first = this.symbols;
    let end = 0;
    for (; this.symbols < symbols.size; this.symbols++) {
      if (end + symbols.byteLength(this.symbols) > bytes.length) throw new Left();
      end = symbols.copy(this.symbols, bytes, end);
      ends[this.symbols - first] = end;
    }
    counts[1] = this.symbols - first;
  }

  private putPatterns({ counts, patterns }: Block): void {
    const { wide } = this.values;
    const first = this.patterns;
    for (; this.patterns < wide.size; this.patterns++) {
      const at = 2 * (this.patterns - first);
      patterns[at] = wide.low(wordOfPlace(this.patterns));
      patterns[at + 1] = wide.high(wordOfPlace(this.patterns));
    }
    counts[2] = this.patterns - first;
  }

  private tell(): void {
    Atomics.add(this.desk, desk.ofWriter, 1);
    Atomics.notify(this.desk, desk.ofWriter);
  }
}

/** The thread that has a file read. */
export class RowsReader {
  private readonly desk: Int32Array;
  private readonly blocks: readonly Block[];
  private readonly shared: SharedRows;
  private readonly values: Values;
  private readonly symbols = new WordsByPlace();
  private readonly patterns = new WordsByPlace();
  private readonly starts = new Int32Array(symbolsAtATime);
  private readonly silentMs: number;

  /** `values` are the tables that words are to be of. */
  constructor(shared: SharedRows, values: Values, silentMs = silentMsMax) {
    this.desk = new Int32Array(shared.words, 0, desk.words);
    this.blocks = blocksOf(shared);
    this.shared = shared;
    this.values = values;
    this.silentMs = silentMs;
  }

  /** Whether the other thread has read all of the file, and all of that was taken: it may have
   * ended after it was not waited for any more. */
  get finished(): boolean {
    const ended = Atomics.load(this.desk, desk.state) === state.finished;
    return ended && Atomics.load(this.desk, desk.filled) === Atomics.load(this.desk, desk.taken);
  }

  /** Yields the rows that the other thread reads. */
  *rows(): Generator<RowsRead> {
    for (let taken = 0; this.filled(taken); taken++) {
      const block = this.blocks[taken % blocksMax]!;
      const [count = 0, symbols = 0, patterns = 0] = block.counts;
      this.internSymbols(block, symbols);
      this.patterns.add(patterns, (words) => {
        this.values.wide.internAll(block.patterns, patterns, words);
      });
      this.translate(block, count);
      yield { columns: block.columns, count };
      Atomics.store(this.desk, desk.taken, taken + 1);
      this.tell();
    }
  }

  /** Has the other thread end, if it has not: nobody waits for it any more. */
  stop(): void {
    Atomics.compareExchange(this.desk, desk.state, state.open, state.stopped);
    Atomics.compareExchange(this.desk, desk.state, state.running, state.stopped);
    this.tell();
  }

  /** Waits for the next block; returns whether there is one. */
  private filled(taken: number): boolean {
    for (;;) {
      const seen = Atomics.load(this.desk, desk.ofWriter);
      const ended = Atomics.load(this.desk, desk.state) > state.running;
      if (Atomics.load(this.desk, desk.filled) > taken) return true;
      if (ended) return false;
      if (Atomics.wait(this.desk, desk.ofWriter, seen, this.silentMs) === "timed-out") return false;
    }
  }

  private internSymbols({ ends, bytes }: Block, count: number): void {
    const { starts } = this;
    this.symbols.add(count, (words) => {
      for (let from = 0; from < count; from += symbolsAtATime) {
        const to = Math.min(from + symbolsAtATime, count);
        for (let at = from; at < to; at++) starts[at - from] = at === 0 ? 0 : ends[at - 1]!;
        const fields = { starts, ends: ends.subarray(from, to), count: to - from };
        this.values.symbols.internFields(bytes, fields, words.subarray(from, to));
      }
    });
  }

  /** Has rows say words of this thread's tables. */
  private translate({ columns }: Block, count: number): void {
    const { kinds, domain } = this.shared;
    const [symbols, patterns] = [this.symbols.words, this.patterns.words];
    for (const [at, column] of columns.entries()) {
      if (kinds[at] === "symbol")
        for (let row = 0; row < count; row++) column[row] = symbols[column[row]!]!;
      else if (domain === 64 && this.patterns.count > 0)
        for (let row = 0; row < count; row++) {
          const word = column[row]!;
          if (!inline(word)) column[row] = patterns[placeOfWord(word)]!;
        }
    }
  }

  private tell(): void {
    Atomics.add(this.desk, desk.ofReader, 1);
    Atomics.notify(this.desk, desk.ofReader);
  }
}

/** The words by which the places of another table go here. */
class WordsByPlace {
  words: Int32Array<ArrayBuffer> = new Int32Array(1 << 10);
  count = 0;

  /** Adds the words of the next `count` places, which `write` writes. */
  add(count: number, write: (words: Int32Array) => void): void {
    const after = this.count + count;
    if (after > this.words.length) {
      const longer = new Int32Array(2 * after);
      longer.set(this.words);
      this.words = longer;
    }
    if (count > 0) write(this.words.subarray(this.count, after));
    this.count = after;
  }
}

/** How many words the parts of a block have. */
function wordsOf({ kinds, domain }: Pick<SharedRows, "kinds" | "domain">) {
  const symbolColumns = kinds.filter((kind) => kind === "symbol").length;
  const others = domain === 64 ? kinds.length - symbolColumns : 0;
  const parts = {
    counts: 4,
    columns: rowsPerCall * kinds.length,
    ends: rowsPerCall * symbolColumns,
    bytes: symbolColumns > 0 ? newSymbolBytesMax / 4 : 0,
    patterns: 2 * rowsPerCall * others,
  };
  return { ...parts, all: Object.values(parts).reduce((sum, part) => sum + part) };
}

function blocksOf(shared: SharedRows): readonly Block[] {
  const parts = wordsOf(shared);
  let from = desk.words;
  const next = (length: number): Int32Array => {
    const part = new Int32Array(shared.words, 4 * from, length);
    from += length;
    return part;
  };
  const blocks = Array.from({ length: blocksMax }, () => {
    const counts = next(parts.counts);
    const columns = shared.kinds.map(() => next(rowsPerCall));
    const ends = next(parts.ends);
    const bytes = next(parts.bytes);
    return {
      ...{ counts, columns, ends, patterns: next(parts.patterns) },
      bytes: new Uint8Array(shared.words, bytes.byteOffset, bytes.byteLength),
    };
  });
  assert(4 * from === shared.words.byteLength, "blocks fill what is shared");
  return blocks;
}
