import { expect } from "chai";

import { nodeSettings, readSettings, type SettingSources } from "../../src/server/node-settings.ts";
import { calm, inFolder } from "../programs/calm.ts";

const least = { id: "a", data: "d" };

function wrong(flags: SettingSources["flags"], env: SettingSources["env"] = {}) {
  return readSettings({ flags: { ...least, ...flags }, env }).wrong;
}

describe("settings of a node", () => {
  it("are those of flags, else of the environment, else of the file, else the usual", () => {
    const file = {
      path: "f.json",
      text: '{"cluster": "file", "logLevel": "warn", "data": "file", "peer": ["b", "c"]}',
    };
    const env = { CALM_CLUSTER: "env", CALM_DATA: "env", CALM_LOG_LEVEL: "" };
    const { settings, found } = readSettings({ flags: { ...least, data: "flag" }, env, file });
    expect(settings).to.include({
      data: "flag",
      cluster: "env",
      logLevel: "warn",
      fsync: "always",
    });
    expect(settings?.peers).to.deep.equal([{ name: "b" }, { name: "c" }]);
    expect([...found].map(([key, { from }]) => `${key}: ${from}`)).to.include.members([
      "data: flag",
      "cluster: environment",
      "logLevel: file",
      "fsync: usual",
    ]);
  });

  it("are each understood, or all that is wrong with them is said", () => {
    expect(wrong({})).to.deep.equal([]);
    expect(wrong({ id: "a b", listen: "x:y", fsync: "maybe" })).to.deep.equal([
      '--fsync <policy> is one of always, interval, never, not "maybe"',
      '--id is a name without spaces, not "a b"',
      '--listen is host:port, not "x:y"',
    ]);
    expect(wrong({ peer: ["b=http://x", "a", "b=ws://127.0.0.1:1"] })).to.have.length(2);
    expect(wrong({ tlsCert: "c" })).to.have.length(1);
    expect(wrong({ maxTuples: "0" })).to.have.length(1);
    const text = '{"idd": "a", "data": true}';
    const { wrong: inFile } = readSettings({ flags: least, env: {}, file: { path: "f", text } });
    expect(inFile).to.deep.equal([
      'f: there is no setting "idd": did you mean "id"?',
      'f: "data" is a text',
    ]);
  });

  it("want a secret, or certificates, where other machines reach the node", () => {
    expect(wrong({ listen: "0.0.0.0:1" })).to.have.length(1);
    expect(wrong({ listen: "0.0.0.0:1", token: "f" })).to.deep.equal([]);
    expect(wrong({ listen: "[::]:1" }, { CALM_TOKEN: "s" })).to.deep.equal([]);
    const tls = { tlsCert: "c", tlsKey: "k" };
    expect(wrong({ listen: "0.0.0.0:1", ...tls })).to.have.length(1);
    expect(wrong({ listen: "0.0.0.0:1", ...tls, tlsCa: "ca" })).to.deep.equal([]);
    expect(wrong({ listen: "[::1]:1" })).to.deep.equal([]);
  });

  it("say who the node is to etcd, where its log is there", () => {
    const log = "etcd:https://e1:2379,https://e2:2379";
    const ordered = { ...least, ordered: "true", log };
    const given = { etcdUser: "n", etcdPassword: "f", etcdCa: "ca", etcdCert: "c", etcdKey: "k" };
    const { settings, wrong: none } = readSettings({ flags: { ...ordered, ...given }, env: {} });
    expect(none).to.deep.equal([]);
    expect(settings?.ordered?.etcd).to.deep.equal({
      user: { name: "n", password: { path: "f" } },
      tls: { ca: "ca", cert: "c", key: "k" },
    });
    const env = { CALM_ETCD_USER: "n", CALM_ETCD_PASSWORD: "p" };
    const ofEnv = readSettings({ flags: ordered, env }).settings?.ordered?.etcd;
    expect(ofEnv).to.deep.equal({ user: { name: "n", password: { text: "p" } } });

    const said = (flags: SettingSources["flags"]) => wrong({ ordered: "true", log, ...flags });
    expect(said({})).to.deep.equal([]);
    expect(said({ etcdUser: "n" })[0]).to.match(/^--etcd-user and --etcd-password/);
    expect(said({ etcdCert: "c" })[0]).to.match(/^--etcd-cert and --etcd-key/);
    expect(said({ log: "etcd:http://e1:2379", etcdCa: "c" })[0]).to.include("https://");
    for (const other of ["file:d", "http://127.0.0.1:1"])
      expect(said({ log: other, etcdCa: "c" })).to.deep.equal([
        "--etcd-ca goes with --ordered --log etcd:URL",
      ]);
    expect(wrong({ etcdUser: "n" })).to.deep.equal([
      "--etcd-user goes with --ordered --log etcd:URL",
    ]);
  });

  it("have a key and a flag each, none twice", () => {
    const flags = nodeSettings.map(({ flag }) => /--[\w-]+/.exec(flag)?.[0]);
    expect(new Set(flags).size).to.equal(nodeSettings.length);
    expect(new Set(nodeSettings.map(({ key }) => key)).size).to.equal(nodeSettings.length);
  });

  it("are printed with where they are from, without the secrets", async () => {
    const log = { CALM_ORDERED: "true", CALM_LOG: "etcd:https://e1", CALM_ETCD_USER: "n" };
    const secret = { CALM_TOKEN: "hidden", CALM_ETCD_PASSWORD: "hidden" };
    const env = { ...log, ...secret, CALM_ID: "a", CALM_DATA: "d" };
    const { code, stdout } = await calm(["node", "x.dl", "--print-config"], "", { env });
    expect(stdout).not.to.include("hidden");
    expect(code).to.equal(0);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    expect(found["token"]).to.deep.equal({ value: "***", from: "environment" });
    expect(found["id"]).to.deep.equal({ value: "a", from: "environment" });
  });

  it("refuse a node with exit code 2, and a program that is not monotone with 1", async () => {
    await inFolder(async (folder) => {
      const settings = ["--id", "a", "--data", folder, "--listen", "127.0.0.1:0"];
      const program = `
        .decl edge(x: number, y: number)
        .input edge
        .decl sink(y: number)
        sink(y) :- edge(_, y), !edge(y, _).
        .output sink
        .calm level ordered`;
      const refused = await calm(["node", "-", ...settings], program);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.include("error[negation-not-monotone]");
      for (const way of ["--await-ready", "`.calm coordinating`", "--ordered"])
        expect(refused.stderr).to.include(way);
      const open = await calm(["node", "-", ...settings, "--listen", "0.0.0.0:0"], program);
      expect(open.code).to.equal(2);
      expect(open.stderr).to.include("--token FILE");
      const sending = `
        .decl fact(x: number)
        .input fact
        .decl told(x: number)
        told(x) :~ fact(x).
        .output told`;
      const waiting = await calm(["node", "-", ...settings, "--await-ready"], sending);
      expect(waiting.code).to.equal(2);
      expect(waiting.stderr).to.include("programs that say nothing of networks");
    });
  });

  it("refuse rules that seal by what comes only after the seal", async () => {
    await inFolder(async (folder) => {
      const settings = ["--id", "a", "--data", folder, "--listen", "127.0.0.1:0"];
      const program = `
        .calm coordinating "each waits for all"
        .decl mine(x: number)
        .input mine
        .decl over(by: symbol)
        over(v) :~ Id(v).
        .seal mine() :- over(_).
        .decl told(by: symbol, n: number)
        told(v, n) :~ Id(v), n = count : { mine(_) }.
        .decl waits()
        waits() :- All(v), !told(v, _).
        .decl total(n: number)
        total(n) :- n = sum k : { told(_, k) }, !waits(), Id(_).
        .output total`;
      const { code, stderr } = await calm(["node", "-", ...settings], program);
      expect(code).to.equal(1);
      expect(stderr)
        .to.include("error[wrong-seal]")
        .and.to.include('relation "mine" is sealed by what a later step brings');
    });
  });

  it("say or leave unsaid what is said by a flag alone", () => {
    const awaits = (sources: Partial<SettingSources>): boolean | undefined =>
      readSettings({ flags: least, env: {}, ...sources }).settings?.awaitReady;
    expect(awaits({})).to.equal(false);
    expect(awaits({ flags: { ...least, awaitReady: "true" } })).to.equal(true);
    expect(awaits({ env: { CALM_AWAIT_READY: "true" } })).to.equal(true);
    expect(awaits({ file: { path: "f", text: '{"awaitReady": true}' } })).to.equal(true);
    expect(wrong({}, { CALM_AWAIT_READY: "yes" })).to.deep.equal([
      '--await-ready is true or false, not "yes"',
    ]);
    const { wrong: inFile } = readSettings({
      ...{ flags: least, env: {} },
      file: { path: "f", text: '{"seal": 1}' },
    });
    expect(inFile).to.deep.equal(['--seal is true or false, not "1"']);
  });
});
