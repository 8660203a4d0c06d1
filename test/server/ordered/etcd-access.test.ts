// An etcd that lets in who shows a certificate and has a password, and them at their own keys alone.
// `etcd-client-cert.pem` has no common name: etcd's gateway refuses those that have where users are on.
//   openssl req -x509 -newkey ed25519 -nodes -days 36500 -subj /O=calm
//     -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout … -out …
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

import type { OrderedLog } from "../../../src/calvin/ordered-log.ts";
import { base64, EtcdClient, type EtcdOptions } from "../../../src/runtime/node/etcd-client.ts";
import { openEtcdLog } from "../../../src/runtime/node/ordered-log-etcd.ts";
import { project } from "../../programs/folder.ts";
import { chainOf, hashOf } from "../../support/epochs.ts";
import { EtcdCluster, etcdMissing } from "../../support/etcd-cluster.ts";
import { recordsFrom, settled } from "../../support/ordered-logs.ts";
import { Plane, transact } from "./planes.ts";

const file = (name: string): string =>
  fileURLToPath(new URL(`../tls/${name}.pem`, import.meta.url));
const pem = (name: string): string => readFileSync(file(name), "utf8");
const password = "password-of-the-node-5c1f";
const shown = {
  ...{ ca: pem("cert"), cert: pem("etcd-client-cert"), key: pem("etcd-client-key") },
};
const limits = { callMs: 5_000, readMs: 1_000 };

describe("an ordered log in an etcd with users and certificates", function () {
  this.timeout(120_000);
  let etcd: EtcdCluster;
  const opened: OrderedLog[] = [];

  before(async function () {
    if (etcdMissing()) this.skip();
    const clients = [file("etcd-client-cert")];
    etcd = await EtcdCluster.start(1, { cert: file("cert"), key: file("key"), clients });
    // A call that comes before etcd listens is none that it has refused.
    const client = new EtcdClient({ endpoints: etcd.endpoints, tls: shown, callMs: 5_000 });
    const reached = async (): Promise<unknown> =>
      client.call("/v3/kv/range", { key: base64("calm") }).catch(reached);
    await reached();
    const [key, end] = [base64("calm/bank/"), base64("calm/bank0")];
    for (const [path, body] of [
      ["user/add", { name: "root", password: "password-of-root" }],
      ["user/grant", { user: "root", role: "root" }],
      ["role/add", { name: "log" }],
      ["role/grant", { name: "log", perm: { permType: "READWRITE", key, range_end: end } }],
      ["user/add", { name: "node", password }],
      ["user/grant", { user: "node", role: "log" }],
      ["enable", {}],
    ] as const)
      await client.call(`/v3/auth/${path}`, body);
    client.close();
  });

  after(async () => {
    for (const log of opened) await log.close();
    await (etcd as EtcdCluster | undefined)?.stop();
  });

  const open = async (prefix: string, access: Pick<EtcdOptions, "user" | "tls">) => {
    const { endpoints } = etcd;
    const of = { endpoints, prefix, program: "p", hash: hashOf, limits };
    const log = await openEtcdLog({ ...of, ...access });
    opened.push(log);
    return log;
  };
  const user = { name: "node", password };

  it("is a node's that shows what its flags name, and says the password to nobody else", async () => {
    const secret = join(etcd.folder, "password");
    writeFileSync(secret, `${password}\n`);
    const plane = new Plane({
      program: `${project}/programs/bank.dl`,
      log: `etcd:${etcd.endpoints.join(",")}`,
      settings: [
        ...["--cluster", "bank", "--etcd-user", "node", "--etcd-password", secret],
        ...["--etcd-ca", file("cert"), "--etcd-cert", file("etcd-client-cert")],
        ...["--etcd-key", file("etcd-client-key"), "--log-level", "debug"],
      ],
    });
    try {
      await plane.start();
      const node = plane.at(0, 0);
      expect((await transact(node, "transfer", ["ada", "ben", 5], "one")).status).to.equal(200);
      const words = readFileSync(`/proc/${node.pid ?? 0}/cmdline`, "utf8");
      expect(words).to.include("--etcd-password").and.not.to.include(password);
      expect(node.lastSaid.join("\n")).to.include("listens").and.not.to.include(password);
    } finally {
      await plane.close();
    }
  });

  it("goes on with another token where etcd has forgotten the first", async () => {
    const log = await open("calm/bank/again", { user, tls: shown });
    const [first, second] = chainOf(2, "a");
    if (first === undefined || second === undefined) throw new Error("two records");
    expect(await settled(log, first)).to.equal(true);
    await etcd.kill(0);
    etcd.revive(0);
    expect(await settled(log, second)).to.equal(true);
    expect(await recordsFrom(log, 1)).to.deep.equal([first, second]);
  });

  const stranger = { ca: shown.ca, cert: pem("next-cert"), key: pem("next-key") };
  const named = { ca: shown.ca, cert: pem("cert"), key: pem("key") };
  for (const [who, prefix, access, code, text] of [
    ["at another's keys", "calm/other", { user, tls: shown }, "refused", "permission denied"],
    ["without a user", "calm/bank", { tls: shown }, "refused", "user"],
    [
      ...(["with a wrong password", "calm/bank"] as const),
      ...([{ user: { ...user, password: "wrong" }, tls: shown }, "refused", "password"] as const),
    ],
    [
      ...(["with a certificate that has a name", "calm/bank"] as const),
      ...([{ user, tls: named }, "refused", "CommonName"] as const),
    ],
    ["without a certificate", "calm/bank", { user, tls: { ca: shown.ca } }, undefined, ""],
    ["with an unknown certificate", "calm/bank", { user, tls: stranger }, undefined, ""],
    [
      ...(["to an etcd of an unknown authority", "calm/bank"] as const),
      ...([{ user, tls: { ...shown, ca: stranger.cert } }, undefined, "self-signed"] as const),
    ],
  ] as const)
    it(`is not opened ${who}`, async () => {
      const error: unknown = await open(prefix, access).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error);
      const { message } = error as Error;
      expect((error as { readonly code?: string }).code, message).to.equal(code ?? "unreachable");
      expect(message).to.include(text).and.not.to.include(password);
    });
});
