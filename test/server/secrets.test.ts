// Secrets are in no line of a log at its most talkative, in no metric and in no answer.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { until } from "../support/cluster.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

const token = "token-of-nodes-7f3a";
const clientToken = "token-of-clients-91bc";
const wrong = "token-that-is-wrong-44de";

describe("secrets", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("are told to nobody: of nodes, of clients, of strangers, and private keys", async () => {
    const data = nodes.folder();
    const secrets = { token, clientToken };
    const a = await nodes.start(closure, {
      ...secrets,
      data,
      peers: [{ name: "b" }, { name: "c" }],
    });
    const toA = { name: "a", url: a.url.replace("http", "ws") };
    const b = await nodes.start(closure, { ...secrets, name: "b", peers: [toA] });
    await nodes.start(closure, { token: wrong, name: "c", peers: [toA] });
    await until("c is refused", Date.now() + 100_000, () =>
      Promise.resolve(nodes.logged.some((line) => line.includes("wrong-token"))),
    );
    const answers: string[] = [];
    for (const given of [token, clientToken, wrong, `${token} `]) {
      const headers = { authorization: `Bearer ${given}` };
      for (const path of ["/v1/status", "/metrics", `/v1/query?goal=${given}`, "/v1/members"])
        answers.push((await ask(a, path, { headers })).text);
      answers.push((await send(b, "edge", [[1, "no number"]], headers)).text);
    }
    expect(answers.some((text) => text.includes("calm_"))).to.equal(true);
    // A goal is quoted where it is wrong: what a client says there is its own.
    const told = answers.filter((text) => !text.includes("goal"));
    expect(told.length).to.be.above(10);

    const key = readFileSync(join(data, "key.pem"), "utf8").split("\n")[1] ?? "";
    expect(key).to.match(/^[\w+/=]{40,}$/);
    const all = [...nodes.logged, ...told].join("\n");
    for (const secret of [token, clientToken, wrong, key]) expect(all).not.to.include(secret);
    for (const file of readdirSync(data).filter((name) => !["key.pem", "lock"].includes(name))) {
      const text = readFileSync(join(data, file), "latin1");
      for (const secret of [token, clientToken, key]) expect(text, file).not.to.include(secret);
    }
  });
});
