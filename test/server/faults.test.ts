// What clients send that cannot be evaluated: it is refused, and the node goes on without it.
import { expect } from "chai";

import type { RunningNode } from "../../src/server/node-server.ts";
import type { NodeServerOptions } from "../../src/server/node-server-options.ts";
import { until } from "../support/cluster.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

const picky = `
  .functor half(x: number): number
  .decl given(x: number)
  .input given
  .decl halved(x: number)
  halved(@half(x)) :- given(x).
  .output halved`;

/** Fails for one value alone. */
const half = (x: unknown): bigint => {
  if (x === 7n) throw new Error("seven cannot be halved");
  return BigInt(Number(x) >> 1);
};

describe("a node that is sent what it cannot evaluate", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  async function holds(node: RunningNode, relation: string, tuples: unknown): Promise<void> {
    await until(`${relation} is as it should be`, Date.now() + 100_000, async () => {
      const { status, body } = await ask(node, `/v1/relations/${relation}`);
      if (status !== 503) expect((body as { tuples: unknown }).tuples).to.deep.equal(tuples);
      return status === 200;
    });
  }

  /** Sends what is fine, then what is not, then what is fine again. */
  async function refuses(
    text: string,
    options: Partial<NodeServerOptions>,
    [relation, fine, wrong, more]: [string, unknown[], unknown[], unknown[]],
  ): Promise<{ readonly node: RunningNode; readonly said: unknown; readonly data: string }> {
    const data = nodes.folder();
    const node = await nodes.start(text, { ...options, data });
    const begun = await send(node, relation, fine);
    expect(begun.status, begun.text).to.equal(200);
    const key = { "idempotency-key": "wrong" };
    // What comes at the same time is not refused with it.
    const [first, refused, last] = await Promise.all([
      send(node, relation, fine.slice(0, 1)),
      send(node, relation, wrong, key),
      send(node, relation, more),
    ]);
    expect([first.status, refused.status, last.status]).to.deep.equal([200, 422, 200]);
    expect(refused.body).to.include({ code: "evaluation-failed" });
    expect((await send(node, relation, wrong, key)).status, "again").to.equal(422);
    return { node, said: refused.body, data };
  }

  it("refuses a fact that a functor fails on, with the reason, and keeps nothing of it", async () => {
    const options = { functors: { half } };
    const { node, said, data } = await refuses(picky, options, [
      "given",
      [[4]],
      [[10], [7]],
      [[12]],
    ]);
    expect(JSON.stringify(said)).to.contain("seven cannot be halved");
    await holds(node, "halved", [[2], [6]]);
    await nodes.stop(node);
    await holds(await nodes.start(picky, { ...options, data }), "halved", [[2], [6]]);
  });

  it("refuses facts of which more follows than may", async () => {
    const chain = Array.from({ length: 30 }, (_, at) => [at, at + 1]);
    const limits = { evaluation: { maxTuples: 100 } };
    const { node } = await refuses(closure, limits, ["edge", [[0, 1]], chain, [[1, 2]]]);
    await holds(node, "path", [
      [0, 1],
      [1, 2],
      [0, 2],
    ]);
  });
});
