// docs/openapi-ordered.json is what nodes of an ordered plane say of themselves.
import { expect } from "chai";

import { project } from "../../programs/folder.ts";
import { describedAt, expectDescribed } from "../described.ts";
import { problem } from "../../../src/server/schemas.ts";
import * as schemas from "../../../src/server/ordered/schemas.ts";
import { asked, Plane, transact } from "./planes.ts";

const path = describedAt("openapi-ordered.json");

describe("the description of the interface of an ordered plane", function () {
  this.timeout(180_000);

  it("is docs/openapi-ordered.json (rewritten with UPDATE=1)", async () => {
    const plane = new Plane({ program: `${project}/programs/bank.dl` });
    try {
      await plane.start();
      const { body } = await asked(plane.at(0, 0), "/openapi.json");
      await expectDescribed(path, body);
      expect(Object.keys(body["paths"] as object)).to.include.members([
        ...["/v1/transactions/{name}", "/v1/transactions", "/v1/ordered", "/v1/ordered/members"],
        ...["/v1/ordered/checkpoint", "/v1/ordered/state/{epoch}", "/v1/log", "/v1/query"],
      ]);
    } finally {
      await plane.close();
    }
  });

  it("says what such a node answers", async () => {
    const plane = new Plane({ program: `${project}/programs/bank.dl` });
    try {
      await plane.start();
      const node = plane.at(0, 0);
      const of = async (at: string, init?: RequestInit) => (await asked(node, at, init)).body;
      const headers = { "content-type": "application/json" };
      const done = await transact(node, "transfer", ["ada", "ben", 1]);
      const change = { method: "POST", headers, body: '{"remove":"r9p9"}' };
      const answers = [
        [schemas.transactionDone, done.body],
        [schemas.transactions, await of("/v1/transactions")],
        [schemas.orderedStatus, await of("/v1/ordered")],
        [schemas.orderedState, await of("/v1/ordered/state/1")],
        [schemas.orderedCheckpoint, await of("/v1/ordered/checkpoint", { method: "POST" })],
        [schemas.memberPlaces, await of("/v1/ordered/members", change)],
        [problem, (await transact(node, "transfer", ["ada", "ada", 1])).body],
        [problem, (await transact(node, "transfr", [])).body],
        [problem, await of("/v1/ordered/state/99")],
        [problem, await of("/v1/query?goal=balance(A,B)&at=99&timeout=1ms")],
      ] as const;
      for (const [schema, body] of answers) {
        const { error } = schema.strict().safeParse(body);
        expect(error?.issues ?? [], JSON.stringify(body)).to.deep.equal([]);
      }
    } finally {
      await plane.close();
    }
  });
});
