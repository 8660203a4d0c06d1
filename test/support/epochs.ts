// Records of the ordered log, for tests of what keeps them.
import { type Random, random } from "../../src/base/random.ts";
import { type EpochRecord, type OrderedRequest } from "../../src/calvin/record.ts";
import { recordHash, textHash } from "../../src/runtime/node/record-hash.ts";
import type { Link } from "../../src/runtime/record-chain.ts";
import type { Value } from "../../src/value/schema.ts";

/** The hash of a record. */
export function hashOf(record: EpochRecord): string {
  return recordHash(record);
}

/** The record that follows another one; `name` tells it from those that would follow, too. */
export function recordAfter({ epoch, hash }: Link, name: string, padding = 0): EpochRecord {
  const id = name.slice(0, 100);
  const args = [BigInt(epoch), `${name} ${"x".repeat(padding)}`];
  const request = { id, transaction: "put", args, attempt: 0 };
  const frontier = new Map([[`${id.replaceAll(" ", "-")}/1`, epoch]]);
  const batches = [{ sequencer: "n/1", number: epoch + 1, requests: [request] }];
  const made = { epoch: epoch + 1, previous: hash, nowMs: 1_000 + epoch, seed: epoch };
  return { ...made, batches, frontier, engine: "e1" };
}

/** Records that follow each other. */
export function chainOf(count: number, name: string, after: Link = { epoch: 0, hash: "" }) {
  const records: EpochRecord[] = [];
  let link = after;
  for (let at = 0; at < count; at++) {
    const record = recordAfter(link, `${name} ${at}`);
    records.push(record);
    link = { epoch: record.epoch, hash: hashOf(record) };
  }
  return records;
}

/** A record that has a bit of everything. */
export function randomRecord(seed: number): EpochRecord {
  const chance = random(seed);
  const some = <T>(make: () => T): T[] => Array.from({ length: chance.below(4) }, make);
  return {
    epoch: 1 + chance.below(2 ** 30),
    previous: textHash(String(seed)),
    nowMs: 1_700_000_000_000 + chance.below(2 ** 31),
    seed: chance.below(2 ** 32),
    engine: "calm 1",
    frontier: new Map(
      some(() => [`node${chance.below(999)}/${chance.below(99)}`, chance.below(9)]),
    ),
    ...(chance.chance(0.3) && {
      members: some(() => ({
        name: `node${chance.below(99)}`,
        replica: chance.below(3),
        partition: chance.below(99),
      })),
    }),
    batches: some(() => ({
      sequencer: `n${chance.below(9)}/1`,
      number: 1 + chance.below(1000),
      ...(chance.chance(0.2)
        ? { hash: textHash(String(chance.below(9))) }
        : { requests: some(() => randomRequest(chance)) }),
    })),
  };
}

/** A request that has a bit of everything. */
export function randomRequest(chance: Random): OrderedRequest {
  const values = (count: number): Value[] =>
    Array.from({ length: count }, () => randomValue(chance, 0));
  const pattern = () => {
    const columns = [0, 2, 5].slice(0, chance.below(4));
    return { relation: chance.below(50), columns, values: values(columns.length) };
  };
  return {
    ...{ id: `request ${chance.below(1000)}`, transaction: "transfer", attempt: chance.below(3) },
    args: values(chance.below(5)),
    ...(chance.chance(0.5) && {
      footprint: { reads: [pattern()], writes: [pattern(), pattern()] },
    }),
  };
}

/** A value of any kind. */
export function randomValue(chance: Random, depth: number): Value {
  const inner = (): Value[] =>
    Array.from({ length: chance.below(3) }, () => randomValue(chance, depth + 1));
  switch (chance.below(depth > 2 ? 5 : 9)) {
    case 0:
      return null;
    case 1:
      return chance.pick([0n, 1n, 127n, 128n, -1n, -(1n << 63n), (1n << 64n) - 1n, 1n << 49n]);
    case 2:
      return chance.pick([0, -0, 1.5, Infinity, -Infinity, NaN, 5e-324]);
    case 3:
      return chance.pick(["", "a", "mit Umlaut ä", "😀", 'quote " and \n', "\0"]);
    case 4:
      return BigInt(chance.below(2 ** 32)) * BigInt(chance.below(2 ** 31));
    case 5:
      return inner();
    case 6:
      return { branch: chance.pick(["A", "B"]), fields: inner() };
    case 7:
      return { elements: inner() };
    default:
      return {
        pairs: inner().map((value): [Value, Value] => [value, randomValue(chance, depth + 1)]),
      };
  }
}
