// Writes on condition at a store of two processes with an ordered plane.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { calm } from "../../programs/calm.ts";
import { ClusterNode, until } from "../../support/cluster.ts";

type Answered = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
};

describe("writes on condition", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "calm-conditional-"));
  const nodes: ClusterNode[] = [];
  before(async () => {
    const settings = (name: string, peer: string, log: string, place: string) => [
      ...["--data", join(folder, name), "--peer", peer, "--ordered", "--log", log],
      ...["--replicas", "2", "--place", place],
    ];
    const log = `file:${join(folder, "log")}`;
    const a = new ClusterNode("a", settings("a", "b", log, "0/0"), ["kv", "serve"]);
    await a.start();
    nodes.push(a);
    const toA = `a=ws://127.0.0.1:${a.listens}`;
    const b = new ClusterNode("b", settings("b", toA, a.url, "1/0"), ["kv", "serve"]);
    await b.start();
    nodes.push(b);
    await until("they have met", Date.now() + 100_000, async () => {
      const { body } = await send(0, "GET", "/v1/ordered");
      return (body["members"] as { readonly place?: unknown }[]).some((of) => of.place);
    });
  });
  after(async () => {
    for (const node of nodes) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function send(
    at: number,
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Answered> {
    const response = await fetch(`${nodes[at]?.url ?? ""}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": "text/plain" }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const json = (response.headers.get("content-type") ?? "").includes("json");
    const said = json ? (JSON.parse(text) as Record<string, unknown>) : { text };
    return { status: response.status, headers: response.headers, body: said };
  }

  const absent = { "if-none-match": "*" };
  const put = (at: number, path: string, body: string, headers: Record<string, string> = {}) =>
    send(at, "POST", `/kv/${path}`, headers, body);

  async function tag(at: number, path: string, session = ""): Promise<string> {
    const headers = session === "" ? undefined : { "calm-session": session };
    const read = await send(at, "GET", `/kv/${path}`, headers);
    expect(read.status, JSON.stringify(read.body)).to.equal(200);
    return read.headers.get("etag") ?? "";
  }

  it("have one winner of many that put where nothing is, and all see that one", async () => {
    for (let round = 0; round < 5; round++) {
      const path = `lock/${round}`;
      const tries = Array.from({ length: 12 }, (_, at) => put(at % 2, path, `w${at}`, absent));
      const answers = await Promise.all(tries);
      const won = answers.flatMap(({ status }, at) => (status === 201 ? [at] : []));
      expect(won, JSON.stringify(answers.map(({ status }) => status))).to.have.length(1);
      const lost = answers.filter(({ status }) => status === 412);
      expect(lost).to.have.length(11);
      expect(lost[0]?.body).to.include({ code: "precondition-failed" });
      const { headers, body } = answers[won[0] ?? 0] ?? answers[0]!;
      expect(body["epoch"]).to.be.greaterThan(0);
      const session = { "calm-session": headers.get("calm-session") ?? "" };
      for (const at of [0, 1]) {
        const read = await send(at, "GET", `/kv/${path}`, session);
        expect([read.status, read.body["text"]]).to.deep.equal([200, `w${String(won[0])}`]);
        expect(read.headers.get("calm-siblings")).to.equal(null);
      }
    }
  });

  it("compare what was put without condition, and set: one of many at a time", async () => {
    const first = await put(0, "counter/n", "0");
    expect(first.status).to.equal(201);
    let session = first.headers.get("calm-session") ?? "";
    for (let round = 1; round <= 5; round++) {
      const etag = await tag(round % 2, "counter/n", session);
      const tries = Array.from({ length: 6 }, (_, at) =>
        put(at % 2, "counter/n", `${round}`, { "if-match": etag, "calm-session": session }),
      );
      const answers = await Promise.all(tries);
      const won = answers.filter(({ status }) => status === 201);
      expect(won, JSON.stringify(answers.map(({ body }) => body))).to.have.length(1);
      expect(won[0]?.body["replaced"]).to.have.length(1);
      session = won[0]?.headers.get("calm-session") ?? "";
    }
    const read = await send(1, "GET", "/kv/counter/n", { "calm-session": session });
    expect(read.body["text"]).to.equal("5");
  });

  it("lose against a tombstone that was seen before them, and win against a later one", async () => {
    for (let round = 0; round < 5; round++) {
      const path = `race/${round}`;
      const { headers } = await put(0, path, "before");
      const session = headers.get("calm-session") ?? "";
      const etag = await tag(1, path, session);
      const condition = { "if-match": etag, "calm-session": session };
      const [removed, swapped] = await Promise.all([
        send(0, "DELETE", `/kv/${path}`, condition),
        put(1, path, "after", condition),
      ]);
      expect([removed.status, swapped.status].toSorted()).to.include(412);
      const done = removed.status === 200 ? removed : swapped;
      expect(
        done.status,
        JSON.stringify([removed, swapped].map((of) => [of.headers.get("etag"), etag, of.body])),
      ).to.be.oneOf([200, 201]);
      const follow = { "calm-session": done.headers.get("calm-session") ?? "" };
      const read = await send(round % 2, "GET", `/kv/${path}`, follow);
      expect(read.status).to.equal(removed.status === 200 ? 404 : 200);
      // Who has lost reads again, and can put where nothing is.
      if (read.status === 404)
        expect((await put(1, path, "anew", { ...absent, ...follow })).status).to.equal(201);
    }
  });

  it("are done once under one key, and refused where they cannot be understood", async () => {
    const keyed = { ...absent, "idempotency-key": "once" };
    const answers = [await put(0, "once/x", "1", keyed), await put(1, "once/x", "1", keyed)];
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201]);
    expect(answers[1]?.body["dot"]).to.equal(answers[0]?.body["dot"]);
    const wrong = { "if-match": '"none"', "idempotency-key": "other" };
    expect((await put(0, "once/x", "2", wrong)).status).to.equal(412);
    expect((await put(0, "once/x", "2", { "if-match": '"none"' })).status).to.equal(412);
    expect((await put(0, "once/x", "2", { "if-none-match": '"x"' })).status).to.equal(400);
    expect((await put(0, "once/y", "x".repeat(140_000), absent)).status).to.equal(413);
  });

  it("are counted strictly, what is removed left out, and asked for by the command line", async () => {
    const count = async (at: number, path: string) => {
      const { status, body } = await send(at, "GET", `/kv${path}?count=true`);
      expect(status, JSON.stringify(body)).to.equal(200);
      expect(body["epoch"]).to.be.greaterThan(0);
      return body["count"];
    };
    for (let at = 0; at < 6; at++) {
      await put(at % 2, `counted/n${at}`, "x", at % 3 === 0 ? absent : {});
      expect(await count((at + 1) % 2, "/counted")).to.equal(at + 1);
    }
    await send(1, "DELETE", "/kv/counted/n3");
    expect(await count(0, "/counted")).to.equal(5);
    expect(await count(1, "/*/n2")).to.equal(1);
    const url = ["--url", nodes[1]?.url ?? ""];
    const again = await calm(["kv", "put", "counted", "n0", "y", "--if-absent", ...url]);
    expect([again.code, again.stdout]).to.deep.equal([1, ""]);
    expect(again.stderr).to.include("what is at the pair is not what it was to be");
    const shown = await calm(["kv", "get", "counted", "n0", "--format", "json", ...url]);
    const { etag } = JSON.parse(shown.stdout) as { etag: string };
    const set = await calm(["kv", "put", "counted", "n0", "y", "--if-match", etag, ...url]);
    expect(set.code, set.stderr).to.equal(0);
    expect((await put(0, "counted/n0?wait=all", "z", { "if-match": etag })).status).to.equal(400);
  });
});
