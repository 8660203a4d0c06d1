import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { type Random, random } from "../../../src/base/random.ts";
import { MemoryStorage } from "../../../src/calvin/memory-storage.ts";
import type { Changes, Storage, Version } from "../../../src/calvin/storage.ts";
import type { Pattern, Row } from "../../../src/calvin/transaction.ts";
import { LmdbStorage } from "../../../src/runtime/node/lmdb-storage.ts";
import { keyOf } from "../../../src/transducer/fact.ts";
import { printValue } from "../../../src/value/print-value.ts";
import type { Value } from "../../../src/value/schema.ts";
import { randomValue } from "../../support/epochs.ts";

const keys = [[0], [1, 0], []];
const long = "long ".repeat(500);

/** A few values, so that rows meet. */
function someValue(chance: Random, pool: readonly Value[]): Value {
  return chance.pick(pool);
}

function someRow(chance: Random, pool: readonly Value[]): Row {
  return { relation: chance.below(3), values: [someValue(chance, pool), someValue(chance, pool)] };
}

function somePattern(chance: Random, pool: readonly Value[]): Pattern {
  const columns = [0, 1].filter(() => chance.chance(0.5));
  const values = columns.map(() => someValue(chance, pool));
  return { relation: chance.below(3), columns, values };
}

function textsOf(tuples: Iterable<readonly Value[]>): string[] {
  return [...tuples].map((tuple) => tuple.map(printValue).join()).toSorted();
}

function versionsOf(versions: Iterable<Version>): string[] {
  return [...versions].map(({ row, from, to }) => `${keyOf(row)} ${from} ${to}`).toSorted();
}

