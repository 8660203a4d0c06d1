// What another thread does for an evaluation: it takes tickets, and gathers what rules derive.
import { linkedGathering } from "../codegen/link.ts";
import type { SharedMemory } from "./heap.ts";
import { closed, desk, state, ticket, ticketsMax } from "./ticket.ts";

/** Works on the tickets of the desk at `address` in a memory, until there will be no more. What
 * another thread is started for; it waits without end. */
export function work(memory: SharedMemory, address: number): void {
  const common = new Int32Array(memory.buffer, address, desk.words);
  const slots = common[desk.slots]!;
  const words = new Int32Array(memory.buffer, address, desk.words + slots * ticket.words);
  let at = 0;
  const waitForRoom = (): void => {
    Atomics.store(words, at + ticket.state, state.full);
    Atomics.notify(words, at + ticket.state);
    while (Atomics.load(words, at + ticket.state) === state.full)
      Atomics.wait(words, at + ticket.state, state.full);
    if (Atomics.load(words, at + ticket.state) === state.abandoned) throw new Left();
  };
  const gatherer = new Gatherer(memory, waitForRoom);
  Atomics.add(words, desk.ready, 1);
  for (;;) {
    const opened = Atomics.load(words, desk.opened);
    if (opened === closed) return;
    const next = claimed(words, opened);
    if (next === undefined) {
      Atomics.wait(words, desk.opened, opened);
      continue;
    }
    at = slotOf(next, slots);
    const end = gatherer.gather(words, at) ? state.done : state.left;
    Atomics.store(words, at + ticket.state, end);
    Atomics.notify(words, at + ticket.state);
  }
}

/** Claims the next ticket before `opened`; undefined where all are taken. `opened` may be what it
 * was before others opened and claimed more: what comes after it is not before it. */
export function claimed(words: Int32Array, opened: number): number | undefined {
  const slots = words[desk.slots]!;
  for (;;) {
    const next = Atomics.load(words, desk.claimed);
    const left = (opened - next + ticketsMax) % ticketsMax;
    if (left === 0 || left > slots) return undefined;
    if (claims(words, next)) return next;
  }
}

/** Claims a ticket; returns whether nobody had it. */
export function claims(words: Int32Array, next: number): boolean {
  const after = (next + 1) % ticketsMax;
  return Atomics.compareExchange(words, desk.claimed, next, after) === next;
}

/** Where the words of a ticket begin. */
export function slotOf(next: number, slots: number): number {
  return desk.words + (next & (slots - 1)) * ticket.words;
}

/** Thrown where a thread cannot go on with a ticket. */
export class Left extends Error {}

/** Runs the first halves of rules in one thread. */
export class Gatherer {
  private readonly memory: SharedMemory;
  private readonly functions = new Map<number, ReturnType<typeof linkedGathering>>();
  private readonly full: () => void;

  /** `full` is called where there is no more room. */
  constructor(memory: SharedMemory, full: () => void) {
    this.memory = memory;
    this.full = full;
  }

  /** Gathers what the ticket at a place says; returns false where this thread cannot do it. That
   * needs no other word: who asked for it then does the whole of it by itself, and meets what is
   * wrong if anything is. */
  gather(words: Int32Array, at: number): boolean {
    try {
      const run = this.functionOf(words, at);
      run(words[at + ticket.from]!, words[at + ticket.to]!, words[at + ticket.frame]!);
      return true;
    } catch {
      return false;
    }
  }

  private functionOf(words: Int32Array, at: number): ReturnType<typeof linkedGathering> {
    const code = words[at + ticket.code]!;
    let run = this.functions.get(code);
    if (run === undefined) {
      const { memory, full } = this;
      const start = words[at + ticket.codeAt]! >>> 0;
      const length = words[at + ticket.codeBytes]!;
      // Has `buffer` cover what another thread has grown the memory by.
      if (memory.buffer.byteLength < start + length) memory.grow(0);
      const shared = new Uint8Array(memory.buffer, start, length);
      const left = (): never => {
        throw new Left();
      };
      run = linkedGathering(shared.slice(), memory, { full, left });
      this.functions.set(code, run);
    }
    return run;
  }
}
