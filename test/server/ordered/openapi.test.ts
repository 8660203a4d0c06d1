// docs/openapi-ordered.json is what nodes of an ordered plane say of themselves.
import { expect } from "chai";

import { project } from "../../programs/folder.ts";
import { describedAt, expectDescribed } from "../described.ts";
import { asked, Plane } from "./planes.ts";

const path = describedAt("openapi-ordered.json");

describe("the description of the interface of an ordered plane", function () {
  this.timeout(60_000);

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
});
