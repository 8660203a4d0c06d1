import { expect } from "chai";

import { checkpoint } from "../../src/calvin/checkpoint.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import type { OrderedBatch, OrderedRequest } from "../../src/calvin/record.ts";
import { Replica } from "../../src/calvin/replica.ts";
import { Sequencer } from "../../src/calvin/sequencer.ts";
import type { TransactionCode } from "../../src/calvin/transaction.ts";

function request(id: string, key: bigint): OrderedRequest {
  const patterns = [0n, key].map((value) => ({ relation: 0, columns: [0], values: [value] }));
  return {
    ...{ id, transaction: "add", args: [key], attempt: 0 },
    footprint: { reads: patterns.slice(0, 1), writes: patterns.slice(1) },
  };
}

function batch(number: number, key: bigint): OrderedBatch {
  return { sequencer: "a/1", number, requests: [request(`r${number}`, key)] };
}

const plan = { nowMs: 0, seed: 1, frontier: new Map() };

describe("a sequencer", () => {
  const made = (): Sequencer =>
    new Sequencer({ origin: "b/1", engine: "test", hash: (text) => String(text.length) });

  it("logs the batches of another in their order, without gaps", () => {
    const sequencer = made();
    sequencer.learn(batch(2, 1n));
    expect(sequencer.propose(plan)).to.equal(undefined);
    sequencer.learn(batch(1, 2n));
    const record = sequencer.propose(plan);
    expect(record?.batches.map(({ number }) => number)).to.deep.equal([1, 2]);
    expect(record?.epoch).to.equal(1);
  });

  it("proposes one record at a time, and again what another one lacked", () => {
    const sequencer = made();
    sequencer.learn(batch(1, 1n));
    const mine = sequencer.propose(plan);
    expect(sequencer.propose(plan)).to.equal(undefined);
    if (mine === undefined) throw new Error("a batch is proposed");
    sequencer.appended({ ...mine, batches: [] });
    const next = sequencer.propose(plan);
    expect(next?.epoch).to.equal(2);
    expect(next?.batches.map(({ number }) => number)).to.deep.equal([1]);
  });

  it("takes no more requests than may wait", () => {
    const limits = { pendingRequests: 2 };
    const sequencer = new Sequencer({ origin: "b/1", engine: "", hash: String, limits });
    const taken = ["x", "y", "z"].map((id) => sequencer.submit(request(id, 1n), 0));
    expect(taken).to.deep.equal([true, true, false]);
  });
});

describe("a checkpoint", () => {
  it("holds the rows after its epoch, while a later one is carried out in part", () => {
    const keys = [[0]];
    const partitions = new Partitions(2, keys);
    // Keys at the partition that does not have the key 0, which a request reads unless it is alone.
    const partition = 1 - partitions.of({ relation: 0, values: [0n] });
    const key = keyAt(partitions, partition, []);
    const free = keyAt(partitions, partition, [key]);
    const add: TransactionCode = {
      ...{ name: "add", parameters: [], relations: { reads: [0], writes: [0] } },
      footprint: () => undefined,
      run: (_, [of = null]) => ({
        ...{ kind: "done", removed: [] },
        inserted: [{ relation: 0, values: [of] }],
      }),
    };
    const codes = new Map([["add", add]]);
    const storage = new MemoryStorage();
    const replica = new Replica({ partition, partitions, keys, codes, storage });
    const alone = (id: string, of: bigint): OrderedRequest => ({
      ...request(id, of),
      footprint: { reads: [], writes: [{ relation: 0, columns: [0], values: [of] }] },
    });
    const record = (epoch: number, requests: OrderedRequest[]) => ({
      ...{ epoch, previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "" },
      batches: [{ sequencer: "a/1", number: epoch, requests }],
    });
    replica.apply(record(1, [alone("r1", key)]), []);
    // Epoch 2 waits for what the other partition reads; epoch 3 does not, and is carried out.
    replica.apply(record(2, [request("r2", key)]), []);
    replica.apply(record(3, [alone("r3", free)]), []);
    expect(replica.completed.epoch).to.equal(1);
    expect(storage.size).to.equal(2);
    const { state, versions } = checkpoint(replica, storage, 0);
    expect(state.epoch).to.equal(1);
    expect([...versions].map(({ row }) => row.values)).to.deep.equal([[key]]);
  });
});

function keyAt(partitions: Partitions, partition: number, taken: readonly bigint[]): bigint {
  for (let key = 1n; ; key++)
    if (!taken.includes(key) && partitions.of({ relation: 0, values: [key] }) === partition)
      return key;
}
