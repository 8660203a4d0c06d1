import { expect } from "chai";

import { NodeClient } from "../../src/client/node-client.ts";
import { NodeError } from "../../src/client/node-error.ts";
import { OrderedClient, TransactionUnknown } from "../../src/client/ordered-client.ts";
import { ScriptedNodes } from "../support/scripted-nodes.ts";

const retry = { firstMs: 1, maxMs: 1, attemptsMax: 3 };

/** How a promise is rejected. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a client of the ordered plane", () => {
  const nodes = new ScriptedNodes();
  afterEach(() => {
    nodes.close();
  });
  const done = { id: "t1", status: "done", epoch: 3, position: 9, removed: 2, inserted: 2 };

  it("asks under one id, at one node after the other, until one answers", async () => {
    const urls = [
      await nodes.start(() => undefined),
      await nodes.start(() => [503, { code: "unavailable", detail: "the log is away" }]),
      await nodes.start(() => [200, done]),
    ];
    const client = new OrderedClient(urls, { retry });
    expect(await client.transaction("transfer", ["ada", "ben", 5n])).to.deep.equal(done);
    const keys = nodes.asked.map(({ key }) => key);
    expect(keys.length).to.be.greaterThan(2);
    expect(new Set(keys).size).to.equal(1);
    expect(nodes.asked[0]).to.include({ method: "POST", path: "/v1/transactions/transfer" });
    expect(nodes.asked[0]?.body).to.equal('{"args":["ada","ben","5"]}');
  });

  it("asks the next node where a request did not come to one in time", async () => {
    const slow = await nodes.start(() => [408, {}]);
    const client = new OrderedClient([slow, await nodes.start(() => [200, done])], { retry });
    expect(await client.transaction("close", ["ada"], { id: "t1" })).to.deep.equal(done);
    const error = await rejection(new OrderedClient(slow, { retry }).transaction("close", ["ada"]));
    expect(error).to.be.instanceOf(TransactionUnknown);
  });

  it("asks the next node where one says nothing", async () => {
    const hanging = { fetch: hangingAt("http://127.0.0.1:9") };
    const urls = ["http://127.0.0.1:9", await nodes.start(() => [200, done])];
    const client = new OrderedClient(urls, { retry, callMs: 20, ...hanging });
    const end = await client.transaction("close", { account: "ada" }, { id: "t1" });
    expect(end).to.deep.equal(done);
  });

  it("gives an abort as a value, with its reason", async () => {
    const aborted = { code: "aborted", reason: "same account", id: "t2", epoch: 4, position: 7 };
    const client = new NodeClient(await nodes.start(() => [409, aborted]), { retry });
    expect(await client.transaction("transfer", ["a", "a", 1], { id: "t2" })).to.deep.equal({
      ...{ status: "aborted", id: "t2", epoch: 4, position: 7, reason: "same account" },
    });
    expect(nodes.asked).to.have.length(1);
  });

  it("throws what is refused, and asks no more", async () => {
    const refused = { code: "bad-arguments", detail: "two of three" };
    const client = new NodeClient(await nodes.start(() => [422, refused]), { retry });
    const error = await rejection(client.transaction("transfer", ["a"]));
    expect(error).to.be.instanceOf(NodeError).and.to.include({ code: "bad-arguments" });
    expect(nodes.asked).to.have.length(1);
  });

  it("says under which id to ask again where nobody says how it ended", async () => {
    const client = new NodeClient(await nodes.start(() => undefined), { retry });
    const error = await rejection(client.transaction("open", ["dan"], { id: "t3" }));
    expect(error).to.be.instanceOf(TransactionUnknown).and.to.include({ id: "t3" });
    expect(nodes.asked).to.have.length(3);
  });
});

/** A `fetch` that never answers at one address. */
function hangingAt(url: string): typeof fetch {
  return (input, init) => {
    if (!(input as string).startsWith(url)) return fetch(input, init);
    return new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => {
        reject(init.signal?.reason as Error);
      });
    });
  };
}
