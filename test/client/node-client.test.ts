// The client against real nodes.
import { expect } from "chai";

import { type LiveChange, NodeClient } from "../../src/client/node-client.ts";
import { NodeError } from "../../src/client/node-error.ts";
import { closure, TestNodes } from "../server/nodes.ts";
import { Proxy } from "../support/cluster.ts";

/** Takes changes up to the first that is `last`. */
async function upTo(
  changes: AsyncIterator<LiveChange>,
  last: (of: LiveChange) => boolean,
): Promise<LiveChange[]> {
  const taken: LiveChange[] = [];
  for (;;) {
    const next = await changes.next();
    if (next.done === true) return taken;
    taken.push(next.value);
    if (last(next.value)) return taken;
  }
}

describe("the client of a node", () => {
  const nodes = new TestNodes();
  const proxies: Proxy[] = [];
  let abort = new AbortController();
  beforeEach(() => (abort = new AbortController()));
  afterEach(async () => {
    abort.abort();
    for (const proxy of proxies.splice(0)) proxy.close();
    await nodes.close();
  });

  it("inserts, asks, and reads relations page by page", async () => {
    const { url } = await nodes.start(closure, { token: "secret" });
    const client = new NodeClient(url, { token: "secret" });
    const inserted = await client.insert("edge", [[1, 2], { x: 2n, y: 3 }]);
    expect(inserted).to.include({ facts: 2, from: 1, to: 2 });
    const answers = await client.query("path(1, X)");
    expect(answers).to.deep.include({ holds: true, final: true, tuples: [[2], [3]] });
    const tuples = [];
    for await (const tuple of client.relation("path", { pageTuples: 2 })) tuples.push(tuple);
    expect(tuples).to.have.deep.members([
      [1, 2],
      [2, 3],
      [1, 3],
    ]);
    expect((await client.relations()).map(({ name }) => name)).to.deep.equal(["edge", "path"]);
  });

  it("keeps integers that no double holds, and floats that JSON has not", async () => {
    const { url } = await nodes.start(".decl r(n: number, f: float, s: symbol)\n.input r");
    const client = new NodeClient(url);
    await client.insert("r", [[2n ** 60n, Infinity, "12"]]);
    const { tuples } = await client.query("r(N, F, S)");
    expect(tuples).to.deep.equal([[2n ** 60n, Infinity, "12"]]);
  });

  it("says why the node refuses something, and does not ask again", async () => {
    const { url } = await nodes.start(closure);
    let asked = 0;
    const client = new NodeClient(url, {
      fetch: (...of) => {
        asked++;
        return fetch(...of);
      },
    });
    const refused = await client.insert("edge", [["x"]]).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(NodeError);
    expect(refused).to.include({ status: 400, code: "bad-facts" });
    expect((refused as NodeError).errors.length).to.be.greaterThan(0);
    expect(asked).to.equal(1);
    const missing = await client
      .subscribe("pth")
      .next()
      .catch((error: unknown) => error);
    expect(missing).to.include({ code: "unknown-relation", hint: 'did you mean "path"?' });
  });

  it("sends again, under one key, what may have been lost on the way", async () => {
    const { url, port } = await nodes.start(closure);
    const keys: (string | null)[] = [];
    const client = new NodeClient(url, {
      retry: { firstMs: 1 },
      fetch: async (input, init) => {
        keys.push(new Headers(init?.headers).get("idempotency-key"));
        const response = await fetch(input, init);
        // The first answer is lost, though the facts were taken.
        if (keys.length === 1) throw new TypeError("lost");
        return response;
      },
    });
    const { from, to } = await client.insert("edge", [[1, 2]]);
    expect([from, to, keys.length, new Set(keys).size, port > 0]).to.deep.equal([1, 1, 2, 1, true]);
    const few = new NodeClient("http://127.0.0.1:1", { retry: { firstMs: 1, attemptsMax: 2 } });
    expect(await few.query("a()").catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });

  it("goes on where a lost connection was left, and tells nothing twice", async () => {
    const node = await nodes.start(closure);
    const proxy = await Proxy.to(() => node.port);
    proxies.push(proxy);
    const direct = new NodeClient(node.url);
    const client = new NodeClient(`http://127.0.0.1:${proxy.port}`, { retry: { firstMs: 1 } });
    const changes = client.subscribe("path", { signal: abort.signal });
    await upTo(changes, ({ kind }) => kind === "current");
    proxy.cut();
    await direct.insert("edge", [[1, 2]]);
    proxy.heal();
    const [next] = await upTo(changes, () => true);
    expect(next).to.deep.equal({ kind: "added", final: true, tuples: [[1, 2]] });
  });

  it("tells to begin anew after the node has come back in another life", async () => {
    const data = nodes.folder();
    const node = await nodes.start(closure, { data });
    const client = new NodeClient(node.url, { retry: { firstMs: 1, maxMs: 20 } });
    await client.insert("edge", [[1, 2]]);
    const changes = client.subscribe("path", { signal: abort.signal });
    await upTo(changes, ({ kind }) => kind === "current");
    await nodes.stop(node);
    await nodes.start(closure, { data, listen: { host: "127.0.0.1", port: node.port } });
    const again = await upTo(changes, ({ kind }) => kind === "added");
    expect(again).to.deep.equal([
      { kind: "reset" },
      { kind: "added", final: true, tuples: [[1, 2]] },
    ]);
  });

  it("ends a subscription by its signal, and when the loop ends", async () => {
    const { url } = await nodes.start(closure);
    const client = new NodeClient(url);
    for await (const change of client.subscribe("path")) if (change.kind === "current") break;
    const changes = client.subscribe("path", { signal: abort.signal });
    await upTo(changes, ({ kind }) => kind === "current");
    const waiting = changes.next().catch((error: unknown) => error);
    abort.abort();
    expect(await waiting).to.include({ name: "AbortError" });
  });
});
