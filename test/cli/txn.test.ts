import { expect } from "chai";

import { calm } from "../programs/calm.ts";
import { type Asked, ScriptedNodes } from "../support/scripted-nodes.ts";

const signature = {
  name: "transfer",
  parameters: [
    { name: "from", type: "symbol", kind: "symbol" },
    { name: "to", type: "symbol", kind: "symbol" },
    { name: "cents", type: "number", kind: "number" },
  ],
};

const place = { replica: 0, partition: 1 };

const status = {
  ...{ name: "b", place, partitions: 2, replicas: 1, log: { kind: "file", tail: 9 } },
  ...{ completed: { epoch: 8, hash: "8c2f" }, checkpoint: 4, horizon: 4, restarts: 1 },
  pending: { sequencer: 1, partition: 2, clients: 3 },
  frontier: { "a/1": 4, "b/1": 2 },
  members: [
    {
      ...{ name: "a", place: { replica: 0, partition: 0 } },
      ...{ connected: true, member: true, checkpoint: 5 },
    },
    { name: "c", connected: false, member: false },
  ],
};

describe("calm txn", () => {
  const nodes = new ScriptedNodes();
  afterEach(() => {
    nodes.close();
  });

  /** Runs the command at a node that answers a transaction so. */
  async function run(
    argv: readonly string[],
    answer: readonly [number, object] | undefined = [404, { code: "unknown-transaction" }],
  ): Promise<{ code: number; stdout: string; stderr: string; asked: readonly Asked[] }> {
    const url = await nodes.start(({ method }) =>
      method === "GET" ? [200, { transactions: [signature] }] : answer,
    );
    const ran = await calm(["txn", ...argv, "--url", `http://127.0.0.1:9,${url}`]);
    return { ...ran, asked: nodes.asked.filter(({ method }) => method === "POST") };
  }

  it("takes arguments by the types that the transaction declares", async () => {
    const done = { id: "x", status: "done", epoch: 3, position: 9, removed: 2, inserted: 2 };
    const ran = await run(["transfer", "ada", "7", "-5", "--id", "x"], [200, done]);
    expect(ran).to.include({ code: 0, stdout: "done in epoch 3: 2 removed, 2 inserted\n" });
    expect(ran.asked[0]).to.include({ key: "x", body: '{"args":["ada","7","-5"]}' });
  });

  it("exits with 1 where it aborted, and says why", async () => {
    const aborted = { code: "aborted", reason: "same account", id: "x", epoch: 4, position: 7 };
    const said = await run(["transfer", "a", "a", "1"], [409, aborted]);
    expect(said).to.include({ code: 1, stdout: "", stderr: "calm: aborted: same account\n" });
    const json = await run(["transfer", "a", "a", "1", "--format", "json"], [409, aborted]);
    expect(json.code).to.equal(1);
    expect(JSON.parse(json.stdout)).to.include({ status: "aborted", reason: "same account" });
  });

  it("exits with 2 on a name, a number of arguments, or a value that there is none of", async () => {
    for (const [argv, said] of [
      [["transfers", "a"], 'has no transaction "transfers"'],
      [["transfer", "a"], '"transfer" takes 3 arguments, and 1 are given'],
      [["transfer", "a", "b", "c"], 'argument "cents" of "transfer" is a number, and "c" is none'],
    ] as const) {
      const { code, stderr, asked } = await run(argv);
      expect(stderr).to.include(said);
      expect(code).to.equal(2);
      expect(asked).to.deep.equal([]);
    }
  });

  it("exits with 1 where nobody says how it ended, and says how to ask again", async () => {
    const url = await nodes.start(({ method }) =>
      method === "GET" ? [200, { transactions: [signature] }] : undefined,
    );
    const argv = ["transfer", "a", "b", "1", "--id", "mine", "--url", url];
    const { code, stderr } = await calm(["txn", ...argv]);
    expect(code).to.equal(1);
    expect(stderr).to.include("--id mine is safe");
    const keys = new Set(nodes.asked.flatMap(({ key }) => (key === undefined ? [] : [key])));
    expect([...keys]).to.deep.equal(["mine"]);
  });
});

describe("calm ordered", () => {
  const nodes = new ScriptedNodes();
  afterEach(() => {
    nodes.close();
  });

  it("says how things stand", async () => {
    const url = await nodes.start(() => [200, status]);
    const { code, stdout } = await calm(["ordered", "status", "--url", url]);
    expect(code).to.equal(0);
    expect(stdout).to.equal(`\
node          b, replica 0 partition 1
of            2 partitions, 1 replicas
log           file, up to epoch 9
carried out   epoch 8, hash 8c2f
pending       1 not in the log, 2 not carried out, 3 not answered
checkpoint    epoch 4
oldest epoch  4
free facts    6, of 2 origins
restarts      1

member  place                  state            carried out  checkpoint
a       replica 0 partition 0  connected        -            5
c       -                      away, no member  -            -
`);
    const json = await calm(["ordered", "members", "--url", url, "--format", "json"]);
    expect(JSON.parse(json.stdout)).to.deep.equal(status.members);
  });

  it("has a checkpoint made", async () => {
    const made = { epoch: 8, hash: "8c2f", rows: 12, bytes: 345 };
    const url = await nodes.start(() => [200, made]);
    const { code, stdout } = await calm(["ordered", "checkpoint", "--url", url]);
    expect(nodes.asked).to.deep.include({
      ...{ method: "POST", path: "/v1/ordered/checkpoint", key: undefined, body: "" },
    });
    expect(code).to.equal(0);
    expect(stdout).to.equal("epoch 8, 12 rows, 345 bytes\n");
  });

  it("exits with 1 where no node answers", async () => {
    const { code, stderr } = await calm(["ordered", "status", "--url", "http://127.0.0.1:9"]);
    expect(stderr).to.include("no node answers at http://127.0.0.1:9");
    expect(code).to.equal(1);
  });
});
