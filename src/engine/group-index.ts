// It is long because what builds, extends and searches an index has to agree on its layout.
import { factor, finish, hash2, hashOf, shiftOf } from "../codegen/hash.ts";
import type { Index, IndexForm, Store } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import { countKeys, putRows, putWords, takeCounts, takeStarts } from "./counting-sort.ts";
import { LimitFault } from "./limit.ts";
import type { Memory } from "./memory.ts";

const slotsAtFirst = 16;
/** Word offsets into the directory fit into a word. */
const slotsMax = 2 ** 28;
/** A hashed directory has room for this share of its slots. */
const loadMax = 0.6;
/** In longer groups items are not moved up one by one, */
const shiftedItemsMax = 1 << 12;
/** nor where more than one of so many goes. */
const shiftsPerPass = 16;
/** Where more than one row of so many goes, all are gone through. */
const rowsPerSweep = 8;
/** A direct directory may be this many times as long as a hashed one would be. */
const directPerHashed = 2;

/** The rows that an index is of. */
export type IndexedRows = Pick<Store, "columns" | "from" | "gone">;

/** The rows of a relation by some of its columns. A first build lays the groups side by side; later
 * rows are added to the ends of groups, which move to the end of `items`, with room for as many
 * again, when they are full. */
export class GroupIndex implements Index {
  readonly columns: readonly number[];
  readonly form: IndexForm;
  directory: Int32Array;
  multiplier = factor(0);
  shift = 0;
  mask = 0;
  step = 0;
  jump = 0;
  items: Int32Array;
  private readonly store: IndexedRows;
  private readonly memory: Memory;
  /** The words that `form` asks for: a column, or none for row numbers. */
  private readonly itemColumn: number | undefined;
  /** For each slot, how many items its group has place for; while absent, just what it holds. */
  private rooms: Int32Array | undefined;
  private readonly key: Int32Array;
  private covered = 0;
  /** So many rows are counted as stable; nothing where they are not. */
  private stable: number | undefined;
  private groups = 0;
  private used = 0;
  /** The least and the greatest key of one word. */
  private low = 0;
  private high = 0;

  constructor(store: IndexedRows, columns: readonly number[], form: IndexForm, memory: Memory) {
    this.store = store;
    this.columns = columns;
    this.form = form;
    this.memory = memory;
    this.key = new Int32Array(columns.length);
    const rest = store.columns.findIndex((_, at) => !columns.includes(at));
    this.itemColumn = form === "values" ? rest : undefined;
    this.items = memory.array(0);
    this.directory = memory.array(0);
    this.layOut();
  }

  get memoryBytes(): number {
    return this.directory.byteLength + this.items.byteLength + (this.rooms?.byteLength ?? 0);
  }

  /** Gives the memory back; the index is not used again. */
  release(): void {
    this.memory.release(this.directory);
    this.memory.release(this.items);
    if (this.rooms !== undefined) this.memory.release(this.rooms);
  }

  share(): void {
    this.directory = this.memory.moved(this.directory);
    this.items = this.memory.moved(this.items);
  }

  /** Has groups tell from now on which of their values are of stable rows, as of the last time that
   * rows were taken in. Keys are of one word. */
  tellStable(): void {
    this.stable ??= 0;
  }

  /** Takes the rows up to `to` in. */
  extend(to: number): void {
    if (to > this.covered) {
      if (to - this.covered >= this.covered) this.build(to);
      else this.add(to);
      this.covered = to;
    }
    if (this.stable !== undefined) this.countStable(this.stable);
  }

  /** Counts rows that have become stable since so many were. */
  private countStable(before: number): void {
    const { store, covered } = this;
    const until = Math.min(store.from, covered);
    let row = before;
    if (until < row) {
      for (let slot = 0; slot < this.directory.length; slot += 4) this.directory[slot + 1] = 0;
      row = 0;
    }
    const holes = store.gone.length > 0;
    for (; row < until; row++) {
      if (!holes || !this.isGone(row)) this.directory[this.slotOf(row) + 1]!++;
    }
    this.stable = until;
  }

