// What is read ahead is carried out in the order of the log, however long its fetches take.
import { expect } from "chai";

import { random, type Random } from "../../../src/base/random.ts";
import { MemoryStorage } from "../../../src/calvin/memory-storage.ts";
import { Partitions } from "../../../src/calvin/partitions.ts";
import type { OrderedRequest, WholeRecord } from "../../../src/calvin/record.ts";
import { Replica } from "../../../src/calvin/replica.ts";
import type { Pattern, Row, TransactionCode } from "../../../src/calvin/transaction.ts";
import { ReadAhead } from "../../../src/server/ordered/read-ahead.ts";

const seed = Number(process.env["SEED"] ?? 1);
const keys = [[0]];

/** Adds to the number of a key: what comes out depends on all that came before. */
const add: TransactionCode = {
  ...{ name: "add", parameters: [], relations: { reads: [0], writes: [0] } },
  footprint: ([key = null]) => {
    const of: Pattern[] = [{ relation: 0, columns: [0], values: [key] }];
    return { reads: of, writes: of };
  },
  run(view, [key = null, by = 0n]) {
    const before = [...view.tuples({ relation: 0, columns: [0], values: [key] })];
    const sum = before.reduce((all, [, of]) => all + BigInt(Number(of)), 0n);
    const row = (value: bigint): Row => ({ relation: 0, values: [key, value] });
    const removed = before.map(([, of]) => row(BigInt(Number(of))));
    return { kind: "done", removed, inserted: [row(sum * 3n + BigInt(Number(by)))] };
  },
};

function logOf(chance: Random, epochs: number): WholeRecord[] {
  return Array.from({ length: epochs }, (_, at): WholeRecord => {
    const epoch = at + 1;
    const requests = Array.from({ length: chance.below(4) }, (__, of): OrderedRequest => {
      const args = [BigInt(chance.below(5)), BigInt(chance.below(9))];
      return { id: `${epoch} ${of}`, transaction: "add", args, attempt: 0 };
    });
    const batches = [{ sequencer: "s/1", number: epoch, requests }];
    return { epoch, previous: "", nowMs: 0, seed: 0, engine: "", frontier: new Map(), batches };
  });
}

function replicaOf(): Replica {
  const codes = new Map([["add", add]]);
  const [partitions, storage] = [new Partitions(1, keys), new MemoryStorage()];
  return new Replica({ partition: 0, partitions, keys, codes, storage });
}

describe("what is read ahead", () => {
  it("leads to the same state, in whatever order and however its fetches end", async () => {
    for (let run = seed; run < seed + 10; run++) {
      const chance = random(run);
      const log = logOf(chance, 60);
      const expected = replicaOf();
      for (const record of log) expected.apply(record, []);

      const replica = replicaOf();
      const fetches: (() => void)[] = [];
      const counts = { fetching: 0, most: 0, failed: 0, over: false };
      const limits = { aheadMax: chance.between(1, 8), fetchingMax: chance.between(1, 4) };
      const ahead = new ReadAhead<WholeRecord>({
        ...limits,
        fetch: (record) => {
          expect(replica.touchedBy(record)).to.have.length.at.most(3);
          counts.most = Math.max(counts.most, ++counts.fetching);
          return new Promise((resolve, reject) => {
            fetches.push(() => {
              counts.fetching--;
              if (!chance.chance(0.1)) resolve();
              else reject(new Error(`the disk fails for the ${++counts.failed}th time`));
            });
          });
        },
        carryOut: (record) => {
          replica.apply(record, []);
          return Promise.resolve();
        },
      });
      const ended = (async () => {
        for (const record of log) {
          await ahead.take(record);
          expect(record.epoch - replica.completed.epoch).to.be.below(limits.aheadMax);
        }
        await ahead.end();
      })().finally(() => (counts.over = true));
      while (!counts.over) {
        const [fetched] = fetches.splice(chance.below(Math.max(1, fetches.length)), 1);
        fetched?.();
        // What follows from it has its turn, or not yet.
        if (fetched === undefined || chance.chance(0.7)) await new Promise(setImmediate);
      }
      await ended;
      expect(replica.completed, `seed ${run}`).to.deep.equal(expected.completed);
      expect(counts.most).to.be.at.most(limits.fetchingMax);
    }
  });

  it("is not carried out after what could not be, and who waits is told", async () => {
    const done: number[] = [];
    const ahead = new ReadAhead<number>({
      ...{ aheadMax: 3, fetchingMax: 1, fetch: () => Promise.resolve() },
      carryOut(item) {
        if (item === 2) return Promise.reject(new Error("two"));
        done.push(item);
        return Promise.resolve();
      },
    });
    const failed: string[] = [];
    const noted = (error: unknown): void => {
      failed.push(error instanceof Error ? error.message : "");
    };
    for (const item of [1, 2, 3, 4]) await ahead.take(item).catch(noted);
    await ahead.end().catch(noted);
    expect(done).to.deep.equal([1]);
    expect(failed).to.deep.equal(["two", "two"]);
  });
});
