import { expect } from "chai";

import { Bodies } from "../../src/calvin/bodies.ts";
import type { MemberChange, OrderedMember } from "../../src/calvin/members.ts";
import {
  type EpochRecord,
  type OrderedBatch,
  type OrderedRequest,
} from "../../src/calvin/record.ts";
import { requestBytes } from "../../src/calvin/request-size.ts";
import {
  type EpochPlan,
  Sequencer,
  type SequencerLimits,
  type SequencerOptions,
} from "../../src/calvin/sequencer.ts";
import { epochBytes } from "../../src/runtime/epoch-bytes.ts";
import { recordHash, textHash } from "../../src/runtime/node/record-hash.ts";

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

const plan = { nowMs: 0, seed: 1, acknowledged: new Map() };

describe("a sequencer", () => {
  const made = (): Sequencer =>
    new Sequencer({
      origin: "b/1",
      engine: "test",
      hash: (text) => String(text.length),
      recordHash,
    });

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
    const sequencer = new Sequencer({
      origin: "b/1",
      engine: "",
      hash: String,
      recordHash,
      limits,
    });
    const taken = ["x", "y", "z"].map((id) => sequencer.submit(request(id, 1n), 0));
    expect(taken).to.deep.equal([true, true, false]);
  });
});

describe("a sequencer of members", () => {
  const at = (name: string, replica: number) => ({ name, replica, partition: 0 });
  const members = [at("a", 0), at("b", 1), at("c", 2)];
  const made = (limits: Partial<SequencerLimits> = {}): Sequencer =>
    new Sequencer({ origin: "b/1", engine: "test", hash: textHash, recordHash, members, limits });
  const holds = (...names: string[]) =>
    new Map(names.map((name) => [name, new Map([["x/1", 3]])] as const));

  it("names the members in the first record, and where they change", () => {
    const sequencer = made();
    const first = appendedNext(sequencer);
    expect(first.members).to.deep.equal(members);
    expect(appendedNext(sequencer)).not.to.have.property("members");
    expect(sequencer.change({ kind: "remove", name: "c" }).kind).to.equal("changed");
    expect(sequencer.members, "until it is logged").to.deep.equal(members);
    expect(appendedNext(sequencer).members).to.deep.equal(members.slice(0, 2));
    expect(sequencer.members).to.deep.equal(members.slice(0, 2));
    expect(sequencer.change({ kind: "remove", name: "c" }).kind).to.equal("same");
    expect(appendedNext(sequencer)).not.to.have.property("members");
  });

  it("logs a change of members although there is nothing else, and again after another record", () => {
    const sequencer = made();
    const first = appendedNext(sequencer);
    sequencer.change({ kind: "add", member: at("d", 3) });
    const proposed = sequencer.propose(plan);
    expect(proposed?.members?.map(({ name }) => name)).to.deep.equal(["a", "b", "c", "d"]);
    const other = { ...first, epoch: 2, previous: recordHash(first) };
    sequencer.appended({ ...other, members: members.slice(1) });
    expect(appendedNext(sequencer).members?.map(({ name }) => name)).to.deep.equal(["b", "c", "d"]);
  });

  it("refuses two members at one place, one at two, and to remove the last", () => {
    const sequencer = made();
    const reasonOf = (change: MemberChange) => {
      const found = sequencer.change(change);
      return found.kind === "refused" ? found.reason : found.kind;
    };
    const add = (member: OrderedMember) => reasonOf({ kind: "add", member });
    expect(add(at("d", 0))).to.equal("a is at replica 0, partition 0: remove it");
    expect(add(at("a", 7))).to.equal("a is a member at replica 0, partition 0: remove it");
    expect(add(at("b", 1))).to.equal("same");
    for (const name of ["a", "b"]) expect(reasonOf({ kind: "remove", name })).to.equal("changed");
    const last = reasonOf({ kind: "remove", name: "c" });
    expect(last).to.equal("the last member cannot be removed");
    const parted = { name: "d", replica: 0, partition: 1 };
    expect(add(parted)).to.equal("changed");
    const alone = reasonOf({ kind: "remove", name: "d" });
    expect(alone).to.equal("d is the last one with partition 1");
  });

  it("counts the majority of a frontier by the members of its record", () => {
    const sequencer = made();
    appendedNext(sequencer);
    const known = { ...plan, acknowledged: holds("a") };
    expect(appendedNext(sequencer, known).frontier).to.deep.equal(new Map());
    for (const name of ["b", "c"]) sequencer.change({ kind: "remove", name });
    expect(appendedNext(sequencer, known).frontier).to.deep.equal(new Map([["x/1", 3]]));
    expect(appendedNext(sequencer).frontier, "never back").to.deep.equal(new Map([["x/1", 3]]));
  });

  it("logs a long batch by its hash, once a majority of the members holds it", () => {
    const sequencer = made({ recordBytes: 20 << 10 });
    appendedNext(sequencer);
    const requests = [...Array(150).keys()].map((at) => request(`r${at}`, 1n));
    const long = { sequencer: "a/1", number: 1, requests };
    const reference = sequencer.learn(long);
    if (reference === undefined) throw new Error("it is long");
    sequencer.learn(batch(2, 1n));
    expect(sequencer.propose(plan)).to.equal(undefined);
    for (const name of ["a", "a", "x"]) sequencer.held(reference, name);
    expect(sequencer.propose(plan)).to.equal(undefined);
    sequencer.held(reference, "b");
    const record = appendedNext(sequencer);
    expect(record.batches).to.deep.equal([reference, batch(2, 1n)]);
    const bodies = new Bodies(textHash);
    expect(bodies.missing(record)).to.deep.equal([reference]);
    expect(bodies.whole(record)).to.equal(undefined);
    expect(bodies.add(long)).to.equal(reference.hash);
    expect(bodies.whole(record)?.batches).to.deep.equal([long, batch(2, 1n)]);
    bodies.forgetBefore(record.epoch);
    expect(bodies.size).to.equal(1);
    bodies.forgetBefore(record.epoch + 1);
    expect(bodies.size).to.equal(0);
  });

  it("fills a record no further than logs take", () => {
    const sequencer = made({ recordBytes: (16 << 10) + 1000 });
    for (let number = 1; number <= 30; number++) sequencer.learn(batch(number, 1n));
    const counts: number[] = [];
    for (let left = 30; left > 0; left -= counts.at(-1) ?? 0) {
      const record = appendedNext(sequencer);
      expect(epochBytes(record).length).to.be.lessThan((16 << 10) + 1000);
      counts.push(record.batches.length);
    }
    expect(counts.length).to.be.greaterThan(3);
  });

  it("forgets batches of a life whose first ones died with it", () => {
    const sequencer = made();
    sequencer.learn(batch(2, 1n));
    sequencer.learn({ ...batch(2, 1n), sequencer: "x/1" });
    sequencer.learn({ ...batch(1, 1n), sequencer: "a/2" });
    expect(appendedNext(sequencer).batches.length).to.equal(1);
    for (const origin of ["a/1", "x/1"]) sequencer.learn({ ...batch(1, 1n), sequencer: origin });
    const logged = appendedNext(sequencer).batches.map((of) => `${of.sequencer} ${of.number}`);
    expect(logged).to.deep.equal(["a/1 1", "x/1 1", "x/1 2"]);
  });

  it("closes a batch, and tries an append again, although the clock went back", () => {
    const sequencer = made();
    sequencer.submit(request("r1", 1n), 5_000);
    expect(sequencer.close(5_001)).to.equal(undefined);
    expect(sequencer.close(1_000)?.requests.length).to.equal(1);
    expect(sequencer.propose({ ...plan, nowMs: 5_000 })?.epoch).to.equal(1);
    expect(sequencer.propose({ ...plan, nowMs: 5_001 })).to.equal(undefined);
    expect(sequencer.propose({ ...plan, nowMs: 1_000 })?.epoch).to.equal(1);
  });

  it("closes a batch that has many bytes", () => {
    const sequencer = made({ batchBytes: 3 * requestBytes(request("r1", 1n)) });
    for (const id of ["r1", "r2"]) sequencer.submit(request(id, 1n), 0);
    expect(sequencer.close(1)).to.equal(undefined);
    sequencer.submit(request("r3", 1n), 1);
    expect(sequencer.close(1)?.requests.length).to.equal(3);
  });
});