  /** Takes rows out that are let go of, each of which is in or has not come in yet. What leaves one
   * group leaves it together. */
  takeOut(rows: readonly number[]): void {
    if (rows.length > this.covered / rowsPerSweep) {
      if (this.direct && this.itemColumn === undefined) this.sweep();
      else this.clear();
      return;
    }
    this.rooms ??= this.lengths();
    if (this.stable !== undefined) this.stable = Infinity;
    const leaving = new Map<number, number[]>();
    // A slot that is empty ends the search for others, so all are found first.
    for (const row of rows) {
      if (row >= this.covered) continue;
      const slot = this.slotOf(row);
      const group = leaving.get(slot);
      if (group === undefined) leaving.set(slot, [row]);
      else group.push(row);
    }
    const emptied: number[] = [];
    for (const [slot, group] of leaving) {
      const length = this.directory[slot + 3]!;
      if (group.length * shiftsPerPass < length && length <= shiftedItemsMax)
        for (const row of group) this.takeOne(slot, row);
      else this.takeMany(slot, group);
      if (this.directory[slot + 3] === 0) emptied.push(group[0]!);
    }
    // Slots that follow an empty one may be moved to it, so that it is looked for again.
    for (const row of emptied) this.close(row);
  }

  /** Takes all rows out that were let go of. The directory is direct, and items are rows. */
  private sweep(): void {
    this.rooms ??= this.lengths();
    if (this.stable !== undefined) this.stable = Infinity;
    const { directory, items, rooms } = this;
    for (let slot = 0; slot < directory.length; slot += 4) {
      const start = directory[slot + 2]!;
      const length = directory[slot + 3]!;
      if (length === 0) continue;
      let to = start;
      for (let at = start; at < start + length; at++) {
        const row = items[at]!;
        if (!this.isGone(row)) items[to++] = row;
      }
      directory[slot + 3] = to - start;
      if (to > start) continue;
      rooms[slot >> 2] = 0;
      this.groups--;
    }
  }

  private takeOne(slot: number, row: number): void {
    const { directory, items, itemColumn } = this;
    const start = directory[slot + 2]!;
    const end = start + directory[slot + 3]!;
    directory[slot + 3]!--;
    if (itemColumn !== undefined) {
      // Values have no order, once all are stable.
      const at = items.indexOf(this.store.columns[itemColumn]![row]!, start);
      items[at] = items[end - 1]!;
      return;
    }
    // Rows ascend.
    let at = start;
    for (let to = end; at < to;) {
      const middle = (at + to) >> 1;
      if (items[middle]! < row) at = middle + 1;
      else to = middle;
    }
    items.copyWithin(at, at + 1, end);
  }

  private takeMany(slot: number, rows: number[]): void {
    const { directory, items, itemColumn } = this;
    const start = directory[slot + 2]!;
    const end = start + directory[slot + 3]!;
    let to = start;
    if (itemColumn === undefined) {
      rows.sort((a, b) => a - b);
      let next = 0;
      for (let at = start; at < end; at++) {
        const item = items[at]!;
        if (item === rows[next]) next++;
        else items[to++] = item;
      }
    } else {
      // A tuple that came in again has its word twice, and may go twice.
      const words = this.store.columns[itemColumn]!;
      const left = new Map<number, number>();
      for (const row of rows) left.set(words[row]!, (left.get(words[row]!) ?? 0) + 1);
      for (let at = start; at < end; at++) {
        const item = items[at]!;
        const times = left.get(item);
        if (times === undefined) items[to++] = item;
        else if (times === 1) left.delete(item);
        else left.set(item, times - 1);
      }
    }
    directory[slot + 3] = to - start;
  }

  /** Gives up the slot of a row's group, which is empty; those that follow it are moved up where
   * their search passes it. */
  private close(row: number): void {
    const { directory, step } = this;
    const rooms = this.rooms!;
    this.groups--;
    let hole = this.emptiedSlotOf(row);
    rooms[hole >> 2] = 0;
    if (this.direct) return;
    for (let next = (hole + 4) & step; rooms[next >> 2] !== 0; next = (next + 4) & step) {
      const home = this.startOf(directory[next]!, directory[next + 1]!);
      if (((next - home) & step) < ((next - hole) & step)) continue;
      for (let at = 0; at < 4; at++) directory[hole + at] = directory[next + at]!;
      rooms[hole >> 2] = rooms[next >> 2]!;
      hole = next;
      rooms[hole >> 2] = 0;
    }
    directory[hole + 3] = 0;
  }

  private emptiedSlotOf(row: number): number {
    const { directory, columns, store, key } = this;
    for (let at = 0; at < key.length; at++) key[at] = store.columns[columns[at]!]![row]!;
    const hash = key.length > 2 ? hashOf(key) : key[0]!;
    const holds = (slot: number): boolean => {
      if (directory[slot + 3] !== 0 || directory[slot] !== hash) return false;
      if (key.length === 1) return true;
      return key.length === 2 ? directory[slot + 1] === key[1] : this.keyAt(directory[slot + 1]!);
    };
    let slot = this.startOf(hash, key[1] ?? 0);
    while (!holds(slot)) slot = ((slot + 4) & this.step) | this.jump;
    return slot;
  }

