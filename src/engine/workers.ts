// Rules on several threads. A rule's rows are given out in blocks, as tickets. Who has one gathers
// what the rule derives from it, without what is in already; the thread that evaluates then puts
// in what was gathered, block after block. So all that is changed is changed by one thread, and
// rows come in the order in which they come without others: answers are the same, byte for byte.
import type { RuleCode, RuleHalves } from "../codegen/code.ts";
import type { SetForm } from "../codegen/store.ts";
import type { SharedMemory } from "./heap.ts";
import { LimitFault } from "./limit.ts";
import type { Memory } from "./memory.ts";
import { closed, desk, state, ticket, ticketsMax } from "./ticket.ts";
import { sharingRules, type SharingRules } from "./sharing.ts";
import { claimed, claims, Gatherer, Left, slotOf } from "./worker.ts";

/** Threads for evaluations, beside the one that evaluates. */
export type ThreadPool = {
  readonly threads: number;
  /** Says whether it is time to start them, as starting takes long itself; always if not given. */
  readonly due?: () => boolean;
  /** Starts the threads; each is to call `work` with what is given. Returns before they do. */
  readonly start: (memory: SharedMemory, address: number) => void;
};

const frameWords = 1 << 8;

/** A block that is given out: where its words begin, its frame, what is gathered in, and whether
 * this thread does it. */
type Slot = { readonly at: number; readonly frame: Int32Array; gathered: Int32Array; own: boolean };

type RowRange = { readonly from: number; readonly to: number };

type Code = { readonly number: number; readonly bytes: Int32Array };

/** What blocks were: so many rows gave so many tuples, of which so many were gathered. */
type Experience = { rows: number; derived: number; gathered: number };

/** How far a rule was shared. */
export type Shared = {
  /** The first row that it has not been run on. */
  readonly row: number;
  /** Whether the rows from there on are better not shared. */
  readonly alone: boolean;
};

/** What there is to share of a rule. */
export type SharedRows = {
  readonly code: RuleCode;
  readonly halves: RuleHalves;
  /** How the head's set is laid out. */
  readonly form: SetForm;
  /** The rows of the rule's scan. */
  readonly from: number;
  readonly to: number;
  /** Does what brings tuples in, within limits; returns whether the rule has other code now. */
  readonly step: (bring: () => void) => boolean;
};

/** The threads that work on one memory. */
export class Workers {
  readonly threads: number;
  /** How many blocks there were, and how many of them other threads did. */
  blocks = 0;
  blocksOfOthers = 0;
  private readonly memory: Memory;
  private readonly rules: SharingRules;
  private readonly pool: ThreadPool;
  /** What `ticket.ts` says; absent until threads are started, null where they cannot be. */
  private words: Int32Array | null | undefined;
  private slots: Slot[] = [];
  private readonly codes = new Map<Uint8Array, Code>();
  private readonly experiences = new WeakMap<RuleHalves, Omit<Experience, "gathered">>();
  /** Rules that a thread could not do its half of. */
  private readonly unshared = new WeakSet<RuleHalves>();
  private gatherer: Gatherer | undefined;
  /** The block that this thread gathers, of which rule. */
  private own: { readonly slot: Slot; readonly halves: RuleHalves } | undefined;

  constructor(pool: ThreadPool, memory: Memory, rules = sharingRules) {
    this.rules = rules;
    this.threads = pool.threads;
    this.pool = pool;
    this.memory = memory;
  }

  /** Whether they work on a memory. */
  workOn(memory: Memory): boolean {
    return this.memory === memory;
  }

  /** Returns the halves of a rule if so many rows of it are to be shared. The threads are started
   * when that is asked for first and it is time; until they run, nothing is. */
  halvesOf(code: RuleCode, rows: number): RuleHalves | undefined {
    const { rowsMin, workMin } = this.rules;
    if (rows < rowsMin) return undefined;
    // Halves are code that is made for threads alone.
    if (this.words === undefined && this.pool.due?.() === false) return undefined;
    const halves = code.halves?.();
    if (halves === undefined || this.unshared.has(halves)) return undefined;
    if (halves.frameWords > frameWords || rows * this.workOf(halves) < workMin) return undefined;
    if (this.words === undefined) this.words = this.begun() ?? null;
    const { words } = this;
    return words !== null && Atomics.load(words, desk.ready) > 0 ? halves : undefined;
  }

