// Requests of the log that come again, at replicas that remember few of them.
import { expect } from "chai";

import {
  KnownRequests,
  namedAs,
  requestName,
  storedName,
} from "../../src/calvin/known-requests.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import type { OrderedRequest, WholeRecord } from "../../src/calvin/record.ts";
import { Replica, type ReplicaState } from "../../src/calvin/replica.ts";
import { epochOf, startOf } from "../../src/calvin/storage.ts";
import type { TransactionCode } from "../../src/calvin/transaction.ts";
import { replicaStateBytes } from "../../src/runtime/checkpoint-bytes.ts";

const keys = [[0]];
const requestsPerEpoch = 4;

/** Puts a row in each of two relations: of the second one answers tell. */
const put: TransactionCode = {
  ...{ name: "put", parameters: [], relations: { reads: [], writes: [0, 1] } },
  footprint: (args) => ({
    reads: [],
    writes: [0, 1].map((relation) => ({ relation, columns: [0], values: args })),
  }),
  run: (_, args) => ({
    ...{ kind: "done", removed: [] },
    inserted: [0, 1].map((relation) => ({ relation, values: [...args, "x".repeat(1000)] })),
  }),
};

function replica(remembered: object, from?: ReplicaState): Replica {
  return new Replica({
    ...{ partition: 0, partitions: new Partitions(1, keys), keys, codes: new Map([["put", put]]) },
    ...{ storage: new MemoryStorage([], keys), remembered, isTold: (relation) => relation === 1 },
    ...{ tellsChanges: true, ...(from && { from }) },
  });
}

function record(epoch: number, ids: readonly string[]): WholeRecord {
  const requests = ids.map((id, at): OrderedRequest => {
    return { id, transaction: "put", args: [BigInt(epoch * 1000 + at)], attempt: 0 };
  });
  const batches = [{ sequencer: "s/1", number: epoch, requests }];
  return { epoch, previous: "", nowMs: 0, seed: 0, engine: "", frontier: new Map(), batches };
}

function fresh(epoch: number): string[] {
  return Array.from({ length: requestsPerEpoch }, (_, at) => `r${epoch}.${at}`);
}