  /** Forgets all rows. */
  clear(): void {
    if (this.covered === 0 && this.groups === 0) return;
    this.empty();
    this.layOut();
    this.covered = 0;
  }

  private empty(): void {
    this.release();
    this.items = this.memory.array(0);
    this.directory = this.memory.array(0);
    this.rooms = undefined;
    this.groups = 0;
    if (this.stable !== undefined) this.stable = 0;
  }

  private build(to: number): void {
    this.empty();
    const range = this.columns.length === 1 ? this.rangeOf(to) : 0;
    if (range > 0 && range <= to) {
      this.buildDirect(range, to);
      return;
    }
    this.layOut();
    const { memory } = this;
    const groups = memory.array(to);
    if (this.columns.length === 2 && this.store.gone.length === 0) this.numberPairs(to, groups);
    else this.number(to, groups);
    const next = memory.array(this.groups);
    takeStarts(this.directory, next);
    this.items = memory.array(to);
    this.used = to;
    this.putItems(groups, -1, next, to);
    memory.release(groups);
    memory.release(next);
  }

  /** Writes the number of each row's group to `groups`, so that it is searched for once; in the
   * directory stands where a group's items would begin what number it has. */
  private number(to: number, groups: Int32Array): void {
    const holes = this.store.gone.length > 0;
    for (let row = 0; row < to; row++)
      if (!holes || !this.isGone(row)) groups[row] = this.counted(this.slotOf(row));
  }

  /** Does the same for keys of two words, where no row is gone. */
  private numberPairs(to: number, groups: Int32Array): void {
    const { columns, store } = this;
    const first = store.columns[columns[0]!]!;
    const second = store.columns[columns[1]!]!;
    for (let row = 0; row < to; row++) {
      const { directory, step } = this;
      const a = first[row]!;
      const b = second[row]!;
      let slot = (hash2(a, b) >>> this.shift) << 2;
      while (directory[slot + 3] !== 0 && (directory[slot] !== a || directory[slot + 1] !== b))
        slot = (slot + 4) & step;
      groups[row] = this.counted(directory[slot + 3] === 0 ? this.slotOf2(row) : slot);
    }
  }

  /** Counts a row in at the slot of its group; returns the number of the group. */
  private counted(slot: number): number {
    const { directory } = this;
    if (directory[slot + 3]!++ === 0) directory[slot + 2] = this.groups - 1;
    return directory[slot + 2]!;
  }

  /** Builds a direct directory of `slots` slots. Rows are counted beside it: its slots take four
   * times as much of the cache, and are met in the order of rows twice. */
  private buildDirect(slots: number, to: number): void {
    this.place(slots, true);
    const { store, memory, mask } = this;
    const keys = store.columns[this.columns[0]!]!;
    const next = memory.array(slots);
    if (store.gone.length === 0) countKeys(keys, mask, next, to);
    else for (let row = 0; row < to; row++) if (!this.isGone(row)) next[keys[row]! & mask]!++;
    this.groups = takeCounts(next, this.directory, this.low);
    this.items = memory.array(to);
    this.used = to;
    this.putItems(keys, mask, next, to);
    memory.release(next);
  }

  /** Puts the items of rows where `next` says for the groups that are `numbers`, masked. */
  private putItems(numbers: Int32Array, mask: number, next: Int32Array, to: number): void {
    const { items, store, itemColumn } = this;
    const words = itemColumn === undefined ? undefined : store.columns[itemColumn]!;
    if (store.gone.length > 0) {
      for (let row = 0; row < to; row++)
        if (!this.isGone(row))
          items[next[numbers[row]! & mask]!++] = words === undefined ? row : words[row]!;
    } else if (words === undefined) putRows(items, next, numbers, mask, to);
    else putWords(items, next, numbers, mask, words, to);
  }

