// docs/openapi-ordered.json is what nodes of an ordered plane say of themselves.
import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { format, resolveConfig } from "prettier";

import { project } from "../../programs/folder.ts";
import { asked, Plane } from "./planes.ts";

const path = `${project}/docs/openapi-ordered.json`;

describe("the description of the interface of an ordered plane", function () {
  this.timeout(60_000);

  it("is docs/openapi-ordered.json (rewritten with UPDATE=1)", async () => {
    const plane = new Plane({ program: `${project}/programs/bank.dl` });
    try {
      await plane.start();
      const { body } = await asked(plane.at(0, 0), "/openapi.json");
      const options = await resolveConfig(path);
      const text = await format(JSON.stringify(body), { ...options, parser: "json" });
      if (process.env["UPDATE"] === "1") writeFileSync(path, text);
      expect(text).to.equal(readFileSync(path, "utf8"));
      expect(Object.keys(body["paths"] as object)).to.include.members([
        ...["/v1/transactions/{name}", "/v1/transactions", "/v1/ordered", "/v1/ordered/members"],
        ...["/v1/ordered/checkpoint", "/v1/ordered/state/{epoch}", "/v1/log", "/v1/query"],
      ]);
    } finally {
      await plane.close();
    }
  });
});
