// The client of a store, against nodes in this process.
import { expect } from "chai";
import { WebSocket } from "ws";

import { KvClient } from "../../src/client/kv-client.ts";
import { KvSocket, type SocketLike } from "../../src/client/kv-socket.ts";
import { TestNodes } from "../server/nodes.ts";
import { startStore } from "../server/kv/stores.ts";

describe("a client of a store", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("puts, gets, scans and removes, whatever is in the keys", async () => {
    const { url } = await startStore(nodes);
    const kv = new KvClient(["http://127.0.0.1:9", url]);
    await kv.put("a/*", "x?&%", { json: { n: 1 } });
    expect((await kv.get("a/*", "x?&%"))?.json).to.deep.equal({ n: 1 });
    await kv.put("*", "bytes", new Uint8Array([0, 255]));
    expect([...((await kv.bytes("*", "bytes"))?.bytes ?? [])]).to.deep.equal([0, 255]);
    for (const [k1, k2] of [
      [".", "b"],
      ["a", ".."],
      ["..", "."],
    ] as const) {
      await kv.put(k1, k2, { json: [k1, k2] }, { wait: 1 });
      expect((await kv.get(k1, k2))?.json).to.deep.equal([k1, k2]);
      expect((await kv.bytes(k1, k2))?.type).to.equal("application/json");
      for (const keys of [{ k1 }, { k2 }, { k1, k2 }]) {
        const found: string[][] = [];
        for await (const cell of kv.scan(keys)) found.push([cell.k1, cell.k2]);
        expect(found).to.deep.include([k1, k2]);
      }
      expect((await kv.remove(k1, k2)).removed).to.have.length(1);
      expect(await kv.get(k1, k2)).to.equal(undefined);
    }
    const keys: string[] = [];
    for await (const { k1 } of kv.scan({}, { pageCells: 1 })) keys.push(k1);
    expect(keys).to.deep.equal(["*", "a/*"]);
    expect((await kv.remove("*", "bytes")).removed).to.have.length(1);
    expect(await kv.get("*", "bytes")).to.equal(undefined);
  });

  it("tells those who watch, until they stop", async () => {
    const { url } = await startStore(nodes);
    const kv = new KvClient(url);
    await kv.put("a", "b", "1");
    const told: string[] = [];
    for await (const change of kv.watch({ k1: "a" })) {
      told.push(change.kind === "put" ? `put ${change.text ?? ""}` : change.kind);
      if (change.kind === "current") await kv.put("a", "b", "2");
      if (told.includes("put 2")) break;
    }
    expect(told).to.deep.equal(["start", "put 1", "current", "put 2"]);
  });

  it("asks over a WebSocket, many at a time", async () => {
    const { url } = await startStore(nodes);
    const socket = await KvSocket.open(url, {
      WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => SocketLike,
    });
    await Promise.all(Array.from({ length: 50 }, (_, at) => socket.put("k", `${at}`, `v${at}`)));
    const found = await Promise.all(
      Array.from({ length: 51 }, (_, at) => socket.get("k", `${at}`)),
    );
    expect(found.map((cell) => cell?.text)).to.deep.equal([
      ...Array.from({ length: 50 }, (_, at) => `v${at}`),
      undefined,
    ]);
    socket.close();
  });
});