describe("the limits of a sequencer", () => {
  const made = (limits: Partial<SequencerLimits>): Sequencer =>
    new Sequencer({ origin: "b/1", engine: "test", hash: textHash, recordHash, limits });
  const submitted = (sequencer: Sequencer, count: number, nowMs = 0): boolean[] =>
    Array.from({ length: count }, (_, at) => sequencer.submit(request(`r${at}`, 1n), nowMs));
  const numbersOf = ({ batches }: EpochRecord) =>
    batches.map(({ sequencer, number }) => `${sequencer} ${number}`);

  it("count the requests of this node that are not in the log, however they wait", () => {
    const bytes = requestBytes(request("r0", 1n));
    for (const limits of [{ pendingRequests: 3 }, { pendingBytes: 3 * bytes }]) {
      const sequencer = made(limits);
      sequencer.learn({ sequencer: "a/1", number: 1, requests: [request("x", 1n)] });
      expect(submitted(sequencer, 4)).to.deep.equal([true, true, true, false]);
      sequencer.close(10);
      expect([sequencer.pending, ...submitted(sequencer, 1)]).to.deep.equal([3, false]);
      sequencer.learn({ sequencer: "a/1", number: 2, requests: [request("y", 1n)] });
      expect(numbersOf(appendedNext(sequencer))).to.deep.equal(["a/1 1", "a/1 2", "b/1 1"]);
      expect([sequencer.pending, ...submitted(sequencer, 1)]).to.deep.equal([0, true]);
    }
  });

  it("close a batch that has as many requests, and each begins anew", () => {
    const sequencer = made({ batchRequests: 2 });
    for (const number of [1, 2]) {
      submitted(sequencer, 1);
      expect(sequencer.close(1)).to.equal(undefined);
      submitted(sequencer, 1);
      const { requests, ...rest } = sequencer.close(1) ?? {};
      expect(rest).to.deep.equal({ sequencer: "b/1", number });
      expect(requests?.length).to.equal(2);
    }
  });

  it("end a batch at the same moments, whenever its first request came", () => {
    const sequencer = made({ epochMs: 10 });
    expect([sequencer.dueMs, sequencer.close(100)]).to.deep.equal([undefined, undefined]);
    const ends = new Set<number>();
    for (let nowMs = 100; nowMs < 200; nowMs += 13) {
      submitted(sequencer, 1, nowMs);
      const { dueMs = 0 } = sequencer;
      expect(dueMs).to.be.within(nowMs + 1, nowMs + 10);
      ends.add(dueMs % 10);
      submitted(sequencer, 1, dueMs - 1);
      expect([sequencer.dueMs, sequencer.close(dueMs - 1)]).to.deep.equal([dueMs, undefined]);
      expect(sequencer.close(dueMs)?.requests.length).to.equal(2);
      expect([sequencer.dueMs, sequencer.close(300)]).to.deep.equal([undefined, undefined]);
    }
    expect(ends.size).to.equal(1);
  });

  it("end the batches of several sequencers at several moments", () => {
    const ends = Array.from({ length: 10 }, (_, at) => {
      const rest = { engine: "test", hash: textHash, recordHash };
      const sequencer = new Sequencer({ origin: `n${at}/1`, ...rest });
      submitted(sequencer, 1);
      return sequencer.dueMs;
    });
    expect(new Set(ends).size).to.be.greaterThan(3);
  });

  it("leave to the next epoch what one has no room for, unless it has nothing else", () => {
    const sequencer = made({ epochRequests: 3 });
    for (const [at, count] of [2, 1, 1, 5, 1].entries()) {
      const requests = Array.from({ length: count }, (_, of) => request(`${at}.${of}`, 1n));
      sequencer.learn({ sequencer: "a/1", number: at + 1, requests });
    }
    const epochs = Array.from({ length: 4 }, () => numbersOf(appendedNext(sequencer)));
    const expected = [["a/1 1", "a/1 2"], ["a/1 3"], ["a/1 4"], ["a/1 5"]];
    expect(epochs).to.deep.equal(expected);
  });

  it("have an append tried again when it took as long, and at once when it failed", () => {
    const sequencer = made({ appendMs: 100 });
    sequencer.learn(batch(1, 1n));
    const isProposed = (nowMs: number): boolean =>
      sequencer.propose({ ...plan, nowMs }) !== undefined;
    expect([0, 99, 100, 101].map(isProposed)).to.deep.equal([true, false, true, false]);
    sequencer.declined();
    expect(isProposed(101)).to.equal(true);
  });
});

