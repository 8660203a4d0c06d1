// The driver of a node, with what it drives told apart.
import { expect } from "chai";

import { NodeDriver } from "../../src/server/node-driver.ts";
import type { Node } from "../../src/transducer/node.ts";
import type { Frame, NodeInput } from "../../src/transducer/protocol.ts";

/** A driver of a node that writes a record for each tick. */
function writing() {
  const node = {
    complete: true,
    step: ({ kind }: NodeInput) => ({
      ...{ frames: [], accepted: [], refused: [], changes: [] },
      records: kind === "tick" ? [{ kind: "members", members: new Map() }] : [],
      ...{ members: new Map(), stalled: [], undeliverable: 0 },
    }),
  };
  let count = 0;
  return new NodeDriver({
    node: node as unknown as Node,
    log: { append: (records) => (count += records.length), queuedBytes: 0 },
    network: { send: () => true, pause: () => undefined, resume: () => undefined },
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
});
