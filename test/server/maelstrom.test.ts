import { expect } from "chai";

import { builtCommand } from "../support/built-command.ts";
import { type Done, history, names, seed } from "../support/maelstrom-histories.ts";
import type { Workbench } from "../support/maelstrom-nodes.ts";

/** Asks all nodes until they answer as `wanted` says, or time is up; returns the last answers. */
async function finalReads(
  bench: Workbench,
  field: string,
  wanted: (value: unknown) => boolean,
): Promise<unknown[]> {
  const read = async (name: string): Promise<unknown> =>
    (await bench.request("c9", name, { type: "read" }))?.[field];
  for (const endMs = performance.now() + 60_000; ;) {
    const values = await Promise.all(names.map(read));
    const same = new Set(values.map((value) => JSON.stringify(value))).size === 1;
    if ((same && values.every(wanted)) || performance.now() > endMs) return values;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Checks a set that grows: what was acknowledged is at all nodes, what no one added at none, and
 * what was read once at a node stays there. */
async function checkSet(
  done: readonly Done[],
  bench: Workbench,
  [type, element, field]: readonly [string, string, string],
): Promise<void> {
  const added = done.filter(({ body }) => body["type"] === type);
  const acknowledged = added.filter(({ reply }) => reply?.["type"] === `${type}_ok`);
  expect(acknowledged.length).to.be.greaterThan(added.length / 2);
  const must = acknowledged.map(({ body }) => body[element]);
  const may = new Set(added.map(({ body }) => body[element]));
  const all = (value: unknown): boolean =>
    Array.isArray(value) && must.every((one) => value.includes(one));
  const finals = await finalReads(bench, field, all);
  for (const [at, final] of finals.entries()) {
    const elements = new Set(final as unknown[]);
    expect(must.filter((one) => !elements.has(one))).to.deep.equal([]);
    expect([...elements].filter((one) => !may.has(one))).to.deep.equal([]);
    for (const { node, body, reply } of done) {
      if (body["type"] !== "read" || reply === undefined || node !== names[at]) continue;
      expect((reply[field] as unknown[]).filter((one) => !elements.has(one))).to.deep.equal([]);
    }
  }
}

/** Checks a counter: at all nodes it is the sum of what was acknowledged, and of some of what may
 * have been done. */
async function checkCounter(done: readonly Done[], bench: Workbench): Promise<void> {
  const adds = done.filter(({ body }) => body["type"] === "add");
  const delta = ({ body }: Done): number => Number(body["delta"]);
  const sure = adds.filter(({ reply }) => reply?.["type"] === "add_ok");
  expect(sure.length).to.be.greaterThan(adds.length / 2);
  let sums = new Set([sure.reduce((sum, one) => sum + delta(one), 0)]);
  for (const open of adds.filter(({ reply }) => reply === undefined))
    sums = new Set([...sums].flatMap((sum) => [sum, sum + delta(open)]));
  const finals = await finalReads(bench, "value", (value) => sums.has(Number(value)));
  expect(finals.map((value) => sums.has(Number(value)))).to.deep.equal(names.map(() => true));
  expect(new Set(finals).size).to.equal(1);
}

describe(`nodes of Maelstrom (SEED=${seed})`, function () {
  this.timeout(180_000);
  before(() => builtCommand());

  it("echo what they are told", () =>
    history(
      {
        program: "echo.dl",
        requests: 60,
        ...{ crashes: false, kept: true },
        request: (at, chance) => ({ type: "echo", echo: `say "${at}" ${chance.below(9)} é\n` }),
      },
      (done) => {
        for (const { body, reply } of done)
          expect(reply).to.include({ type: "echo_ok", echo: body["echo"] });
      },
    ));

  it("make ids that no node makes twice", () =>
    history(
      {
        program: "unique-ids.dl",
        requests: 100,
        ...{ crashes: false, kept: true },
        request: () => ({ type: "generate" }),
      },
      (done) => {
        const ids = done.map(({ reply }) => reply?.["id"]);
        expect(ids).to.not.include(undefined);
        expect(new Set(ids).size).to.equal(100);
      },
    ));

  it("broadcast all that was acknowledged, through loss, cuts and crashes", () =>
    history(
      {
        program: "broadcast.dl",
        requests: 70,
        ...{ crashes: true, kept: true },
        request: (at, chance) =>
          chance.chance(0.3) ? { type: "read" } : { type: "broadcast", message: at },
      },
      (done, bench) => checkSet(done, bench, ["broadcast", "message", "messages"]),
    ));

  it("hold a set that grows, through loss, cuts and crashes", () =>
    history(
      {
        program: "g-set.dl",
        requests: 70,
        ...{ crashes: true, kept: true },
        request: (at, chance) =>
          chance.chance(0.3) ? { type: "read" } : { type: "add", element: at },
      },
      (done, bench) => checkSet(done, bench, ["add", "element", "value"]),
    ));

  it("count up, through loss, cuts and crashes", () =>
    history(
      {
        program: "g-counter.dl",
        requests: 70,
        ...{ crashes: true, kept: true },
        request: (_, chance) =>
          chance.chance(0.3) ? { type: "read" } : { type: "add", delta: chance.below(5) },
      },
      checkCounter,
    ));

  it("count up and down, through loss, cuts and crashes", () =>
    history(
      {
        program: "pn-counter.dl",
        requests: 70,
        ...{ crashes: true, kept: true },
        request: (_, chance) =>
          chance.chance(0.3) ? { type: "read" } : { type: "add", delta: chance.below(10) - 5 },
      },
      checkCounter,
    ));
});
