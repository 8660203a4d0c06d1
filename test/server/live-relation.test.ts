// What is kept for those who come back, and what those who are slow are told.
import { expect } from "chai";

import { LiveRelations, type LiveSink } from "../../src/server/live.ts";
import { type LiveMessage, LiveRelation, type LiveSchema } from "../../src/server/live-relation.ts";

describe("the history of an output", () => {
  const schema: LiveSchema = {
    ...{ name: "r", structures: new Map(), latticeColumns: 0, final: true },
    mode: "additions",
    attributes: [{ name: "x", type: "number", kind: "number" }],
  };
  /** Has room for two messages. */
  const limits = { historyBytesMax: 140, messageTuples: 10 };

  function relationWith(count: number): LiveRelation {
    const relation = new LiveRelation(schema, "7", () => [], limits);
    for (let at = 1; at <= count; at++) relation.publish({ tuples: [[BigInt(at)]] });
    return relation;
  }

  it("goes back as far as there is room, and says so", () => {
    const relation = relationWith(5);
    expect(relation.numberAt("7-5")).to.equal(5);
    expect(relation.numberAt("7-4")).to.equal(4);
    expect(relation.numberAt("7-3")).to.equal(3);
    expect(relation.numberAt("7-2"), "gone by").to.equal(undefined);
    expect(relation.numberAt("7-6"), "not yet").to.equal(undefined);
    expect(relation.numberAt("8-5"), "another life").to.equal(undefined);
    expect(relation.message(4)?.text).to.equal(
      '{"kind":"added","position":"7-4","final":true,"tuples":[[4]]}',
    );
    expect(relation.message(3)).to.equal(undefined);
  });

  it("is told to one who takes little at a time, until it has gone by", () => {
    const relation = relationWith(0);
    const live = new LiveRelations(new Map([[0, relation]]));
    const told: LiveMessage[] = [];
    const ends: string[] = [];
    const sink: LiveSink = {
      write: (message) => {
        told.push(message);
        return false;
      },
      end: (reason) => {
        ends.push(reason);
      },
    };
    const driver = {
      onReady: (done: () => void): void => {
        done();
      },
      onDurable: <T>(read: () => T, done: (value: T) => void): void => {
        done(read());
      },
    };
    const follower = live.follow(0, undefined, driver, () => [], sink);
    const publish = (x: bigint): void => {
      live.publish([{ relation: 0, tuples: [[x]], replaced: false }]);
    };
    expect(told.map(({ kind }) => kind)).to.deep.equal(["start"]);
    publish(1n);
    follower?.resume();
    follower?.resume();
    expect(told.map(({ kind }) => kind)).to.deep.equal(["start", "added", "current"]);
    for (let x = 2n; x < 6n; x++) publish(x);
    expect(told).to.have.length(3);
    follower?.resume();
    expect([ends, live.size]).to.deep.equal([["behind"], 0]);
  });
});
