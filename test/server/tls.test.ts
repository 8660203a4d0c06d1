// Nodes with certificates. Those in `tls` are made for these tests, valid for a hundred years:
//   openssl req -x509 -newkey ed25519 -nodes -days 36500 -subj /CN=localhost
//     -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
// `next-key.pem` and `next-cert.pem` are made in the same way; `expired-cert.pem` is one that was valid
// on 1 January 2020 (`openssl ca -selfsign -startdate … -enddate …`).
import { readFileSync } from "node:fs";
import { request, type RequestOptions } from "node:https";
import { expect } from "chai";

import type { RunningNode } from "../../src/server/node-server.ts";
import { until } from "../support/cluster.ts";
import { closure, TestNodes } from "./nodes.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");
const [cert, key] = [pem("cert"), pem("key")];

/** Asks a node; resolves to the text of its answer. */
function ask(node: RunningNode, path: string, options: RequestOptions, body = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const method = body === "" ? "GET" : "POST";
    const asking = request(`${node.url}${path}`, { method, headers, agent: false, ...options });
    asking.on("error", reject);
    asking.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        resolve(text);
      });
    });
    asking.end(body);
  });
}

describe("nodes with certificates", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("are asked by https, and are peers by wss", async () => {
    const tls = { cert, key, ca: cert };
    const a = await nodes.start(closure, { tls, peers: [{ name: "b" }] });
    expect(a.url).to.match(/^https:/);
    const toA = { name: "a", url: a.url.replace("https", "wss") };
    const b = await nodes.start(closure, { tls, name: "b", peers: [toA] });
    const shown = { ca: cert, cert, key };
    expect(await ask(a, "/v1/facts/edge", shown, "[[1, 2]]")).to.include('"facts":1');
    await until("b has the answer", Date.now() + 100_000, async () =>
      (await ask(b, "/v1/query?goal=path(1,2)", shown)).includes('"holds":true'),
    );
  });

  it("show another certificate once they are told to, and keep theirs where it is none", async () => {
    const next = { cert: pem("next-cert"), key: pem("next-key"), ca: pem("next-cert") };
    const a = await nodes.start(closure, { tls: { cert, key, ca: cert }, peers: [{ name: "b" }] });
    expect(() => {
      a.certify({ ...next, key });
    }).to.throw();
    expect(await ask(a, "/livez", { ca: cert, cert, key })).to.equal("ok\n");
    a.certify(next);
    const error = await ask(a, "/livez", { ca: cert, cert, key }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
    expect(await ask(a, "/livez", next)).to.equal("ok\n");
    // What connects with others shows it too.
    const toA = { name: "a", url: a.url.replace("https", "wss") };
    const b = await nodes.start(closure, { tls: { cert, key }, name: "b", peers: [toA] });
    b.certify(next);
    await ask(a, "/v1/facts/edge", next, "[[1, 2]]");
    await until("b has the answer", Date.now() + 100_000, async () =>
      (await ask(b, "/v1/query?goal=path(1,2)", next)).includes('"holds":true'),
    );
  });

  it("answer nobody without a certificate where they ask for one", async () => {
    const a = await nodes.start(closure, { tls: { cert, key, ca: cert } });
    const error = await ask(a, "/livez", { ca: cert }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
    const open = await nodes.start(closure, { tls: { cert, key } });
    expect(await ask(open, "/livez", { ca: cert })).to.equal("ok\n");
  });

  it("are no peers of those with certificates of another authority, and say so", async () => {
    const [other, otherKey] = [pem("next-cert"), pem("next-key")];
    const shown = { ca: cert, cert, key };
    const a = await nodes.start(closure, { tls: shown, peers: [{ name: "b" }, { name: "c" }] });
    const toA = { name: "a", url: a.url.replace("https", "wss") };
    const logged = (pattern: RegExp): Promise<void> =>
      until(String(pattern), Date.now() + 100_000, () =>
        Promise.resolve(nodes.logged.some((line) => pattern.test(line))),
      );
    // It trusts a, which does not trust it.
    const tls = { cert: other, key: otherKey, ca: `${cert}${other}` };
    await nodes.start(closure, { tls, name: "b", peers: [toA] });
    await logged(/ b: peer refused peer=a/);
    await logged(/ warn +a: a connection was refused from=127\.0\.0\.1 why=DEPTH_ZERO_SELF_SIGNED/);
    // It does not trust a, which would trust it.
    await nodes.start(closure, { tls: { cert, key, ca: other }, name: "c", peers: [toA] });
    await logged(/ c: peer refused peer=a .*self-signed certificate/);
    expect(await ask(a, "/v1/status", shown)).not.to.include('"connected":true');
  });

  it("say so where somebody shows no certificate", async () => {
    const a = await nodes.start(closure, { tls: { cert, key, ca: cert } });
    const error = await ask(a, "/livez", { ca: cert }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
    await until("it is told of", Date.now() + 100_000, () =>
      Promise.resolve(nodes.logged.some((line) => line.includes("did not return a certificate"))),
    );
  });

  it("answer nobody, and are no peers of anybody, with a certificate that has expired", async () => {
    const [expired, expiredKey] = [pem("expired-cert"), pem("expired-key")];
    const ca = `${cert}${expired}`;
    const a = await nodes.start(closure, { tls: { cert, key, ca }, peers: [{ name: "b" }] });
    const shown = { ca: cert, cert: expired, key: expiredKey };
    const error = await ask(a, "/livez", shown).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
    const toA = { name: "a", url: a.url.replace("https", "wss") };
    const tls = { cert: expired, key: expiredKey, ca };
    const b = await nodes.start(closure, { tls, name: "b", peers: [toA] });
    const asked = await ask(b, "/livez", { ca, cert, key }).catch((cause: unknown) => cause);
    expect(asked).to.include({ code: "CERT_HAS_EXPIRED" });
    await until("b is refused", Date.now() + 100_000, () =>
      Promise.resolve(nodes.logged.some((line) => line.includes("b: peer refused peer=a"))),
    );
    const status = await ask(a, "/v1/status", { ca: cert, cert, key });
    expect(status).to.include('"connected":false');
  });
});
