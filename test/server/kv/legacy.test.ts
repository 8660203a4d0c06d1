// The protocol of the original calmDB on `POST /`, clause by clause.
import { expect } from "chai";

import { ask, TestNodes } from "../nodes.ts";
import { get, legacy, put, startStore } from "./stores.ts";

describe("the protocol of the original", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  const insert = (k1: string, k2: string, data: string) => ({ oper: "INSERT", k1, k2, data });

  it("inserts with 201 and an empty body, and gives one value", async () => {
    const node = await startStore(nodes);
    const done = await legacy(node, insert("a", "b", "1"));
    expect([done.status, done.text]).to.deep.equal([201, ""]);
    const found = await legacy(node, { oper: "SELECT", k1: "a", k2: "b" });
    expect(found.status).to.equal(200);
    expect(found.headers.get("content-type")).to.equal("application/json");
    expect(found.text).to.equal('{"a":{"b":"1"}}');
    const unknown = await legacy(node, { oper: "SELECT", k1: "a", k2: "x" });
    expect(unknown.text).to.equal('{"a":{"x":""}}');
  });

  it("replaces what was inserted", async () => {
    const node = await startStore(nodes);
    await legacy(node, insert("a", "b", "1"));
    await legacy(node, insert("a", "b", "2"));
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal('{"a":{"b":"2"}}');
  });

  it("gives the whole table, a first key, a second key, with sorted keys", async () => {
    const node = await startStore(nodes);
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal("{}");
    for (const [k1, k2, data] of [
      ["b", "x", "3"],
      ["a", "y", "2"],
      ["a", "x", "1"],
      ["10", "2", "5"],
      ["10", "10", "4"],
      ["2", "__proto__", "6"],
    ] as const)
      await legacy(node, insert(k1, k2, data));
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal(
      '{"10":{"10":"4","2":"5"},"2":{"__proto__":"6"},"a":{"x":"1","y":"2"},"b":{"x":"3"}}',
    );
    const of = async (keys: object) => (await legacy(node, { oper: "SELECT", ...keys })).text;
    expect(await of({ k1: "a" })).to.equal('{"a":{"x":"1","y":"2"}}');
    expect(await of({ k1: "z" })).to.equal('{"z":null}');
    expect(await of({ k2: "x" })).to.equal('{"a":{"x":"1"},"b":{"x":"3"}}');
    expect(await of({ k2: "z" })).to.equal("{}");
  });

  it("leaves out what was deleted and keeps its first key; it can be inserted again", async () => {
    const node = await startStore(nodes);
    await legacy(node, insert("a", "b", "1"));
    const gone = await legacy(node, { oper: "DELETE", k1: "a", k2: "b" });
    expect([gone.status, gone.text]).to.deep.equal([200, ""]);
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal('{"a":{}}');
    expect((await legacy(node, { oper: "SELECT", k1: "a" })).text).to.equal('{"a":{}}');
    await legacy(node, insert("a", "b", "2"));
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal('{"a":{"b":"2"}}');
  });

  it("does not block what is deleted before it is inserted", async () => {
    const node = await startStore(nodes);
    expect((await legacy(node, { oper: "DELETE", k1: "a", k2: "b" })).status).to.equal(200);
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal("{}");
    await legacy(node, insert("a", "b", "1"));
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal('{"a":{"b":"1"}}');
  });

  it("takes POST alone", async () => {
    const node = await startStore(nodes);
    for (const method of ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
      expect((await ask(node, "/", { method })).status, method).to.equal(405);
  });

  it("says 501 to operations that it does not know, with an empty body", async () => {
    const node = await startStore(nodes);
    for (const oper of ["insert", "select", "UPDATE", "", undefined]) {
      const answer = await legacy(node, { oper, k1: "a", k2: "b", data: "1" });
      expect([answer.status, answer.text], String(oper)).to.deep.equal([501, ""]);
    }
    expect((await legacy(node, "null")).status).to.equal(501);
  });

  it("says 400, and why, where something is missing, wrong or no JSON", async () => {
    const node = await startStore(nodes);
    const bad = [
      { oper: "INSERT", k1: "a", k2: "b" },
      { oper: "INSERT", k1: "a", k2: "", data: "1" },
      { oper: "DELETE", k1: "a" },
      { oper: "INSERT", k1: "a", k2: "b", data: 5 },
      { oper: "SELECT", k1: ["a"] },
      ...["", "{", '{"oper": "SELECT"', "[]", '"SELECT"', "7", "SELECT", "{'oper': 'SELECT'}"],
    ];
    for (const body of bad) {
      const answer = await legacy(node, body);
      expect(answer.status, JSON.stringify(body)).to.equal(400);
      expect((answer.body as { detail: string }).detail).not.to.equal("");
    }
  });

  it("heeds no case of fields, no unknown ones, no null, nothing after the first value", async () => {
    const node = await startStore(nodes);
    const body = '{"OPER": "INSERT", "K1": "a", "k2": "b", "Data": "}\\"", "more": {"k1": 3}} } x';
    expect((await legacy(node, body)).status).to.equal(201);
    const found = await legacy(node, '{"oper": "SELECT", "k1": "a", "k2": null} {"oper": 1}');
    expect(found.text).to.equal('{"a":{"b":"}\\""}}');
  });

  it("takes at most 1 MiB", async () => {
    const node = await startStore(nodes);
    const of = (length: number) => {
      const frame = JSON.stringify(insert("a", "b", ""));
      return JSON.stringify(insert("a", "b", "x".repeat(length - frame.length)));
    };
    expect((await legacy(node, of(1 << 20))).status).to.equal(201);
    expect((await legacy(node, of((1 << 20) + 1))).status).to.equal(400);
  });

  it("shows JSON and bytes as texts, and escapes what HTML would read", async () => {
    const node = await startStore(nodes);
    await legacy(node, insert("<a>", "&", "\u2028"));
    const found = await legacy(node, { oper: "SELECT" });
    expect(found.text).to.equal('{"\\u003ca\\u003e":{"\\u0026":"\\u2028"}}');
    await put(node, "j/j", '{"x": 1}', { headers: { "content-type": "application/json" } });
    await put(node, "j/b", "\u0000", { headers: { "content-type": "image/png" } });
    expect((await legacy(node, { oper: "SELECT", k1: "j" })).text).to.equal(
      '{"j":{"b":"AA==","j":"{\\"x\\": 1}"}}',
    );
  });

  it("reads change nothing", async () => {
    const node = await startStore(nodes);
    await legacy(node, insert("a", "b", "1"));
    await legacy(node, { oper: "DELETE", k1: "a", k2: "b" });
    const before = (await legacy(node, { oper: "SELECT" })).text;
    expect((await legacy(node, { oper: "SELECT", k1: "a" })).text).to.equal(before);
    expect((await legacy(node, { oper: "SELECT" })).text).to.equal(before);
  });

  it("takes writes at once, of which one wins and all but it are siblings or replaced", async () => {
    const node = await startStore(nodes);
    const writes = Array.from({ length: 100 }, (_, at) => legacy(node, insert("a", "b", `${at}`)));
    for (const { status } of await Promise.all(writes)) expect(status).to.equal(201);
    const found = await get(node, "a/b");
    expect(found.headers.get("calm-siblings")).to.equal(null);
    expect(Number(found.text)).to.be.within(0, 99);
  });
});
