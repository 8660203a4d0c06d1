// docs/openapi.json is what nodes say of themselves, and what they answer is what it says.
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { format, resolveConfig } from "prettier";

import * as schemas from "../../src/server/schemas.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

const path = new URL("../../docs/openapi.json", import.meta.url).pathname;

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};

describe("the description of the interface", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("is docs/openapi.json (rewritten with UPDATE=1)", async () => {
    const node = await nodes.start(closure);
    const { body } = await ask(node, "/openapi.json");
    const options = await resolveConfig(path);
    const text = await format(JSON.stringify(body), { ...options, parser: "json" });
    if (process.env["UPDATE"] === "1") writeFileSync(path, text);
    expect(text).to.equal(readFileSync(path, "utf8"));
  });

  it("refers to schemas that are there, and names each operation once", () => {
    const text = readFileSync(path, "utf8");
    const { paths, components } = JSON.parse(text) as Document;
    const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(Object.keys(components.schemas)).to.include.members(named);
    for (const [name, schema] of Object.entries(components.schemas))
      expect(schema, name).not.to.have.property("$ref");
    const ids = [...text.matchAll(/"operationId": "([^"]+)"/g)].map(([, id]) => id);
    const operations = Object.values(paths).flatMap((of) => Object.keys(of));
    expect(new Set(ids).size).to.equal(operations.length);
    expect(Object.keys(paths)).to.include.members([
      ...["/v1/facts/{relation}", "/v1/relations", "/v1/relations/{relation}", "/v1/query"],
      ...["/v1/why", "/v1/live/{relation}", "/v1/seal", "/v1/status", "/v1/drain"],
      ...["/livez", "/readyz", "/version", "/metrics", "/openapi.json"],
    ]);
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