  /** Runs a rule, not on all rows where its code comes to be another one, or memory is to be had
   * back first. */
  share({ code, halves, form, from, to, step }: SharedRows): Shared {
    const words = this.words!;
    const { blocksPerThread, blockRowsMin, blockRowsMax, takesPart } = this.rules;
    const rows = Math.ceil((to - from) / (blocksPerThread * (this.threads + 1)));
    const size = Math.min(Math.max(rows, blockRowsMin), blockRowsMax);
    const blocks = Math.ceil((to - from) / size);
    const first = Atomics.load(words, desk.claimed);
    const startOf = (block: number): number => Math.min(from + block * size, to);
    const slotOfBlock = (block: number): Slot =>
      this.slots[(first + block) & (this.slots.length - 1)]!;
    const bytes = this.codeOf(halves);
    if (bytes === undefined) return { row: from, alone: true };
    const here: Experience = { rows: 0, derived: 0, gathered: 0 };
    let done = 0;
    let open = 0;
    try {
      while (done < blocks) {
        const before = open;
        while (open < blocks && open - done < this.slots.length) {
          const rowsOfBlock = { from: startOf(open), to: startOf(open + 1) };
          if (!this.prepare(slotOfBlock(open), halves, bytes, rowsOfBlock)) break;
          open++;
        }
        if (open > before) this.announce(first + open, open - before);
        if (open === done) break;
        const slot = slotOfBlock(done);
        const mine = takesPart && claims(words, (first + done) % ticketsMax);
        // Nobody gathers a block that this thread does whole.
        if (mine) words[slot.at + ticket.state] = state.left;
        const found = Atomics.load(words, slot.at + ticket.state);
        if (found === state.open) {
          if (!takesPart || !this.help(halves))
            Atomics.wait(words, slot.at + ticket.state, state.open);
          continue;
        }
        if (found === state.left && !mine) this.unshared.add(halves);
        const rowsOfBlock = { from: startOf(done), to: startOf(done + 1) };
        if (found !== state.left) this.learn(slot, halves, rowsOfBlock, here);
        const changed = step(() => {
          if (found === state.left) code(rowsOfBlock.from, rowsOfBlock.to);
          else this.put(slot, halves);
        });
        if (found === state.full) {
          this.turn(slot, state.open);
        } else {
          done++;
          this.blocks++;
          if (found === state.done && !slot.own) this.blocksOfOthers++;
        }
        // What is gathered by then is forgotten, as it is for code that is no more.
        const alone = this.unshared.has(halves) || (form === "bits" && this.mostlyNew(here));
        if (changed || alone || this.crowded) return { row: startOf(done), alone };
      }
    } finally {
      open -= this.withdrawn();
      for (let block = done; block < open; block++) this.abandon(slotOfBlock(block));
    }
    return { row: startOf(done), alone: done < blocks };
  }

  /** Has the threads end. */
  end(): void {
    const { words } = this;
    this.words = null;
    if (words === null || words === undefined) return;
    Atomics.store(words, desk.opened, closed);
    Atomics.notify(words, desk.opened);
  }

  /** How much work a row of a rule is. */
  private workOf(halves: RuleHalves): number {
    const { rows = 1, derived = this.rules.workAtFirst } = this.experiences.get(halves) ?? {};
    return 1 + derived / rows;
  }

  /** Takes note of what a block was. How much was derived is known when it is done. */
  private learn({ frame, at }: Slot, halves: RuleHalves, rows: RowRange, here: Experience): void {
    here.gathered += frame[halves.sizeAt]!;
    if (this.words![at + ticket.state] !== state.done) return;
    const { rows: before = 0, derived = 0 } = this.experiences.get(halves) ?? {};
    here.rows += rows.to - rows.from;
    here.derived += frame[halves.derivedAt]!;
    this.experiences.set(halves, {
      rows: before + rows.to - rows.from,
      derived: derived + frame[halves.derivedAt]!,
    });
  }

  /** Starts the threads; returns what they share, or nothing where they cannot share it. */
  private begun(): Int32Array | undefined {
    const { memory, rules } = this;
    const { shared } = memory;
    let slots = 1;
    while (slots < rules.slotsPerThread * (this.threads + 1)) slots *= 2;
    const arrays: Int32Array[] = [];
    const array = (length: number): Int32Array => {
      const made = memory.array(length);
      arrays.push(made);
      return made;
    };
    try {
      const words = array(desk.words + slots * ticket.words);
      this.slots = Array.from({ length: slots }, (_, at) => {
        const [frame, gathered] = [array(frameWords), array(rules.gatheredWords)];
        return { at: slotOf(at, slots), frame, gathered, own: false };
      });
      if (shared !== undefined && arrays.every((one) => memory.addressOf(one) !== undefined)) {
        words[desk.slots] = slots;
        this.gatherer = new Gatherer(shared, () => this.enlarge());
        this.pool.start(shared, words.byteOffset);
        return words;
      }
    } catch (fault) {
      if (!(fault instanceof LimitFault)) throw fault;
    }
    for (const one of arrays) memory.release(one);
    return undefined;
  }