describe("storage on disk", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), "calm-lmdb-"));
  });

  afterEach(() => fs.rm(folder, { recursive: true }));

  it("has what storage in memory has, at every place, also when it is opened again", async function () {
    this.timeout(180_000);
    for (let seed = 1; seed <= 6; seed++) {
      const chance = random(seed);
      const pool = [long, `${long}!`, ...Array.from({ length: 4 }, () => randomValue(chance, 0))];
      const memory = new MemoryStorage();
      const path = join(folder, String(seed));
      let disk = new LmdbStorage(path, { keys });
      const there = new Map<string, Row>();
      let horizon = 0;
      for (let at = 10; at < 400; at += 1 + chance.below(3)) {
        const changes = someChanges(chance, pool, there);
        for (const storage of [memory, disk] as Storage[]) storage.apply(at, changes);
        if (chance.chance(0.02)) {
          horizon = Math.max(horizon, at - chance.below(60));
          for (const storage of [memory, disk] as Storage[]) storage.forget(horizon);
        }
        if (chance.chance(0.05)) {
          disk.write(() => ({ before: at + 1, note: Buffer.of(seed) }));
          await disk.close();
          disk = new LmdbStorage(path, { keys });
          expect(disk.applied?.before).to.equal(at + 1);
        }
        const before = chance.between(horizon, at + 1);
        const pattern = somePattern(chance, pool);
        const label = `seed ${seed} at ${at} before ${before}`;
        const found = textsOf(disk.tuples(pattern, before));
        expect(found, label).to.deep.equal(textsOf(memory.tuples(pattern, before)));
      }
      const all = versionsOf(disk.versions(horizon));
      expect(all).to.deep.equal(versionsOf(memory.versions(horizon)));
      expect(all.length).to.be.greaterThan(10);
      await disk.close();
    }
  });

  it("gives the versions of a moment, while rows change and are forgotten", async () => {
    const rows = Array.from({ length: 600 }, (_, at): Row => {
      return { relation: 0, values: [BigInt(at), "x"] };
    });
    const disk = new LmdbStorage(folder, { keys });
    disk.apply(1, { removed: [], inserted: rows });
    const whole = versionsOf(disk.versions(0));
    const [from] = [disk.versions(0)[Symbol.iterator]()];
    const first = from.next();
    disk.apply(2, { removed: rows.slice(100, 500), inserted: [] });
    disk.apply(3, { removed: [], inserted: [{ relation: 1, values: ["new", 1n] }] });
    disk.forget(4);
    const rest = Array.from({ [Symbol.iterator]: () => from });
    expect(versionsOf([...(first.done === true ? [] : [first.value]), ...rest])).to.deep.equal(
      whole,
    );
    expect(versionsOf(disk.versions(4))).to.have.length(201);
    await disk.close();
  });

  it("goes through many rows that fit a pattern while they change", async () => {
    const rows = Array.from({ length: 600 }, (_, at): Row => {
      return { relation: 2, values: [BigInt(at), "x"] };
    });
    const disk = new LmdbStorage(folder, { keys });
    disk.apply(1, { removed: [], inserted: rows });
    let at = 2;
    let seen = 0;
    for (const [number] of disk.tuples({ relation: 2, columns: [], values: [] }, 2)) {
      if (seen++ % 50 !== 0) continue;
      const late = { relation: 2, values: [BigInt(1000 + seen), "y"] };
      const gone = rows.filter(({ values }) => values[0] === number);
      disk.apply(++at, { removed: gone, inserted: [late] });
    }
    expect(seen).to.equal(600);
    expect([...disk.tuples({ relation: 2, columns: [], values: [] }, at + 1)]).to.have.length(600);
    await disk.close();
  });

  it("has rows fetched by whole keys and parts of them, and is closed once they are", async () => {
    const disk = new LmdbStorage(folder, { keys });
    disk.apply(1, { removed: [], inserted: [{ relation: 1, values: ["a", long] }] });
    const fetched = [
      disk.prefetch([]),
      disk.prefetch([{ relation: 1, columns: [], values: [] }]),
      disk.prefetch([
        { relation: 1, columns: [1], values: [long] },
        { relation: 1, columns: [0, 1], values: ["b", long] },
        { relation: 0, columns: [0], values: [1n] },
      ]),
    ];
    let ended = 0;
    for (const one of fetched) void one.then(() => ended++);
    await disk.close();
    expect(ended).to.equal(3);
  });

  it("takes back what is after the place that it is known to be carried out up to", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name): Row => ({ relation: 0, values: [name, 1n] })) as [
      Row,
      Row,
      Row,
    ];
    const disk = new LmdbStorage(folder, { keys });
    expect(disk.applied).to.equal(undefined);
    disk.write(() => {
      disk.apply(5, { removed: [], inserted: [a, b] });
      return { before: 10, note: Buffer.from("ten") };
    });
    const whole = versionsOf(disk.versions(0));
    disk.write(() => {
      disk.apply(12, { removed: [a], inserted: [c] });
      return undefined;
    });
    disk.apply(13, { removed: [b], inserted: [a] });
    await disk.flush();
    await disk.close();
    const again = new LmdbStorage(folder, { keys });
    expect(again.applied).to.deep.equal({ before: 10, note: Uint8Array.from(Buffer.from("ten")) });
    expect(versionsOf(again.versions(0))).to.deep.equal(whole);
    again.apply(12, { removed: [a], inserted: [c] });
    expect(textsOf(again.tuples({ relation: 0, columns: [], values: [] }, 13))).to.deep.equal([
      '"b",1',
      '"c",1',
    ]);
    await again.close();
  });
});

function someChanges(chance: Random, pool: readonly Value[], there: Map<string, Row>): Changes {
  const removed = [...there.values()].filter(() => chance.chance(0.1));
  for (const row of removed) there.delete(keyOf(row));
  const rows = Array.from({ length: chance.below(3) }, () => someRow(chance, pool));
  const inserted = rows.filter((row) => !there.has(keyOf(row)));
  for (const row of inserted) there.set(keyOf(row), row);
  return { removed, inserted: [...new Map(inserted.map((row) => [keyOf(row), row])).values()] };
}
