// docs/openapi.json is what nodes say of themselves, and what they answer is what it says.
import { expect } from "chai";

import * as schemas from "../../src/server/schemas.ts";
import { describedAt, expectDescribed, expectWhole } from "./described.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

const path = describedAt("openapi.json");

describe("the description of the interface", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("is docs/openapi.json (rewritten with UPDATE=1)", async () => {
    const node = await nodes.start(closure);
    const { body } = await ask(node, "/openapi.json");
    await expectDescribed(path, body);
  });

  it("refers to schemas that are there, and names each operation once", () => {
    const { components } = expectWhole(path, [
      ...["/v1/facts/{relation}", "/v1/relations", "/v1/relations/{relation}", "/v1/query"],
      ...["/v1/why", "/v1/live/{relation}", "/v1/seal", "/v1/status", "/v1/drain"],
      ...["/livez", "/readyz", "/version", "/metrics", "/openapi.json"],
    ]);
    for (const [name, schema] of Object.entries(components.schemas))
      expect(schema, name).not.to.have.property("$ref");
  });

  it("says what a node answers", async () => {
    const node = await nodes.start(closure);
    const inserted = await send(node, "edge", [[1, 2]]);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ relations: "all" });
    const sealed = await ask(node, "/v1/seal", { method: "POST", headers, body });
    const answered = async (at: string, init?: RequestInit) => (await ask(node, at, init)).body;
    const asking = (goal: string) => {
      return { method: "POST", headers, body: JSON.stringify({ goal, absence: true }) };
    };
    const answers = [
      [schemas.inserted, inserted.body],
      [schemas.relations, await answered("/v1/relations")],
      [schemas.tuples, await answered("/v1/relations/path?limit=1")],
      [schemas.goalAnswers, await answered("/v1/query?goal=path(X,_)")],
      [schemas.why, await answered("/v1/why", asking("path(1,X)"))],
      [schemas.why, await answered("/v1/why", asking("path(2,1)"))],
      [schemas.status, await answered("/v1/status")],
      [schemas.versions, await answered("/version")],
      [schemas.problem, await answered("/v1/query?goal=path(")],
      [schemas.problem, (await send(node, "edge", [[]])).body],
      [schemas.sealed, sealed.body],
      [schemas.drained, await answered("/v1/drain", { method: "POST" })],
    ] as const;
    for (const [schema, body] of answers) {
      const { error } = schema.strict().safeParse(body);
      expect(error?.issues ?? []).to.deep.equal([]);
    }
  });
});
