// Partitions of a replica, one step after the other, with transactions that are written by hand.
import { expect } from "chai";

import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import type { OrderedRequest, WholeRecord } from "../../src/calvin/record.ts";
import { type Answer, Replica, type ReplicaOptions } from "../../src/calvin/replica.ts";
import { changeHash } from "../../src/calvin/row-hash.ts";
import { startOf } from "../../src/calvin/storage.ts";
import {
  type Footprint,
  type Pattern,
  type Row,
  type TransactionCode,
  TransactionFault,
  type View,
} from "../../src/calvin/transaction.ts";
import { keyColumns, transactionPlan } from "../../src/plan/transaction.ts";
import type { Value } from "../../src/value/schema.ts";
import { understood } from "../support/ordered-workloads.ts";

const keys = [[0]];

function at(key: Value): Pattern {
  return { relation: 0, columns: [0], values: [key] };
}

function row(...values: Value[]): Row {
  return { relation: 0, values };
}

function valueAt(view: View, key: Value): Value | undefined {
  return [...view.tuples(at(key))][0]?.[1];
}

function written(view: View, key: Value, value: Value) {
  const before = valueAt(view, key);
  const removed = before === undefined ? [] : [row(key, before)];
  return { kind: "done" as const, removed, inserted: [row(key, value)] };
}

function codeOf(
  name: string,
  footprint: (args: readonly Value[]) => Footprint | undefined,
  run: TransactionCode["run"],
): TransactionCode {
  return { name, parameters: [], relations: { reads: [0], writes: [0] }, footprint, run };
}

function faulty(): never {
  throw new TransactionFault([]);
}

const codes = new Map(
  [
    codeOf(
      "set",
      ([key = null]) => ({ reads: [], writes: [at(key)] }),
      (view, [key = null, value = null]) => written(view, key, value),
    ),
    codeOf(
      "copy",
      ([from = null, to = null]) => ({ reads: [at(from)], writes: [at(to)] }),
      (view, [from = null, to = null]) => {
        const value = valueAt(view, from);
        return value === undefined
          ? { kind: "aborted", reason: "not there" }
          : written(view, to, value);
      },
    ),
    // Adds two up into a third.
    codeOf(
      "add",
      ([one = null, other = null, to = null]) => ({
        reads: [at(one), at(other)],
        writes: [at(to)],
      }),
      (view, [one = null, other = null, to = null]) =>
        written(view, to, [valueAt(view, one) ?? null, valueAt(view, other) ?? null]),
    ),
    codeOf(
      "look",
      ([one = null, other = null]) => ({ reads: [at(one), at(other)], writes: [] }),
      (view, [one = null, other = null]) => {
        const values = [one, other].map((key) => valueAt(view, key));
        const texts = values.map((value) => (typeof value === "string" ? value : ""));
        return { kind: "aborted", reason: `sees ${texts.join()}` };
      },
    ),
    // Puts something where a row points to.
    codeOf(
      "follow",
      () => undefined,
      (view, [key = null, value = null]) => written(view, valueAt(view, key) ?? key, value),
    ),
    codeOf(
      "both",
      ([one = null, other = null]) => ({ reads: [], writes: [at(one), at(other)] }),
      (_, [one = null, other = null]) => {
        return { kind: "done", removed: [], inserted: [row(one, 1n), row(other, 2n)] };
      },
    ),
    codeOf("faulty", () => ({ reads: [], writes: [] }), faulty),
    codeOf("unknowable", faulty, faulty),
    codeOf(
      "broken before",
      () => {
        throw new Error("a mistake before");
      },
      () => ({ kind: "aborted", reason: "" }),
    ),
    codeOf(
      "broken",
      () => undefined,
      () => {
        throw new Error("a mistake");
      },
    ),
  ].map((code) => [code.name, code]),
);

let made = 0;