  private isGone(row: number): boolean {
    return ((this.store.gone[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }

  /** The slots that a direct directory of the first `to` rows needs, whose keys are then known to
   * be from `low` to `high`. */
  private rangeOf(to: number): number {
    const keys = this.store.columns[this.columns[0]!]!;
    let low = keys[0]!;
    let high = low;
    for (let row = 1; row < to; row++) {
      const key = keys[row]!;
      if (key < low) low = key;
      else if (key > high) high = key;
    }
    this.low = low;
    this.high = high;
    return powerAbove(high - low);
  }

  private add(to: number): void {
    const words = this.itemColumn === undefined ? undefined : this.store.columns[this.itemColumn]!;
    let rooms = (this.rooms ??= this.lengths());
    const { store, columns, covered } = this;
    const holes = store.gone.length > 0;
    const single = columns.length === 1;
    const keys = store.columns[columns[0]!]!;
    let { directory, items, multiplier, shift, mask, step, jump } = this;
    for (let row = covered; row < to; row++) {
      if (holes && this.isGone(row)) continue;
      let slot = -1;
      if (single) {
        const key = keys[row]!;
        slot = ((Math.imul(key, multiplier) >>> shift) & mask) << 2;
        while (directory[slot + 3] !== 0 && directory[slot] !== key)
          slot = ((slot + 4) & step) | jump;
      }
      if (slot < 0 || directory[slot + 3] === 0) {
        slot = this.slotOf(row);
        ({ directory, multiplier, shift, mask, step, jump } = this);
        rooms = this.rooms!;
      }
      const length = directory[slot + 3]!;
      if (length === rooms[slot >> 2]) {
        this.move(slot, length);
        ({ items } = this);
      }
      items[directory[slot + 2]! + length] = words === undefined ? row : words[row]!;
      directory[slot + 3] = length + 1;
    }
  }

  /** Moves a full group to where it can grow. */
  private move(slot: number, length: number): void {
    const room = Math.max(2, 2 * length);
    if (this.used + room > this.items.length) this.compact(room);
    const { directory, items, used } = this;
    const start = directory[slot + 2]!;
    if (length > 32) items.copyWithin(used, start, start + length);
    else for (let at = 0; at < length; at++) items[used + at] = items[start + at]!;
    directory[slot + 2] = used;
    this.rooms![slot >> 2] = room;
    this.used = used + room;
  }

  /** Leaves the gaps behind and makes room for `more` items. */
  private compact(more: number): void {
    const { directory, items } = this;
    const rooms = this.rooms!;
    let live = 0;
    for (let at = 0; at < rooms.length; at++) live += rooms[at]!;
    const compacted = this.memory.array(Math.ceil(1.5 * live) + more);
    let used = 0;
    for (let slot = 0; slot < directory.length; slot += 4) {
      const start = directory[slot + 2]!;
      const length = directory[slot + 3]!;
      for (let at = 0; at < length; at++) compacted[used + at] = items[start + at]!;
      directory[slot + 2] = used;
      used += rooms[slot >> 2]!;
    }
    this.memory.release(items);
    this.items = compacted;
    this.used = used;
  }

  private lengths(): Int32Array {
    const rooms = this.memory.array(this.directory.length >> 2);
    for (let at = 0; at < rooms.length; at++) rooms[at] = this.directory[4 * at + 3]!;
    return rooms;
  }

  /** The slot of a row's group, which is begun if there is none. */
  private slotOf(row: number): number {
    if (this.columns.length === 1) return this.slotOf1(this.store.columns[this.columns[0]!]![row]!);
    return this.columns.length === 2 ? this.slotOf2(row) : this.slotOfMany(row);
  }

  private slotOf1(key: Word): number {
    const { directory, step, jump } = this;
    let slot = ((Math.imul(key, this.multiplier) >>> this.shift) & this.mask) << 2;
    while (directory[slot + 3] !== 0 && directory[slot] !== key) slot = ((slot + 4) & step) | jump;
    if (directory[slot + 3] !== 0) return slot;
    if (!this.admit(key)) return this.slotOf1(key);
    directory[slot] = key;
    return slot;
  }

  private slotOf2(row: number): number {
    const a = this.store.columns[this.columns[0]!]![row]!;
    const b = this.store.columns[this.columns[1]!]![row]!;
    const { directory, step } = this;
    let slot = (hash2(a, b) >>> this.shift) << 2;
    while (directory[slot + 3] !== 0 && (directory[slot] !== a || directory[slot + 1] !== b))
      slot = (slot + 4) & step;
    if (directory[slot + 3] !== 0) return slot;
    if (!this.admit(0)) return this.slotOf2(row);
    directory[slot] = a;
    directory[slot + 1] = b;
    return slot;
  }

  private slotOfMany(row: number): number {
    const { directory, step, columns, store, key } = this;
    for (let at = 0; at < key.length; at++) key[at] = store.columns[columns[at]!]![row]!;
    const hash = hashOf(key);
    let slot = (hash >>> this.shift) << 2;
    while (
      directory[slot + 3] !== 0 &&
      (directory[slot] !== hash || !this.keyAt(directory[slot + 1]!))
    )
      slot = (slot + 4) & step;
    if (directory[slot + 3] !== 0) return slot;
    if (!this.admit(0)) return this.slotOfMany(row);
    directory[slot] = hash;
    directory[slot + 1] = row;
    return slot;
  }

  /** Whether `key` is the key of a row. */
  private keyAt(row: number): boolean {
    const { columns, store, key } = this;
    for (let at = 0; at < key.length; at++)
      if (store.columns[columns[at]!]![row] !== key[at]) return false;
    return true;
  }

  /** Counts a new group with `key` in; false where the directory had to be laid out anew for it. */
  private admit(key: Word): boolean {
    const low = this.groups === 0 ? key : Math.min(this.low, key);
    const high = this.groups === 0 ? key : Math.max(this.high, key);
    this.low = low;
    this.high = high;
    const full = this.direct ? high - low > this.mask : this.groups >= loadMax * (this.mask + 1);
    if (full) {
      this.layOut();
      return false;
    }
    this.groups++;
    return true;
  }

  private get direct(): boolean {
    return this.jump !== 0;
  }

  /** Makes a directory for one group more than there are, direct if keys are dense enough. */
  private layOut(): void {
    let hashed = slotsAtFirst;
    while (this.groups >= hashed / 2) hashed *= 2;
    const single = this.columns.length === 1 && this.groups > 0;
    const range = powerAbove(this.high - this.low);
    const direct = single && range <= directPerHashed * hashed;
    const slots = direct ? range : hashed;
    this.place(slots, direct);
  }

  /** Makes a directory of `slots` slots and moves the groups into it. */
  private place(slots: number, direct: boolean): void {
    if (slots > slotsMax) throw new LimitFault("out-of-memory", "an index has too many keys");

    const { directory: old, rooms: oldRooms } = this;
    const directory = this.memory.table(4 * slots + 4);
    const rooms = oldRooms === undefined ? undefined : this.memory.array(slots + 1);
    this.mask = slots - 1;
    this.multiplier = direct ? 1 : factor(0);
    this.shift = direct ? 0 : shiftOf(slots);
    this.step = direct ? 0 : 4 * slots - 1;
    this.jump = direct ? 4 * slots : 0;
    const { mask, shift, step } = this;
    const hashing = hashings[this.columns.length] ?? hashedAlready;
    const multiplier = this.columns.length === 1 ? this.multiplier : hashing.first;
    const { second, mixing, finishing } = hashing;
    // Directories grow as often before this is compiled as after, so it is short in bytecode; and
    // it is the same for all keys, as what V8 has not met while it compiles is compiled again.
    for (let from = 0; from < old.length; from += 4) {
      const length = old[from + 3]!;
      if (length === 0) continue;
      const sum = (Math.imul(old[from]!, multiplier) + Math.imul(old[from + 1]!, second)) | 0;
      const hash = Math.imul(sum ^ ((sum >>> 15) & mixing), finishing);
      let slot = ((hash >>> shift) & mask) << 2;
      while (directory[slot + 3] !== 0) slot = (slot + 4) & step;
      directory[slot] = old[from]!;
      directory[slot + 1] = old[from + 1]!;
      directory[slot + 2] = old[from + 2]!;
      directory[slot + 3] = length;
      if (rooms !== undefined) rooms[slot >> 2] = oldRooms![from >> 2]!;
    }
    this.memory.release(old);
    if (oldRooms !== undefined) this.memory.release(oldRooms);
    this.directory = directory;
    this.rooms = rooms;
  }

  /** Where the search for a slot that holds these words starts. */
  private startOf(first: Word, second: Word): number {
    switch (this.columns.length) {
      case 1:
        return ((Math.imul(first, this.multiplier) >>> this.shift) & this.mask) << 2;
      case 2:
        return (hash2(first, second) >>> this.shift) << 2;
      default:
        return (first >>> this.shift) << 2;
    }
  }
}

/** How a slot's first two words become the hash that its group is found by: their sum, times these,
 * is mixed as `hash2` does it where `mixing` has all bits, or stays as it is. */
type Hashing = {
  readonly first: number;
  readonly second: number;
  readonly mixing: number;
  readonly finishing: number;
};

/** The first word of longer keys is their hash. */
const hashedAlready: Hashing = { first: 1, second: 0, mixing: 0, finishing: 1 };

/** By the number of a key's words; that of one word is multiplied by what the index says. */
const hashings: readonly (Hashing | undefined)[] = [
  ...[undefined, hashedAlready],
  { first: factor(0), second: factor(1), mixing: -1, finishing: finish },
];

/** The least number of slots, a power of two, that is greater than `distance`. */
function powerAbove(distance: number): number {
  let power = slotsAtFirst;
  while (power <= distance) power *= 2;
  return power;
}
