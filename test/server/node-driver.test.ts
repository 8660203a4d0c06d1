// The driver of a node, with what it drives told apart.
import { expect } from "chai";

import { type Random, random } from "../../src/base/random.ts";
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

function driverOf(life: DrivenLife): NodeDriver {
  return new NodeDriver({
    ...life,
    ...{ queuedBytesMax: 1, nowMs: () => 0, onChanges: () => undefined },
    onStopped: () => undefined,
  });
}

const seed = Number(process.env["SEED"] ?? "1");
const runs = Number(process.env["RUNS"] ?? "300");

/** Does by chance what can happen to a driver, whose node asks for new lives by chance; who is told
 * something may ask again. Then all becomes durable. Returns the driver, how many have asked, and
 * who of them was answered. */
async function anything(from: Random): Promise<{
  readonly driver: NodeDriver;
  readonly asked: number;
  readonly answered: readonly number[];
}> {
  let [asked, more, appended, durable] = [0, 20, 0, 0];
  const answered: number[] = [];
  const again = (probability: number): boolean => from.chance(probability) && more-- > 0;
  const ask = (): void => {
    const number = asked++;
    const done = (): void => {
      answered.push(number);
      if (again(0.3)) ask();
    };
    driver.onDurable(() => undefined, done, ignore);
  };
  const flush = (count: number): void => {
    durable = count;
    driver.flushed(count);
  };
  const flushAll = (): void => {
    while (durable < appended) flush(appended);
  };
  // The log of the life before is closed first.
  const closed = async (): Promise<DrivenLife> => {
    flushAll();
    await turn();
    return begin();
  };
  const begin = (): DrivenLife => {
    [appended, durable] = [0, 0];
    const life = writingLife(({ kind }) => {
      if (kind !== "persisted") return;
      if (again(0.2)) ask();
      if (again(0.1)) void driver.renew(closed);
    });
    return { ...life, log: { append: (records) => (appended += records.length), queuedBytes: 0 } };
  };
  const driver = driverOf(begin());
  const happens = [
    ask,
    () => {
      driver.collect();
    },
    () => {
      driver.tick();
    },
    () => {
      if (durable < appended) flush(from.between(durable + 1, appended));
    },
  ];
  for (let steps = 0; steps < 40; steps++)
    if (from.chance(0.2)) await turn();
    else from.pick(happens)();
  for (let turns = 0; turns < 30; turns++) {
    flushAll();
    await turn();
  }
  return { driver, asked, answered };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ignore(): void {
  // It is not among those who were answered.
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
    await turn();
    expect(steps.map(({ kind }) => kind)).to.deep.equal(["batches"]);
    expect(driver.taken("b/1")).to.equal(2);
    // What else a peer says comes after its batches.
    driver.frame("b", batch(3));
    driver.frame("b", { kind: "ack", holds: new Map(), heard: undefined });
    expect(steps.map(({ kind }) => kind)).to.deep.equal(["batches", "batches", "frame"]);
  });

  it("tells those who wait for the next commit, and those who find none at once", () => {
    const driver = driverOf(writingLife());
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
    const driver = driverOf(writingLife());
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
    const driver = driverOf(
      writingLife(({ kind }) => {
        if (kind !== "persisted" || lives.length > 0) return;
        lives.push("asked for");
        void driver.renew(() => {
          lives.push("begun");
          return Promise.resolve(writingLife(({ kind: of }) => lives.push(of)));
        });
      }),
    );
    driver.collect();
    const first = driver.whenDurable(() => "first");
    driver.collect();
    driver.flushed(2);
    expect(await first).to.equal("first");
    await turn();
    driver.tick();
    expect(lives).to.deep.equal(["asked for", "begun", "tick"]);
    expect(driver.renewing).to.equal(false);
  });

  it(`leaves nobody waiting once all is durable (SEED=${seed} RUNS=${runs})`, async () => {
    for (let run = 0; run < runs; run++) {
      const { driver, asked, answered } = await anything(random(seed + run));
      const which = `SEED=${seed + run}`;
      expect(driver.stopped, which).to.equal(undefined);
      expect([driver.renewing, driver.unpersisted], which).to.deep.equal([false, 0]);
      const all = Array.from({ length: asked }, (_, number) => number);
      expect(
        answered.toSorted((a, b) => a - b),
        which,
      ).to.deep.equal(all);
    }
  });
});
