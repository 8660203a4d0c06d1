import { expect } from "chai";
import { readFileSync } from "node:fs";

import { TransactionRequests } from "../../src/server/maelstrom-transactions.ts";
import { understood } from "../support/ordered-workloads.ts";

const shipped = (name: string) =>
  understood(readFileSync(new URL(`../../programs/maelstrom/${name}`, import.meta.url), "utf8"));

const message = (body: { type: string; [field: string]: unknown }) => ({
  ...{ src: "c1", dest: "n1" },
  body: { msg_id: 7, ...body },
});

describe("requests of transactions in Maelstrom", () => {
  const registers = new TransactionRequests(shipped("lin-kv.dl"));
  const lists = shipped("txn-list-append.dl");
  const appends = new TransactionRequests(lists);

  it("are the transactions of their type, with fields and the envelope as arguments", () => {
    const cas = { type: "cas", key: 1, from: 2, to: 3 };
    expect(registers.understand(message(cas))).to.deep.equal({
      ...{ kind: "call", transaction: "cas", args: [1n, 2n, 3n] },
    });
    expect(registers.understand(message({ type: "read", key: 1 }))).to.deep.equal({
      ...{ kind: "call", transaction: "read", args: ["c1", 7n, 1n] },
    });
  });

  it("have lists of operations, which may read nothing they name", () => {
    const txn = [
      ["r", 1, null],
      ["append", 1, 2],
    ];
    expect(appends.understand(message({ type: "txn", txn }))).to.deep.equal({
      ...{ kind: "call", transaction: "txn" },
      args: ["c1", 7n, ["r", 1n, 0n, ["append", 1n, 2n, null]]],
    });
  });

  for (const [title, body, error] of [
    ["of no transaction", { type: "txn" }, "not-supported"],
    ["with a field of no parameter", { type: "read", key: 1, more: 2 }, "not-supported"],
    ["without a field", { type: "write", key: 1 }, "malformed-request"],
    ["with a value of another type", { type: "read", key: "a" }, "malformed-request"],
  ] as const)
    it(`${title} are refused`, () => {
      expect(registers.understand(message(body))).to.include({ kind: "refused", error });
    });

  for (const txn of [7, [7], [["append", 1, null]], [["append", 1]], [["append", 1, 2, 3]]])
    it(`are refused with the operations ${JSON.stringify(txn)}`, () => {
      expect(appends.understand(message({ type: "txn", txn }))).to.include({
        ...{ kind: "refused", error: "malformed-request" },
      });
    });

  it("are answered with what is inserted, place by place where they are lists", () => {
    const relation = lists.relations.findIndex(({ name }) => name === "txn_ok");
    const row = (place: bigint, at: bigint, value: bigint) => ({
      ...{ relation, values: ["c1", 7n, place, at, value] },
    });
    const txn = [
      ["append", 1, 5],
      ["r", 1, null],
      ["r", 2, null],
    ];
    const inserted = [row(1n, 1n, 5n), row(1n, 0n, 4n)];
    const result = { kind: "done", removed: [], inserted } as const;
    expect(appends.reply(message({ type: "txn", txn }), result)).to.deep.equal({
      kind: "reply",
      fields: {
        txn: [
          ["append", 1, 5],
          ["r", 1, [4, 5]],
          ["r", 2, []],
        ],
      },
    });
  });

  it("are answered with the error that a transaction aborts with", () => {
    const aborted = (reason: string) =>
      registers.reply(message({ type: "read", key: 1 }), { kind: "aborted", reason });
    expect(aborted("key-does-not-exist")).to.include({ error: "key-does-not-exist" });
    expect(aborted("out of order")).to.include({ error: "abort", text: "out of order" });
    const failed = registers.reply(message({ type: "read", key: 1 }), {
      ...{ kind: "failed", reason: "too many tuples" },
    });
    expect(failed).to.include({ error: "abort", text: "too many tuples" });
  });

  it("are done, and have no answer, where they insert none", () => {
    const reply = registers.reply(message({ type: "read", key: 1 }), {
      ...{ kind: "done", removed: [], inserted: [] },
    });
    expect(reply).to.include({ kind: "refused", error: "crash" });
  });
});