describe("the log, as a sequencer sees it", () => {
  const learned = (...origins: string[]): Sequencer => {
    const sequencer = sequencerOf("b");
    for (const origin of origins) sequencer.learn({ ...batch(1, 1n), sequencer: origin });
    return sequencer;
  };

  it("has the batches of an epoch by their sequencers, however they came", () => {
    for (const origins of [
      ["a/1", "b/1", "c/1"],
      ["c/1", "a/1", "b/1"],
      ["b/1", "c/1", "a/1"],
    ]) {
      const { batches } = appendedNext(learned(...origins));
      expect(batches.map((of) => of.sequencer)).to.deep.equal(["a/1", "b/1", "c/1"]);
    }
  });

  it("has those of one sequencer together, in the order of their numbers", () => {
    const all = ["a/1", "b/1", "c/1"].flatMap((origin) =>
      [1, 2].map((number) => ({ ...batch(number, 1n), sequencer: origin })),
    );
    const names = all.map((of) => `${of.sequencer} ${of.number}`);
    for (let from = 0; from < all.length; from++)
      for (const turned of [all, all.toReversed()]) {
        const sequencer = sequencerOf("b");
        for (const of of [...turned.slice(from), ...turned.slice(0, from)]) sequencer.learn(of);
        const { batches } = appendedNext(sequencer);
        expect(batches.map((of) => `${of.sequencer} ${of.number}`)).to.deep.equal(names);
      }
  });

  it("has batches that were not heard of before, and they are not proposed again", () => {
    const [first, second] = [learned("a/1", "c/1"), learned("a/1")];
    second.appended(appendedNext(first));
    second.learn({ ...batch(1, 1n), sequencer: "c/1" });
    second.learn({ ...batch(2, 1n), sequencer: "c/1" });
    const { batches } = appendedNext(second);
    expect(batches.map((of) => `${of.sequencer} ${of.number}`)).to.deep.equal(["c/1 2"]);
  });

  it("has each batch once, also where it comes again", () => {
    const sequencer = learned("a/1");
    sequencer.learn(batch(1, 1n));
    expect(appendedNext(sequencer).batches.length).to.equal(1);
    sequencer.learn(batch(1, 1n));
    expect(sequencer.propose(plan)).to.equal(undefined);
  });

  it("is gone on with by another one from where it is", () => {
    const first = learned("a/1");
    appendedNext(first);
    const { epoch, state } = first;
    expect([epoch, state.epoch, state.batches]).to.deep.equal([1, 1, [["a/1", 1]]]);
    const other = { origin: "c/1", engine: "test", hash: textHash, recordHash, from: state };
    const second = new Sequencer(other);
    for (const of of [first, second]) of.learn(batch(1, 1n));
    for (const of of [first, second]) of.learn(batch(2, 1n));
    const records = [first, second].map((of) => appendedNext(of));
    expect(records[0]?.batches.map(({ number }) => number)).to.deep.equal([2]);
    expect(records[1]).to.deep.equal(records[0]);
  });

  it("is a chain: no record follows another one than it names", () => {
    const sequencer = learned("a/1");
    const { epoch, ...record } = sequencer.propose(plan) ?? appendedNext(sequencer);
    const wrong = [
      { ...record, epoch: epoch + 1 },
      { ...record, epoch, previous: "x" },
    ];
    for (const one of wrong) expect(() => sequencer.appended(one)).to.throw("follow each other");
    sequencer.appended({ ...record, epoch });
    expect(sequencer.epoch).to.equal(1);
  });

  it("has a change of members once, although another one takes it back", () => {
    const at = (name: string, replica: number) => ({ name, replica, partition: 0 });
    const members = [at("a", 0), at("b", 1)];
    const options = { origin: "b/1", engine: "test", hash: textHash, recordHash, members };
    const sequencer = new Sequencer(options);
    appendedNext(sequencer);
    sequencer.change({ kind: "remove", name: "a" });
    const removed = appendedNext(sequencer);
    const back = { ...removed, epoch: 3, previous: recordHash(removed), members };
    sequencer.appended(back);
    expect(appendedNext(sequencer)).not.to.have.property("members");
    expect(sequencer.members).to.deep.equal(members);
  });
});

