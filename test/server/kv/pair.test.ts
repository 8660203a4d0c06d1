// Values at pairs of keys, over HTTP.
import { expect } from "chai";

import { storeRelations } from "../../../src/server/kv/relations.ts";
import { ask, programOf, TestNodes } from "../nodes.ts";
import { get, put, remove, startStore, storeText } from "./stores.ts";

describe("a store", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("gives what was put, with its type, its dot and a tag", async () => {
    const node = await startStore(nodes);
    const done = await put(node, "user/name", "Ada");
    expect(done.status).to.equal(201);
    const { dot } = done.body as { dot: string };
    expect(dot).to.match(/^a\/\d+:1$/);
    expect(done.body).to.deep.equal({ k1: "user", k2: "name", dot, replaced: [] });
    const found = await get(node, "user/name");
    expect(found.status).to.equal(200);
    expect(found.text).to.equal("Ada");
    expect(found.headers.get("content-type")).to.equal("text/plain");
    expect(found.headers.get("calm-dot")).to.equal(dot);
    const etag = found.headers.get("etag") ?? "";
    const again = await get(node, "user/name", { headers: { "if-none-match": etag } });
    expect(again.status).to.equal(304);
    await put(node, "user/name", "Grace");
    const other = await get(node, "user/name", { headers: { "if-none-match": etag } });
    expect(other.status).to.equal(200);
    expect(other.text).to.equal("Grace");
  });

  it("says 404 of what was never put, or removed, and takes it again", async () => {
    const node = await startStore(nodes);
    expect((await get(node, "a/b")).status).to.equal(404);
    expect((await remove(node, "a/b")).body).to.deep.equal({ k1: "a", k2: "b", removed: [] });
    const { dot } = (await put(node, "a/b", "1")).body as { dot: string };
    const gone = await remove(node, "a/b");
    expect(gone.status).to.equal(200);
    expect(gone.body).to.deep.include({ k1: "a", k2: "b", removed: [dot] });
    expect((await get(node, "a/b")).status).to.equal(404);
    await put(node, "a/b", "2");
    expect((await get(node, "a/b")).text).to.equal("2");
  });

  it("replaces what it sees, nothing, or what the client names", async () => {
    const node = await startStore(nodes);
    const dotOf = async (of: ReturnType<typeof put>) => ((await of).body as { dot: string }).dot;
    const one = await dotOf(put(node, "a/b", "1"));
    const two = await dotOf(put(node, "a/b?replaces=none", "2"));
    const both = await get(node, "a/b?format=json");
    expect(both.body).to.deep.include({
      k1: "a",
      k2: "b",
      dot: two,
      type: "text/plain",
      text: "2",
    });
    const { siblings } = both.body as { siblings: object[] };
    expect(siblings).to.deep.equal([{ dot: one, type: "text/plain", text: "1" }]);
    const raw = await get(node, "a/b");
    expect([raw.text, raw.headers.get("calm-siblings")]).to.deep.equal(["2", "1"]);
    const three = await put(node, `a/b?replaces=${encodeURIComponent(two)}`, "3");
    expect(three.body).to.deep.include({ replaced: [two] });
    expect((await get(node, "a/b")).headers.get("calm-siblings")).to.equal("1");
    const four = await put(node, "a/b", "4");
    expect((four.body as { replaced: string[] }).replaced).to.have.length(2);
    expect((await get(node, "a/b")).headers.get("calm-siblings")).to.equal(null);
  });

  it("keeps bytes, JSON, and keys of any characters", async () => {
    const node = await startStore(nodes);
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const type = { "content-type": "image/png" };
    await ask(node, "/kv/p/q", { method: "POST", body: bytes, headers: type });
    const found = await fetch(`${node.url}/kv/p/q`);
    expect(found.headers.get("content-type")).to.equal("image/png");
    expect(new Uint8Array(await found.arrayBuffer())).to.deep.equal(bytes);
    expect((await get(node, "p/q?format=json")).body).to.deep.include({ base64: "AP+ACg==" });
    await put(node, "p/j", '{"x": 1}', { headers: { "content-type": "application/json" } });
    expect((await get(node, "p/j")).text).to.equal('{"x": 1}');
    expect((await get(node, "p/j?format=json")).body).to.deep.include({ json: { x: 1 } });
    for (const key of ["*", "a/b", "ü \u{1f600}", "%", "?#&", "__proto__"]) {
      const path = `${encodeURIComponent(key).replace("*", "%2A")}/k`;
      expect((await put(node, path, key)).status, key).to.equal(201);
      expect((await get(node, path)).text).to.equal(key);
    }
  });

  it("does a write once under one key", async () => {
    const node = await startStore(nodes);
    const once = { headers: { "idempotency-key": "k" } };
    const first = await put(node, "a/b", "1", once);
    const again = await put(node, "a/b", "1", once);
    expect((again.body as { dot: string }).dot).to.equal((first.body as { dot: string }).dot);
    expect((await get(node, "a/b")).headers.get("calm-siblings")).to.equal(null);
    await put(node, "a/b", "2");
    await put(node, "a/b", "1", once);
    expect((await get(node, "a/b")).text).to.equal("2");
  });

  it("says what it does not do", async () => {
    const node = await startStore(nodes, { store: { limits: { valueBytesMax: 10 } } });
    const refused = async (path: string, init: RequestInit = {}) =>
      (await put(node, path, "1", init)).body as { status: number; code: string };
    const condition = { headers: { "if-none-match": "*" } };
    expect(await refused("a/b", condition)).to.include({ status: 501, code: "not-implemented" });
    expect(await refused("a/")).to.include({ status: 400 });
    expect(await refused(`a/${"k".repeat(1025)}`)).to.include({ status: 400 });
    expect(await refused("a/b?replaces=x")).to.include({ status: 400 });
    expect((await put(node, "a/b", "x".repeat(11))).status).to.equal(413);
    const direct = await ask(node, "/v1/facts/remove", { method: "POST", body: "[]" });
    expect(direct.status).to.equal(409);
    expect((await ask(node, "/v1/live/cell")).status).to.equal(409);
  });

  it("is not sealed, by name or with all inputs", async () => {
    const text = `${storeText}.decl price(item: symbol)\n.input price\n`;
    const node = await startStore(nodes, { text });
    const sealed = (relations: unknown) =>
      ask(node, "/v1/seal", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ relations }),
      });
    const refused = await sealed(["put"]);
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include({ code: "not-an-input" });
    expect((await sealed("all")).status).to.equal(200);
    expect((await put(node, "a/b", "after")).status).to.equal(201);
    const late = await ask(node, "/v1/facts/price", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '[["tea"]]',
    });
    expect(late.status).to.equal(409);
  });

  it("has what was acknowledged after a start, and what was removed is gone", async () => {
    const data = nodes.folder();
    const first = await startStore(nodes, { data });
    await put(first, "a/1", "one");
    await put(first, "a/2", "two");
    await remove(first, "a/2");
    await nodes.stop(first);
    const second = await startStore(nodes, { data });
    expect((await get(second, "a/1")).text).to.equal("one");
    expect((await get(second, "a/2")).status).to.equal(404);
  });

  it("answers as its program says", async () => {
    const altered = async (from: string, to: string) => {
      expect(storeText).to.include(from);
      const node = await startStore(nodes, { text: storeText.replace(from, to) });
      await put(node, "a/b", "1");
      await put(node, "a/b?replaces=none", "2");
      await put(node, "a/c", "3");
      await remove(node, "a/c");
      const [both, gone] = [await get(node, "a/b"), await get(node, "a/c")];
      return [both.text, both.headers.get("calm-siblings"), gone.status];
    };
    expect(await altered("", "")).to.deep.equal(["2", "1", 404]);
    const tombstones = "cell(k1, k2, dot, 2) :- remove(k1, k2, dot, _).";
    expect(await altered(tombstones, "")).to.deep.equal(["2", "1", 200]);
    expect(await altered("!later(k1, k2, _, dot)", "!later(k1, k2, dot, _)")).to.deep.equal([
      ...["1", "1", 404],
    ]);
    const rule =
      'live(k1, k2, "x/1:1", "text/plain", data) :- k1 = "a", k2 = "c", data = "always".';
    const ruled = `.decl live(`;
    const added = await altered(ruled, `.decl one(k: symbol)\none("a").\n.decl live(`);
    expect(added).to.deep.equal(["2", "1", 404]);
    const node = await startStore(nodes, { text: `${storeText}\n${rule}` });
    expect((await get(node, "a/c")).text).to.equal("always");
  });

  it("wants the relations that it knows of its program, and no outputs that would lose tuples", () => {
    const wrong = (text: string) => (storeRelations(programOf(text)).wrong ?? []).join("; ");
    expect(wrong(storeText)).to.equal("");
    expect(wrong(storeText.replaceAll("known", "heard"))).to.match(/no relation "known"/);
    const other = storeText.replace(
      "seen(k1: symbol, k2: symbol, dot",
      "seen(k1: symbol, k2: symbol, d",
    );
    expect(wrong(other)).to.match(/"seen" has other columns/);
    const count = (declared: string) =>
      `${storeText}\n.decl used(k1: symbol)${declared}\nused(k1) :- put(k1, _, _, _, _).\n.output used`;
    expect(wrong(count(""))).to.match(/output "used" would lose tuples/);
    expect(wrong(count(" snapshot"))).to.equal("");
    expect(wrong(`${storeText}\n.decl told(k1: symbol)\ntold(k1) :~ named(k1).`)).to.match(
      /says nothing of steps/,
    );
  });
});