  /** Says in a slot what is to be gathered; returns whether that can be. */
  private prepare(slot: Slot, halves: RuleHalves, code: Code, rows: RowRange): boolean {
    const { frame, at } = slot;
    if (!this.fill(slot, halves)) return false;
    const words = this.words!;
    slot.own = false;
    words[at + ticket.from] = rows.from;
    words[at + ticket.to] = rows.to;
    words[at + ticket.code] = code.number;
    words[at + ticket.codeAt] = code.bytes.byteOffset;
    words[at + ticket.codeBytes] = halves.gathering.length;
    words[at + ticket.frame] = frame.byteOffset;
    words[at + ticket.state] = state.open;
    return true;
  }

  private fill({ frame, gathered }: Slot, halves: RuleHalves): boolean {
    return halves.fill(frame, columnsIn(gathered, halves), roomIn(gathered, halves));
  }

  /** Has the code of a rule lie where all threads can read it. */
  private codeOf({ gathering }: RuleHalves): Code | undefined {
    let code = this.codes.get(gathering);
    if (code === undefined) {
      const bytes = this.memory.array(Math.ceil(gathering.length / 4));
      if (this.memory.addressOf(bytes) === undefined) return undefined;
      new Uint8Array(bytes.buffer, bytes.byteOffset, gathering.length).set(gathering);
      code = { number: this.codes.size, bytes };
      this.codes.set(gathering, code);
    }
    return code;
  }

  /** Gives out tickets before `opened`, of which so many are new. */
  private announce(opened: number, count: number): void {
    Atomics.store(this.words!, desk.opened, opened % ticketsMax);
    Atomics.notify(this.words!, desk.opened, count);
  }

  /** Takes back what nobody has; returns how many tickets that were. */
  private withdrawn(): number {
    const words = this.words!;
    const opened = Atomics.load(words, desk.opened);
    for (;;) {
      const next = Atomics.load(words, desk.claimed);
      if (Atomics.compareExchange(words, desk.claimed, next, opened) === next)
        return (opened - next + ticketsMax) % ticketsMax;
    }
  }

  /** Gathers a block that nobody has, while another thread has the one whose turn it is; returns
   * whether there was one. */
  private help(halves: RuleHalves): boolean {
    const words = this.words!;
    const next = claimed(words, Atomics.load(words, desk.opened));
    if (next === undefined) return false;
    const slot = this.slots[next & (this.slots.length - 1)]!;
    this.own = { slot, halves };
    const gathered = this.gatherer!.gather(words, slot.at);
    words[slot.at + ticket.state] = gathered ? state.done : state.left;
    slot.own = true;
    return true;
  }

  /** Makes room for what this thread gathers. */
  private enlarge(): void {
    const { slot, halves } = this.own!;
    const { memory } = this;
    const count = slot.frame[halves.sizeAt]!;
    const before = columnsIn(slot.gathered, halves);
    const gathered = memory.array(2 * slot.gathered.length);
    for (const [at, column] of columnsIn(gathered, halves).entries()) column.set(before[at]!);
    memory.release(slot.gathered);
    slot.gathered = gathered;
    // Where it does not lie in the memory the frame is of no use.
    if (!this.fill(slot, halves)) throw new Left();
    slot.frame[halves.sizeAt] = count;
  }

  /** Puts in what was gathered in a slot. */
  private put({ frame, gathered }: Slot, halves: RuleHalves): void {
    halves.put(columnsIn(gathered, halves), frame[halves.sizeAt]!);
    frame[halves.sizeAt] = 0;
  }

  /** Waits until nobody works on a slot any more. */
  private abandon({ at }: Slot): void {
    const words = this.words!;
    for (;;) {
      const found = Atomics.load(words, at + ticket.state);
      if (found === state.done || found === state.left) return;
      if (found === state.full) this.turn({ at }, state.abandoned);
      else Atomics.wait(words, at + ticket.state, found);
    }
  }

  private turn({ at }: Pick<Slot, "at">, to: number): void {
    Atomics.store(this.words!, at + ticket.state, to);
    Atomics.notify(this.words!, at + ticket.state);
  }

  private mostlyNew({ derived, gathered }: Experience): boolean {
    const { newBitsMax, judgedMin } = this.rules;
    return derived >= judgedMin && gathered > newBitsMax * derived;
  }

  private get crowded(): boolean {
    return this.memory.releasedBytes > this.rules.releasedBytesMax;
  }
}

function roomIn(gathered: Int32Array, { arity }: RuleHalves): number {
  return Math.floor(gathered.length / arity);
}

function columnsIn(gathered: Int32Array, halves: RuleHalves): Int32Array[] {
  const room = roomIn(gathered, halves);
  return Array.from({ length: halves.arity }, (_, at) =>
    gathered.subarray(at * room, (at + 1) * room),
  );
}
