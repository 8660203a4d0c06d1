// The driver of a node, with what it drives told apart.
import { expect } from "chai";

import { type DrivenLife, NodeDriver } from "../../src/server/node-driver.ts";
import type { Node } from "../../src/transducer/node.ts";
import type { Frame, NodeInput } from "../../src/transducer/protocol.ts";

/** A life of a node that writes a record for each tick and each clean-up, and is told what happens
 * to it. */
function writingLife(told: (input: NodeInput) => void = () => undefined): DrivenLife {
  const node = {
    complete: true,
    step: (input: NodeInput) => {
      told(input);
      const writes = input.kind === "tick" || input.kind === "collect";
      return {
        ...{ frames: [], accepted: [], refused: [], changes: [] },
        records: writes ? [{ kind: "members", members: new Map() }] : [],
        ...{ members: new Map(), stalled: [], undeliverable: 0 },
      };
    },
  };
  let count = 0;
  return {
    node: node as unknown as Node,
    log: { append: (records) => (count += records.length), queuedBytes: 0 },
    network: { send: () => true, pause: () => undefined, resume: () => undefined },
  };
}

function writing(told?: (input: NodeInput) => void): NodeDriver {
  return new NodeDriver({
    ...writingLife(told),
    ...{ queuedBytesMax: 1, nowMs: () => 0, onChanges: () => undefined },
    onStopped: () => undefined,
  });
}

describe("the driver of a node", () => {
  it("has batches that come in one turn taken in together, and counts them as taken", async () => {
    const steps: NodeInput[] = [];
    const node = {
      complete: true,
      taken: () => 2,
      // 5 and 6 are gone.
      takenAfter: (_: string, number: number) => (number === 4 ? 6 : number),
      step: (input: NodeInput) => {
        steps.push(input);
        return {
          ...{ frames: [], records: [], accepted: [], refused: [], changes: [] },
          ...{ members: new Map(), stalled: [], undeliverable: 0 },
        };
      },
    };
    const driver = new NodeDriver({
      node: node as unknown as Node,
      log: { append: () => 0, queuedBytes: 0 },
      network: { send: () => true, pause: () => undefined, resume: () => undefined },
      ...{ queuedBytesMax: 1, nowMs: () => 0, onChanges: () => undefined },
      onStopped: () => undefined,
    });
    const batch = (from: number): Frame => {
      const facts = [{ relation: 0, values: [] }];
      return { kind: "batch", batch: { origin: "b/1", from, facts } };
    };
    for (const from of [3, 4, 1]) driver.frame("b", batch(from));
    expect(driver.taken("b/1")).to.equal(6);
    expect(steps).to.deep.equal([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps.map(({ kind }) => kind)).to.deep.equal(["batches"]);
    expect(driver.taken("b/1")).to.equal(2);
    // What else a peer says comes after its batches.
    driver.frame("b", batch(3));
    driver.frame("b", { kind: "ack", holds: new Map(), heard: undefined });
    expect(steps.map(({ kind }) => kind)).to.deep.equal(["batches", "batches", "frame"]);
  });

  it("tells those who wait for the next commit, and those who find none at once", () => {
    const driver = writing();
    const told: string[] = [];
    driver.onCommit(() => told.push("before"));
    driver.tick();
    driver.onCommit(() => told.push("first"));
    driver.tick();
    expect(told).to.deep.equal(["before"]);
    driver.flushed(1);
    expect(told).to.deep.equal(["before", "first"]);
    // The second record is not durable yet.
    driver.onCommit(() => told.push("second"));
    expect(told).to.deep.equal(["before", "first"]);
    driver.stop({ kind: "left", error: new Error("left") });
    expect(told).to.deep.equal(["before", "first", "second"]);
  });

  it("answers what is asked while it tells of a commit that has all that the answer needs", () => {
    const driver = writing();
    const told: string[] = [];
    const failed = (error: Error): void => void told.push(error.message);
    const read = (name: string, then: () => void): void => {
      driver.onDurable(
        () => name,
        (value) => {
          told.push(value);
          then();
        },
        failed,
      );
    };
    driver.collect();
    read("first", () => {
      read("asked by the first", () => undefined);
    });
    driver.collect();
    read("second", () => undefined);
    driver.flushed(2);
    expect(told).to.deep.equal(["first", "second", "asked by the first"]);
    expect(driver.unpersisted).to.equal(0);
  });

  it("begins a new life that a record asks for which was made durable with a later one", async () => {
    const lives: string[] = [];
    const driver = writing(({ kind }) => {
      if (kind !== "persisted" || lives.length > 0) return;
      lives.push("asked for");
      void driver.renew(() => {
        lives.push("begun");
        return Promise.resolve(writingLife(({ kind: of }) => lives.push(of)));
      });
    });
    driver.collect();
    const first = driver.whenDurable(() => "first");
    driver.collect();
    driver.flushed(2);
    expect(await first).to.equal("first");
    await new Promise((resolve) => setImmediate(resolve));
    driver.tick();
    expect(lives).to.deep.equal(["asked for", "begun", "tick"]);
    expect(driver.renewing).to.equal(false);
  });
});