describe("what a sequencer counts", () => {
  const made = (more: Partial<SequencerOptions> = {}): Sequencer =>
    new Sequencer({ origin: "b/1", engine: "test", hash: textHash, recordHash, ...more });

  it("is when the first request of a batch came, whoever comes later", () => {
    const sequencer = made();
    sequencer.submit(request("r1", 1n), 100);
    const { dueMs = 0 } = sequencer;
    sequencer.submit(request("r2", 1n), dueMs + 5);
    expect(sequencer.dueMs).to.equal(dueMs);
    expect(sequencer.close(dueMs + 5)?.requests.length).to.equal(2);
  });

  it("is each of its batches once, and none that is in the log", () => {
    const sequencer = made();
    sequencer.submit(request("r1", 1n), 0);
    const closed = sequencer.close(100);
    if (closed === undefined) throw new Error("it is due");
    sequencer.learn(closed);
    expect(sequencer.pending).to.equal(1);
    appendedNext(sequencer);
    sequencer.learn(closed);
    expect(sequencer.pending).to.equal(0);
  });

  it("is a batch that is too long for a record under one reference, however often it comes", () => {
    const sequencer = made({ limits: { recordBytes: 2_000 } });
    const requests = Array.from({ length: 20 }, (_, at) => request(`r${at}`, 1n));
    const long = { sequencer: "a/1", number: 1, requests };
    const reference = sequencer.learn(long);
    expect(reference).to.deep.include({ sequencer: "a/1", number: 1 });
    expect(sequencer.learn(long)).to.deep.equal(reference);
  });

  it("is no member where there are none", () => {
    const sequencer = made();
    expect(sequencer.members).to.deep.equal([]);
    expect(appendedNext(sequencer)).not.to.have.property("members");
    expect(appendedNext(sequencer)).not.to.have.property("members");
  });

  it("is who the members are and what they hold, also where another one goes on", () => {
    const members = ["a", "b"].map((name, replica) => ({ name, replica, partition: 0 }));
    const first = made({ members: members.toReversed() });
    expect(first.members).to.deep.equal(members);
    const frontier = new Map([["x/1", 3]]);
    const acknowledged = new Map(members.map(({ name }) => [name, frontier]));
    appendedNext(first, { ...plan, acknowledged });
    const second = made({ origin: "c/1", from: first.state });
    expect(second.members).to.deep.equal(members);
    const [one, two] = [first, second].map((of) => appendedNext(of));
    expect(one).not.to.have.property("members");
    expect(one?.frontier).to.deep.equal(frontier);
    expect(two).to.deep.equal(one);
  });

  it("has a batch logged alone that takes all the room there is, and more", () => {
    const limits = { recordBytes: (16 << 10) + 2_000 };
    const sequencer = made({ limits });
    const requests = Array.from({ length: 30 }, (_, at) => request(`r${at}`, 1n));
    for (const number of [1, 2])
      expect(sequencer.learn({ sequencer: "a/1", number, requests })).to.equal(undefined);
    for (const number of [1, 2])
      expect(appendedNext(sequencer).batches.map((of) => of.number)).to.deep.equal([number]);
  });

  it("is long names, too: of sequencers, of members, of origins and of batches by their hash", () => {
    const long = (name: string): string => name.repeat(Math.ceil(400 / name.length));
    const some = Array.from({ length: 100 }, (_, at) => long(`n${at}.`));
    const members = some.map((name, replica) => ({ name, replica, partition: 0 }));
    const held = new Map(some.map((name) => [`${name}/1`, 1]));
    const acknowledged = new Map(some.map((name) => [name, held]));
    const hash = (text: string): string => long(textHash(text));
    // What else there is in the record takes about forty thousand bytes.
    for (const [more, of] of [
      [{ hash, members }, plan],
      [
        { hash, members: members.slice(0, 1) },
        { ...plan, acknowledged },
      ],
      [{ hash, members: members.slice(0, 1), limits: { recordBytes: 32 << 10 } }, plan],
    ] as const) {
      const limits = { recordBytes: 64 << 10, ...("limits" in more && more.limits) };
      const sequencer = made({ ...more, limits });
      const name = members[0]?.name ?? "";
      for (const sequencerName of some) {
        const requests = [request("r".repeat("limits" in more ? 20_000 : 200), 1n)];
        const reference = sequencer.learn({ sequencer: `${sequencerName}/1`, number: 1, requests });
        expect(reference !== undefined).to.equal("limits" in more);
        if (reference !== undefined) sequencer.held(reference, name);
      }
      const counts: number[] = [];
      for (let left = 100; left > 0; left -= counts.at(-1) ?? 0) {
        const record = appendedNext(sequencer, of);
        counts.push(record.batches.length);
        // One batch alone is logged also where there is no room.
        if (record.batches.length > 1)
          expect(epochBytes(record).length).to.be.at.most(limits.recordBytes);
        expect(record.batches.length).to.be.greaterThan(0);
      }
      expect(Math.max(...counts)).to.be.greaterThan(2);
    }
  });
});

function sequencerOf(name: string): Sequencer {
  return new Sequencer({ origin: `${name}/1`, engine: "test", hash: textHash, recordHash });
}

/** Has the next record appended, and told of. */
function appendedNext(sequencer: Sequencer, of: EpochPlan = plan): EpochRecord {
  const record = sequencer.propose(of, true);
  if (record === undefined) throw new Error("there is a record");
  sequencer.appended(record);
  return record;
}