describe("requests that the log had", () => {
  it("are as many as are to be remembered, however long the log is", () => {
    const of = replica({ rememberedRequests: 10 });
    const bytes: number[] = [];
    for (let epoch = 1; epoch <= 200; epoch++) {
      of.apply(record(epoch, fresh(epoch)), []);
      const { requests } = of.state();
      if (epoch >= 3) expect(requests.length).to.equal(3 * requestsPerEpoch);
      bytes.push(replicaStateBytes(of.state()).length);
    }
    expect(Math.max(...bytes)).to.be.lessThan((bytes[2] ?? 0) + 100);
  });

  it("are answered as they were while they are known, and are new once they are not", () => {
    const of = replica({ rememberedRequests: 10 });
    for (let epoch = 1; epoch <= 5; epoch++) of.apply(record(epoch, fresh(epoch)), []);
    const [known, forgotten] = of.apply(record(6, ["r3.1", "r2.1"]), []).answers;
    const told = [{ relation: 1, values: [3001n, "x".repeat(1000)] }];
    expect(known).to.deep.equal({
      ...{ id: "r3.1", attempt: 0, position: startOf(3) + 2 },
      result: { kind: "done", removed: 0, inserted: 2, told },
    });
    expect(epochOf(forgotten?.position ?? 0)).to.equal(6);
    expect(forgotten?.changes?.inserted.length).to.equal(2);
  });

  it("are the same at who comes back from a checkpoint", () => {
    for (const remembered of [{ rememberedRequests: 10 }, { rememberedEpochs: 3 }]) {
      const first = replica(remembered);
      let second: Replica | undefined;
      for (let epoch = 1; epoch <= 40; epoch++) {
        // Also epochs without requests, and requests that come again, early and late.
        const old = [2, 3, 4, 5].map((back) => `r${epoch - back}.1`);
        const ids = epoch % 5 === 0 ? [] : [...fresh(epoch), ...(epoch % 3 === 0 ? old : [])];
        const next = record(epoch, ids);
        first.apply(next, []);
        second?.apply(next, []);
        if (second !== undefined) expect(second.state()).to.deep.equal(first.state());
        if (epoch % 7 === 0) second = replica(remembered, first.state());
      }
    }
  });

  it("are forgotten after as many epochs as are to be remembered, however few they are", () => {
    const of = new KnownRequests(0, [], { rememberedEpochs: 3 });
    for (let epoch = 1; epoch <= 20; epoch++) {
      if (epoch !== 8) of.add(`r${epoch}`, { position: startOf(epoch) + 1, home: 0 });
      of.close(epoch);
      const known = Array.from({ length: epoch }, (_, at) => `r${at + 1}`).filter(
        (name) => of.find(name) !== undefined,
      );
      const last = Array.from({ length: 4 }, (_, back) => epoch - 3 + back);
      const those = last.filter((one) => one > 0 && one !== 8).map((one) => `r${one}`);
      expect(known, `after ${epoch}`).to.deep.equal(those);
    }
  });

  it("are held while epochs are not carried out that know them, and no longer", () => {
    const of = new KnownRequests(0, [], { rememberedRequests: 2 });
    const add = (epoch: number, name: string): void => {
      of.add(name, { position: startOf(epoch) + 1, home: 0 });
      of.close(epoch);
    };
    for (const epoch of [1, 2, 3]) add(epoch, `r${epoch}`);
    expect(of.find("r1")).to.equal(undefined);
    expect(of.find("r2")?.position).to.equal(startOf(2) + 1);
    add(4, "r1");
    const names = (first: number, last: number) => of.between(first, last).map(([name]) => name);
    expect(names(1, 2)).to.deep.equal(["r1", "r2"]);
    expect(names(3, 4)).to.deep.equal(["r3", "r1"]);
    expect(of.size).to.equal(4);
    of.drop(1);
    expect(names(1, 2)).to.deep.equal(["r1", "r2"]);
    of.drop(2);
    expect(names(1, 2)).to.deep.equal(["r2"]);
    of.drop(of.first);
    expect(of.size).to.equal(2);
    expect(of.find("r1")?.position).to.equal(startOf(4) + 1);
  });

  it("have names of their own, whatever their ids are, which checkpoints have in another form", () => {
    const ids = ["r", "r 1", " r", "  ", " 1 r", "1 r", "r 0", ""];
    const requests = ids.flatMap((id) => [0, 1, 12].map((attempt) => ({ id, attempt })));
    const names = requests.map(requestName);
    expect(new Set(names).size).to.equal(names.length);
    const stored = requests.map(({ id, attempt }) => `${id} ${attempt}`);
    expect(names.map(storedName)).to.deep.equal(stored);
    expect(stored.map(namedAs)).to.deep.equal(names);
    expect(requestName({ id: "r", attempt: 0 })).to.equal("r");
  });

  it("are dropped under the epoch that knows them, also where they came again", () => {
    const of = new KnownRequests(4, [["old", { position: startOf(3) + 1, home: 0 }]], {
      rememberedRequests: 1,
    });
    expect([of.first, of.size, of.find("old")?.position]).to.deep.equal([3, 1, startOf(3) + 1]);
    of.add("new", { position: startOf(5) + 1, home: 0 });
    of.close(5);
    expect([of.first, of.find("old")]).to.deep.equal([5, undefined]);
    of.add("old", { position: startOf(6) + 1, home: 0 });
    of.close(6);
    expect(of.find("old")?.position).to.equal(startOf(6) + 1);
    expect(of.size).to.equal(3);
    for (const [before, size] of [
      [3, 3],
      [4, 2],
      [5, 2],
      [6, 1],
      [7, 0],
    ] as const) {
      of.drop(before);
      expect(of.size, `before ${before}`).to.equal(size);
      expect(of.find("old") === undefined).to.equal(before === 7);
    }
  });
});