function request(
  transaction: string,
  args: readonly Value[],
  more: Partial<OrderedRequest> = {},
): OrderedRequest {
  return { id: `r${++made}`, transaction, args, attempt: 0, ...more };
}

function record(
  epoch: number,
  requests: readonly OrderedRequest[],
  more: Partial<WholeRecord> = {},
): WholeRecord {
  const batches = [{ sequencer: "s/1", number: epoch, requests }];
  const rest = { previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "" };
  return { epoch, ...rest, batches, ...more };
}

/** Keys of so many partitions: of each of them one. */
function keysOf(partitions: Partitions): bigint[] {
  return Array.from({ length: partitions.count }, (_, partition) => {
    let key = 1n;
    while (partitions.of(row(key)) !== partition) key++;
    return key;
  });
}

/** The partitions of a replica, and a key of each. */
function replicas(count: number, more: Partial<ReplicaOptions> = {}) {
  const partitions = new Partitions(count, keys);
  const storages = Array.from({ length: count }, () => new MemoryStorage([], keys));
  const parts = storages.map(
    (storage, partition) => new Replica({ partition, partitions, keys, codes, storage, ...more }),
  );
  return { parts, storages, keys: keysOf(partitions), first: parts[0]!, second: parts[1]! };
}

/** Everything that a storage has now. */
function rowsIn(storage: MemoryStorage): (readonly Value[])[] {
  return [...storage.tuples({ relation: 0, columns: [], values: [] }, Infinity)];
}

function endsOf({ answers }: { answers: readonly Answer[] }): unknown[] {
  return answers.map(({ result }) => ("reason" in result ? result.reason : result.kind));
}

