// Which node owns a key: consistent hashing with virtual nodes (Karger and others, STOC 1997). The
// hashes of keys and of virtual nodes lie on one ring of 2^32 points; a key is owned by the first
// virtual node at its point or after it. A member that comes or goes moves its own share alone.
import { assert } from "../base/assert.ts";
import type { Value } from "../value/schema.ts";
import type { Implementation, Implementations } from "../value/user-functor.ts";

/** How many virtual nodes a member has: shares differ by some percent. */
const virtualNodes = 256;

/** How many points the ring has. */
export const ringPoints = 2 ** 32;

/** A part of the ring: the points from `from` up to but without `to`. */
export type KeyRange = { readonly from: number; readonly to: number };

/** Keys that change their owner. */
export type Move = KeyRange & {
  /** Absent where there was no member before. */
  readonly old?: string;
  readonly new?: string;
};

/** Who owns which keys, for some members: a function of the set of their names alone. */
export class Owners {
  readonly members: readonly string[];
  /** The points of the virtual nodes in ascending order, and whose they are. */
  private readonly points: readonly { readonly point: number; readonly member: string }[];

  constructor(members: Iterable<string>) {
    this.members = [...new Set(members)].toSorted(byUnits);
    // Two members at one point: the lesser name has it.
    const taken = new Map<number, string>();
    for (const member of this.members)
      for (let at = 0; at < virtualNodes; at++) {
        const point = keyHash([member, BigInt(at)]);
        if (!taken.has(point)) taken.set(point, member);
      }
    this.points = [...taken]
      .map(([point, member]) => ({ point, member }))
      .toSorted((a, b) => a.point - b.point);
  }

  /** The owner of a key: of the values of the columns that a relation is partitioned by, in the
   * order in which the qualifier names them. */
  of(key: readonly Value[]): string {
    const owner = this.at(keyHash(key));
    assert(owner !== undefined, "a network has members");
    return owner;
  }

  /** The owners of a tuple, by lists of columns (`ownersOf` in `plan/partitioned-program.ts`); the
   * first accepts it. */
  ofTuple(keys: readonly (readonly number[])[], tuple: readonly Value[]): string[] {
    return keys.map((key) => this.of(key.map((column) => tuple[column] ?? null)));
  }

  /** The owner of the keys with this hash; undefined where there are no members. */
  at(hash: number): string | undefined {
    const { points } = this;
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle]?.point ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return (points[low] ?? points[0])?.member;
  }

  /** The parts of the ring with their owners, in ascending order; together they are all of it. */
  ranges(): readonly (KeyRange & { readonly member: string })[] {
    const { points } = this;
    const [first] = points;
    if (first === undefined) return [];
    const found = points.map(({ point, member }, at) => {
      const before = points[at - 1];
      return { from: before === undefined ? 0 : before.point + 1, to: point + 1, member };
    });
    const end = points.at(-1)?.point ?? 0;
    if (end + 1 < ringPoints) found.push({ from: end + 1, to: ringPoints, member: first.member });
    return found;
  }
}

/** Returns the parts of the ring that change their owner between two sets of members, in ascending
 * order. A tuple of a partitioned relation moves where the hash of its key is in one of them. */
export function moves(before: Owners, after: Owners): Move[] {
  const ends = new Set([...before.ranges(), ...after.ranges()].map(({ to }) => to));
  const found: Move[] = [];
  let from = 0;
  for (const to of [...ends].toSorted((a, b) => a - b)) {
    const [old, now] = [before.at(from), after.at(from)];
    const last = found.at(-1);
    if (old !== now && last?.to === from && last.old === old && last.new === now)
      found.splice(-1, 1, { ...last, to });
    else if (old !== now)
      found.push({
        from,
        to,
        ...(old !== undefined && { old }),
        ...(now !== undefined && { new: now }),
      });
    from = to;
  }
  return found;
}

/** Returns what computes those of some functors by which a partitioned program asks for owners (see
 * `plan/partition.ts`). */
export function ownerFunctors(
  functors: readonly { readonly name: string }[],
  owners: Owners,
): Implementations {
  const implementation: Implementation = (...key: readonly Value[]) => owners.of(key);
  return Object.fromEntries(
    functors.flatMap(({ name }) => (name.startsWith("#owner") ? [[name, implementation]] : [])),
  );
}

/** The point of a key on the ring: the 32-bit FNV-1a hash of its bytes, mixed once more as
 * MurmurHash3 ends, so that near keys are far apart. A value's bytes are one for its class and its
 * own: an integer's eight in two's complement, a float's eight of IEEE 754 (one zero, one NaN), a
 * symbol's length and UTF-8; of structures the number of parts and the parts. The highest come
 * first. The hash is the same on every machine. */
export function keyHash(key: readonly Value[]): number {
  const bytes = new Hashed();
  for (const value of key) bytes.value(value);
  return bytes.point();
}

/** The point of a key that is one whole number, exact as a double: `keyHash` of it. */
export function integerHash(number: number): number {
  let hash = Math.imul(0x811c9dc5 ^ 1, 0x01000193);
  const high = Math.floor(number / 2 ** 32);
  for (let shift = 24; shift >= 0; shift -= 8)
    hash = Math.imul(hash ^ ((high >>> shift) & 0xff), 0x01000193);
  for (let shift = 24; shift >= 0; shift -= 8)
    hash = Math.imul(hash ^ ((number >>> shift) & 0xff), 0x01000193);
  return ended(hash);
}

const scratch = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();

class Hashed {
  private hash = 0x811c9dc5;

  value(value: Value): void {
    if (typeof value === "bigint") {
      scratch.setBigInt64(0, BigInt.asIntN(64, value));
      this.scratched(1);
    } else if (typeof value === "number") {
      if (Number.isNaN(value)) scratch.setBigUint64(0, 0x7ff8n << 48n);
      else scratch.setFloat64(0, value + 0);
      this.scratched(2);
    } else if (typeof value === "string") {
      const bytes = encoder.encode(value);
      this.count(3, bytes.length);
      for (const byte of bytes) this.byte(byte);
    } else if (value === null) {
      this.byte(4);
    } else if ("branch" in value) {
      this.byte(5);
      this.value(value.branch);
      this.value(value.fields);
    } else if ("elements" in value) {
      this.parts(6, value.elements);
    } else if ("pairs" in value) {
      this.parts(7, value.pairs.flat());
    } else {
      this.parts(8, value);
    }
  }

  point(): number {
    return ended(this.hash);
  }

  private parts(tag: number, parts: readonly Value[]): void {
    this.count(tag, parts.length);
    for (const part of parts) this.value(part);
  }

  private count(tag: number, count: number): void {
    scratch.setUint32(0, 0);
    scratch.setUint32(4, count);
    this.scratched(tag);
  }

  private scratched(tag: number): void {
    this.byte(tag);
    for (let at = 0; at < 8; at++) this.byte(scratch.getUint8(at));
  }

  private byte(byte: number): void {
    this.hash = Math.imul(this.hash ^ byte, 0x01000193);
  }
}

function ended(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The order of UTF-16 units, which no locale changes. */
function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