describe("one partition", () => {
  it("carries transactions out in their order, and says how each ended, and where it was", () => {
    const { first, storages } = replicas(1);
    const requests = [
      request("set", [1n, "x"]),
      request("copy", [1n, 2n]),
      request("copy", [7n, 2n]),
      request("set", [1n, "y"]),
      request("look", [1n, 2n]),
    ];
    const { reads, answers, completed } = first.apply(record(1, requests), []);
    expect(endsOf({ answers })).to.deep.equal(["done", "done", "not there", "done", "sees y,x"]);
    expect(answers.map(({ id }) => id)).to.deep.equal(requests.map(({ id }) => id));
    const places = [1, 2, 3, 4, 5].map((place) => startOf(1) + place);
    expect(answers.map(({ position }) => position)).to.deep.equal(places);
    const counts = { kind: "done", removed: 1, inserted: 1, told: [] };
    expect(answers[3]?.result).to.deep.equal(counts);
    expect(answers.some((of) => "changes" in of)).to.equal(false);
    expect([reads, completed.map(({ epoch }) => epoch)]).to.deep.equal([[], [1]]);
    expect(rowsIn(storages[0]!)).to.have.deep.members([
      [1n, "y"],
      [2n, "x"],
    ]);
  });

  it("takes epochs in one after the other, with frontiers that never go back", () => {
    const { first } = replicas(1);
    for (const epoch of [0, 2])
      expect(() => first.apply(record(epoch, []), [])).to.throw("one after the other");
    first.apply(record(1, [], { frontier: new Map([["a/1", 2]]) }), []);
    expect(() => first.apply(record(2, [], { frontier: new Map([["a/1", 1]]) }), [])).to.throw(
      "never back",
    );
  });

  it("has a hash of all that changed, at which place", () => {
    const { first } = replicas(1);
    first.apply(record(1, [request("set", [1n, "x"])]), [row(5n, "f")]);
    const place = startOf(1) + 1;
    const one = changeHash("+", startOf(1), row(5n, "f")) + changeHash("+", place, row(1n, "x"));
    expect(first.completed).to.deep.equal({ epoch: 1, hash: one % 2 ** 48 });
    first.apply(record(2, [request("set", [1n, "y"]), request("set", [1n, "y"])]), []);
    const changed = (offset: number, from: Value, to: Value): number =>
      changeHash("-", startOf(2) + offset, row(1n, from)) +
      changeHash("+", startOf(2) + offset, row(1n, to));
    const two = changed(1, "x", "y") + changed(2, "y", "y");
    expect(first.completed.hash).to.equal((one * 31 + two) % 2 ** 48);
  });

  it("answers what comes again as before, and not yet where it is not over", () => {
    const { first } = replicas(1);
    const [set, look] = [request("set", [1n, "x"]), request("look", [1n, 1n])];
    first.apply(record(1, [set, look]), []);
    const more = [set, look, { ...look, attempt: 1 }, request("set", [1n, "y"])];
    const { answers } = first.apply(record(2, more), []);
    expect(endsOf({ answers })).to.deep.equal(["done", "sees x,x", "sees x,x", "done"]);
    const places = [startOf(1) + 1, startOf(1) + 2, startOf(2) + 3, startOf(2) + 4];
    expect(answers.map(({ position }) => position)).to.deep.equal(places);
    expect(answers.map(({ attempt }) => attempt)).to.deep.equal([0, 0, 1, 0]);
  });

  it("carries a batch out once, also where the log has it again, and the next one", () => {
    const { first } = replicas(1);
    const [one, two] = [[request("set", [1n, "x"])], [request("look", [1n, 1n])]];
    first.apply(record(1, one), []);
    const batches = [
      { sequencer: "s/1", number: 1, requests: one },
      { sequencer: "t/1", number: 1, requests: [] },
      { sequencer: "s/1", number: 2, requests: two },
    ];
    const { answers } = first.apply(record(2, [], { batches }), []);
    expect(endsOf({ answers })).to.deep.equal(["sees x,x"]);
    expect(answers[0]?.position, "behind those of the first one").to.equal(startOf(2) + 2);
    expect(first.state().batches).to.deep.equal([
      ["s/1", 2],
      ["t/1", 1],
    ]);
    const late = { sequencer: "s/1", number: 1, requests: one };
    expect(first.apply(record(3, [], { batches: [late] }), []).answers).to.deep.equal([]);
    expect(first.state().batches[0]).to.deep.equal(["s/1", 2]);
  });

  it("fails what there is no transaction of, and what an evaluation fails of", () => {
    const { first, storages } = replicas(1);
    const names = ["nothing", "faulty", "unknowable"];
    const { answers } = first.apply(
      record(
        1,
        names.map((name) => request(name, [])),
      ),
      [],
    );
    expect(answers.map(({ result }) => result)).to.deep.equal([
      { kind: "failed", reason: 'there is no transaction "nothing"' },
      { kind: "failed", reason: "the evaluation failed" },
      { kind: "failed", reason: "the evaluation failed" },
    ]);
    expect(rowsIn(storages[0]!)).to.deep.equal([]);
    for (const [count, name, message] of [
      [1, "broken", "a mistake"],
      [2, "broken before", "a mistake before"],
    ] as const) {
      const { first: one } = replicas(count);
      expect(() => one.apply(record(1, [request(name, [])]), [])).to.throw(message);
    }
  });

  it("has a transaction start over that touches what its request did not name", () => {
    const { first, storages } = replicas(1);
    const following = (reads: Value[], writes: Value[]) =>
      request("follow", [1n, 9n], {
        footprint: { reads: reads.map(at), writes: writes.map(at) },
      });
    const requests = [
      request("set", [1n, 2n]),
      following([1n], [1n]),
      following([2n], [2n]),
      // It may look at what it writes to, and writes to what it only reads.
      following([1n, 2n], [1n]),
      following([1n], [2n]),
    ];
    const out = first.apply(record(1, requests), []);
    expect(endsOf(out)).to.deep.equal(["done", "restart", "restart", "restart", "done"]);
    expect(rowsIn(storages[0]!)).to.have.deep.members([
      [1n, 2n],
      [2n, 9n],
    ]);
  });

  it("tells what was changed, and the rows of relations that are told, where it is to", () => {
    const { first } = replicas(1, { tellsChanges: true, isTold: (relation) => relation === 0 });
    const set = request("set", [1n, "x"]);
    const look = request("look", [1n, 1n]);
    const [done, aborted, again] = first.apply(record(1, [set, look, set]), []).answers;
    const told = [row(1n, "x")];
    expect(done?.result).to.deep.equal({ kind: "done", removed: 0, inserted: 1, told });
    expect(done?.changes).to.deep.include({ removed: [], inserted: told });
    expect(again?.result).to.deep.equal(done?.result);
    for (const of of [aborted, again]) expect(of).not.to.have.property("changes");
  });

  it("shows rows after each epoch that is kept, to those who look and to other partitions", () => {
    const { first } = replicas(1);
    for (const epoch of [1, 2, 3, 4]) first.apply(record(epoch, [request("set", [1n, epoch])]), []);
    const seen = (epoch: number): unknown => valueAt(first.view(epoch), 1n);
    expect([0, 1, 2, 3, 4].map(seen)).to.deep.equal([undefined, 1, 2, 3, 4]);
    expect(() => first.view(5)).to.throw("is carried out");
    expect(first.oldest).to.equal(0);
    first.forget(2);
    first.forget(1);
    expect(first.oldest).to.equal(2);
    expect([2, 3, 4].map(seen)).to.deep.equal([2, 3, 4]);
    expect(() => first.view(1)).to.throw("is kept");
    expect(() => {
      first.forget(5);
    }).to.throw("the last epoch is kept");
    const readAt = (position: number): unknown => first.read(position, [at(1n)])?.[0]?.tuples;
    expect(readAt(startOf(3) - 1)).to.equal(undefined);
    expect([startOf(3), startOf(4) + 1, startOf(4) + 2].map(readAt)).to.deep.equal([
      [[1n, 2]],
      [[1n, 3]],
      [[1n, 4]],
    ]);
    expect(readAt(startOf(5))).to.equal(undefined);
    first.forget(4);
    expect([first.oldest, seen(4)]).to.deep.equal([4, 4]);
    const { parts } = replicas(1, { from: first.state(), horizon: startOf(3) });
    expect(parts[0]?.oldest).to.equal(2);
    expect(parts[0]?.completed).to.deep.equal(first.completed);
    expect(parts[0]?.takenIn).to.equal(4);
  });

  it("names what the transactions of a record may touch, as far as they say", () => {
    const { parts, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const footprint = { reads: [at(a)], writes: [] };
    const requests = [
      request("copy", [a, b]),
      request("follow", [a, b]),
      request("follow", [a, b], { footprint }),
      request("unknowable", [a]),
      request("nothing", [a]),
    ];
    const touched = parts.map((part) => part.touchedBy(record(1, requests)));
    expect(touched).to.deep.equal([[at(a), at(a)], [at(b)]]);
  });
});

describe("two partitions", () => {
  it("read for each other, and only where something is written it is carried out", () => {
    const { first, second, storages, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const set = record(1, [request("set", [a, "x"])]);
    for (const part of [first, second]) part.apply(set, []);
    const next = record(2, [request("copy", [a, b])]);
    const position = startOf(2) + 1;
    expect(first.read(position, [at(a)]), "nobody knows yet").to.equal(undefined);
    const sent = first.apply(next, []);
    const found = [{ pattern: at(a), tuples: [[a, "x"]] }];
    expect(sent.reads).to.deep.equal([{ to: 1, position, found }]);
    expect([sent.answers, sent.completed.length, first.pending]).to.deep.equal([[], 1, 0]);
    const waits = second.apply(next, []);
    expect([waits.reads, waits.answers, waits.completed]).to.deep.equal([[], [], []]);
    expect([second.pending, second.takenIn, second.completed.epoch]).to.deep.equal([1, 2, 1]);
    expect(second.awaited()).to.deep.equal([{ of: 0, position, patterns: [at(a)] }]);
    expect(first.awaited()).to.deep.equal([]);
    // What is not asked for, is of nobody who takes part, or is in another form.
    for (const [from, reads] of [
      [1, found],
      [7, found],
      [0, { rows: [1, "x"] }],
    ] as const) {
      const out = second.receive(from, [{ position, found: reads }]);
      expect([out.answers, second.pending]).to.deep.equal([[], 1]);
    }
    const done = second.receive(0, [{ position, found }]);
    expect(endsOf(done)).to.deep.equal(["done"]);
    expect(done.completed.map(({ epoch }) => epoch)).to.deep.equal([2]);
    expect([second.pending, second.awaited()]).to.deep.equal([0, []]);
    expect(rowsIn(storages[1]!)).to.deep.equal([[b, "x"]]);
    const late = second.receive(0, [{ position, found }]);
    expect([late.answers, rowsIn(storages[1]!).length]).to.deep.equal([[], 1]);
    expect(first.read(position, [at(a)])).to.deep.equal(found);
  });

  it("take reads that come before their transaction", () => {
    const { first, second, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const next = record(1, [request("set", [b, "x"]), request("copy", [b, a])]);
    const position = startOf(1) + 2;
    const { reads } = second.apply(next, []);
    expect(reads.map(({ to }) => to)).to.deep.equal([0]);
    for (const { found } of reads)
      expect(first.receive(1, [{ position, found }]).answers).to.deep.equal([]);
    const { answers, completed } = first.apply(next, []);
    expect([endsOf({ answers }), completed.length]).to.deep.equal([["done"], 1]);
    expect(valueAt(first.view(1), a)).to.equal("x");
  });

  it("take reads that come while their transaction waits for locks", () => {
    const { first, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const requests = [request("copy", [b, a]), request("copy", [b, a])];
    first.apply(record(1, requests), []);
    const [one, two] = [startOf(1) + 1, startOf(1) + 2];
    const read = (position: number, value: Value) =>
      first.receive(1, [{ position, found: [{ pattern: at(b), tuples: [[b, value]] }] }]);
    expect(endsOf(read(two, "second"))).to.deep.equal([]);
    expect(endsOf(read(one, "first"))).to.deep.equal(["done", "done"]);
    expect([first.completed.epoch, valueAt(first.view(1), a)]).to.deep.equal([1, "second"]);
  });

  it("carry out together what writes at both; the first one answers, each changes its own", () => {
    const { parts, first, second, storages, keys: own } = replicas(2, { tellsChanges: true });
    const [a = 0n, b = 0n] = own;
    const next = record(1, [request("both", [a, b])]);
    const outs = parts.map((part) => part.apply(next, []));
    expect(outs.map(({ reads }) => reads.map(({ to }) => to))).to.deep.equal([[1], [0]]);
    const ends = outs.map(({ reads }, from) => parts[1 - from]!.receive(from, reads));
    expect(ends.map(endsOf)).to.deep.equal([[], ["done"]]);
    const { inserted } = ends[1]?.answers[0]?.changes ?? {};
    expect(inserted).to.deep.equal([row(a, 1n), row(b, 2n)]);
    expect(storages.map(rowsIn)).to.deep.equal([[[a, 1n]], [[b, 2n]]]);
    const place = startOf(1) + 1;
    expect([first, second].map(({ completed }) => completed.hash)).to.deep.equal([
      changeHash("+", place, row(a, 1n)),
      changeHash("+", place, row(b, 2n)),
    ]);
    const again = record(2, [{ ...next.batches[0]!.requests[0]! }]);
    expect(parts.map((part) => endsOf(part.apply(again, [])))).to.deep.equal([["done"], []]);
  });

  it("leave what nothing is written of to the first who reads for it", () => {
    const { parts, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const next = record(1, [
      request("look", [a, b]),
      request("nothing", []),
      request("faulty", []),
    ]);
    const [one, two] = parts.map((part) => part.apply(next, []));
    expect(two?.reads.map(({ to }) => to)).to.deep.equal([0]);
    expect([one?.reads, two?.answers]).to.deep.equal([[], []]);
    expect(endsOf(one!)).to.deep.equal([
      'there is no transaction "nothing"',
      "the evaluation failed",
    ]);
    expect(endsOf(parts[0]!.receive(1, two!.reads))).to.deep.equal(["sees ,"]);
  });

  it("wait for locks in the order of the log, and for nothing else", () => {
    const { first, second, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const partitions = new Partitions(2, keys);
    let free = a + 1n;
    while (partitions.of(row(free)) !== 0) free++;
    const requests = [
      request("copy", [b, a]),
      request("copy", [a, b]),
      request("set", [free, "free"]),
      request("set", [a, "later"]),
      request("look", [a, a]),
    ];
    const next = record(1, requests);
    const out = first.apply(next, []);
    expect(
      out.answers.map(({ id }) => id),
      "what is free",
    ).to.deep.equal([requests[2]?.id]);
    expect([first.pending, out.reads]).to.deep.equal([4, []]);
    const [copies, copied] = [startOf(1) + 1, startOf(1) + 2];
    expect(first.read(copies, [at(a)])).to.deep.equal([{ pattern: at(a), tuples: [] }]);
    expect(first.read(copied, [at(a)]), "it waits").to.equal(undefined);
    expect(first.awaited()).to.deep.equal([
      { of: 1, position: copies, patterns: [at(b)] },
      { of: 1, position: copied, patterns: [at(b)] },
    ]);
    second.apply(record(1, next.batches[0]!.requests), []);
    // Repeated while it is not over: nobody answers it.
    expect(first.apply(record(2, [requests[0]!]), []).answers).to.deep.equal([]);
    const found = [{ pattern: at(b), tuples: [[b, "from b"]] }];
    const done = first.receive(1, [{ position: copies, found }]);
    expect(endsOf(done)).to.deep.equal(["done", "done", "sees later,later"]);
    const tuples = [[a, "from b"]];
    expect(done.reads).to.deep.equal([
      { to: 1, position: copied, found: [{ pattern: at(a), tuples }] },
    ]);
    expect(done.completed.map(({ epoch }) => epoch)).to.deep.equal([1, 2]);
    expect([first.pending, first.awaited()]).to.deep.equal([0, []]);
  });

  it("keep free facts where they belong", () => {
    const { parts, storages, keys: own } = replicas(2);
    const facts = own.map((key) => row(key, "f"));
    const frontier = new Map([["a/1", 2]]);
    for (const part of parts) part.apply(record(1, [], { frontier }), facts);
    expect(storages.map(rowsIn)).to.deep.equal(own.map((key) => [[key, "f"]]));
    expect(parts.map((part) => part.frontier)).to.deep.equal([frontier, frontier]);
    const hashes = facts.map((fact) => changeHash("+", startOf(1), fact));
    expect(parts.map(({ completed }) => completed.hash)).to.deep.equal(hashes);
  });

  it("have a transaction start over at both that touches what it did not name", () => {
    const { parts, storages, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const footprint = { reads: [at(a)], writes: [at(b)] };
    const follow = (more: Partial<OrderedRequest>) => request("follow", [a, 9n], more);
    const requests = [request("set", [a, b]), follow({ footprint })];
    const astray = { reads: [at(a), at(b)], writes: [] };
    const next = record(1, [...requests, follow({ footprint: astray })]);
    const outs = parts.map((part) => part.apply(next, []));
    expect(endsOf(outs[0]!)).to.deep.equal(["done"]);
    // What only reads waits at the second one for what writes.
    expect(outs[1]?.reads).to.deep.equal([]);
    const done = parts[1]!.receive(0, outs[0]!.reads);
    expect(endsOf(done)).to.deep.equal(["done"]);
    expect(endsOf(parts[0]!.receive(1, done.reads))).to.deep.equal(["restart"]);
    expect(storages.map(rowsIn)).to.deep.equal([[[a, b]], [[b, 9n]]]);
  });

  it("lock and read relations as a whole where nothing says what a transaction touches", () => {
    const { parts, storages, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const requests = [request("copy", [b, a]), request("follow", [a, 9n])];
    const set = record(1, [request("set", [b, b])]);
    for (const part of parts) part.apply(set, []);
    const [one, two] = parts.map((part) => part.apply(record(2, requests), []));
    // At the first one the second transaction waits for what the first one writes there.
    expect([one?.reads, two?.reads.length, parts[0]?.pending]).to.deep.equal([[], 2, 2]);
    expect(parts[1]?.awaited().map(({ patterns }) => patterns)).to.deep.equal([
      [{ relation: 0, columns: [], values: [] }],
    ]);
    const [copied, followed] = two?.reads ?? [];
    if (copied === undefined || followed === undefined) throw new Error("both are read for");
    parts[0]!.receive(1, [followed]);
    const done = parts[0]!.receive(1, [copied]);
    expect(endsOf(done)).to.deep.equal(["done", "done"]);
    expect(endsOf(parts[1]!.receive(0, done.reads))).to.deep.equal([]);
    expect(storages.map(rowsIn)).to.deep.equal([[[a, b]], [[b, 9n]]]);
    expect(parts.map(({ completed }) => completed.epoch)).to.deep.equal([2, 2]);
  });

  it("are caught as they are after an epoch, whatever is carried out after it", () => {
    const { first, keys: own } = replicas(2);
    const [a = 0n, b = 0n] = own;
    const member = { name: "n", replica: 0, partition: 0 };
    const [before, after] = [new Map([["a/1", 1]]), new Map([["a/1", 2]])];
    first.apply(record(1, [], { frontier: before }), []);
    const done = first.completed;
    const waits = record(2, [request("copy", [b, a])], { frontier: after, members: [member] });
    first.apply(waits, []);
    first.apply(record(3, [request("set", [a, 1n])], { frontier: after }), []);
    expect([first.completed.epoch, first.takenIn]).to.deep.equal([1, 3]);
    expect([first.members, first.frontier]).to.deep.equal([[member], after]);
    first.catchState(1);
    expect(first.caught).to.deep.include({ ...done, frontier: before, members: [] });
    expect(first.caught?.batches).to.deep.equal([["s/1", 1]]);
    expect(first.caught?.requests).to.deep.equal([]);
    first.catchState(2);
    expect(first.caught).to.equal(undefined);
    const found = [{ pattern: at(b), tuples: [[b, "x"]] }];
    const { completed } = first.receive(1, [{ position: startOf(2) + 1, found }]);
    expect(completed.map(({ epoch }) => epoch)).to.deep.equal([2, 3]);
    expect(first.caught).to.deep.include({ ...completed[0], frontier: after, members: [member] });
    expect(first.caught?.batches).to.deep.equal([["s/1", 2]]);
    expect(first.caught?.requests.length).to.equal(1);
    expect(first.state().requests.length).to.equal(2);
    first.catchState(undefined);
    expect(first.caught).to.equal(undefined);
  });
});

it("three partitions wait for all others, of each once", () => {
  const { parts, keys: own } = replicas(3);
  const [a = 0n, b = 0n, c = 0n] = own;
  const sets = own.map((key, of) => request("set", [key, of]));
  const next = record(1, [...sets, request("add", [a, b, c])]);
  const [one, two, three] = parts.map((part) => part.apply(next, []));
  expect([one?.reads[0]?.to, two?.reads[0]?.to, three?.reads.length]).to.deep.equal([2, 2, 0]);
  for (const _ of [1, 2]) {
    const out = parts[2]!.receive(0, one!.reads);
    expect([out.answers, parts[2]?.awaited().map(({ of }) => of)]).to.deep.equal([[], [1]]);
  }
  expect(endsOf(parts[2]!.receive(1, two!.reads))).to.deep.equal(["done"]);
  expect(valueAt(parts[2]!.view(1), c)).to.deep.equal([0, 1]);
});

describe("transactions of a program, in place or not", () => {
  const program = understood(`
    .decl r(a: number, n: number) ordered(a)
    .decl log(a: number, n: number) ordered(a)
    .transaction increase(a: number) {
      abort("not there") :- !r(a, _).
      -r(a, n), +r(a, n + 1), +log(a, n) :- r(a, n), !log(a, _).
      -r(a, n), +r(a, n + 1), -log(a, m), +log(a, n) :- r(a, n), log(a, m).
    }
  `);
  const programKeys = program.relations.map((_, of) => keyColumns(program, of));
  const relation = (of: string): number => program.relations.findIndex(({ name }) => name === of);
  const [r, log] = [relation("r"), relation("log")];

  function counted(more: Partial<ReplicaOptions>, footprint?: Footprint) {
    const plans = program.transactions.map((of) => transactionPlan(program, of));
    const versions = [1n, 2n].map((a) => ({
      ...{ row: { relation: r, values: [a, 0n] }, from: 0, to: Infinity },
    }));
    const replica = new Replica({
      ...{ partition: 0, partitions: new Partitions(1, programKeys), keys: programKeys },
      codes: new Map(plans.map((plan) => [plan.name, new PlannedTransaction(plan)])),
      storage: new MemoryStorage(versions, programKeys),
      ...more,
    });
    const answers: Answer[] = [];
    for (const epoch of [1, 2, 3]) {
      const requests = [1n, 2n, 3n, 1n].map((a, of): OrderedRequest => {
        const named = footprint !== undefined && { footprint };
        return { id: `${epoch}.${of}`, transaction: "increase", args: [a], attempt: 0, ...named };
      });
      answers.push(...replica.apply(record(epoch, requests), []).answers);
    }
    return { answers, hash: replica.completed.hash };
  }

  it("end alike, whether rows are told, changes are, or all that is touched is named", () => {
    const plain = counted({});
    const isTold = (of: number): boolean => of === log;
    const told = counted({ isTold });
    expect(told.hash).to.equal(plain.hash);
    const untold = told.answers.map(({ result, ...rest }) => ({
      ...rest,
      result: result.kind === "done" ? { ...result, told: [] } : result,
    }));
    expect(untold).to.deep.equal(plain.answers);
    const [one, two, three] = told.answers.map(({ result }) => result);
    const rows = [1n, 2n].map((a) => [{ relation: log, values: [a, 0n] }]);
    expect(one).to.deep.include({ removed: 1, inserted: 2, told: rows[0] });
    expect(two).to.deep.include({ told: rows[1] });
    expect(three).to.deep.equal({ kind: "aborted", reason: "not there" });
    const whole = [r, log].map((of) => ({ relation: of, columns: [], values: [] }));
    expect(counted({}, { reads: whole, writes: whole })).to.deep.equal(plain);
    const none = counted({}, { reads: whole, writes: [] }).answers;
    expect(new Set(none.map(({ result }) => result.kind))).to.deep.equal(
      new Set(["restart", "aborted"]),
    );
    const changing = counted({ tellsChanges: true });
    expect(changing.hash).to.equal(plain.hash);
    const { removed = [], inserted = [] } = changing.answers[3]?.changes ?? {};
    expect(removed).to.have.deep.members([
      { relation: r, values: [1n, 1n] },
      { relation: log, values: [1n, 0n] },
    ]);
    expect(inserted).to.have.deep.members([
      { relation: r, values: [1n, 2n] },
      { relation: log, values: [1n, 1n] },
    ]);
    const bare = changing.answers.map(({ changes: _, ...rest }) => rest);
    expect(bare).to.deep.equal(plain.answers);
    expect(changing.answers[2]).not.to.have.property("changes");
  });
});
