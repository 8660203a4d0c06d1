// docs/openapi-store.json is what nodes of a store say of themselves, what they answer is what it
// says, and the client's types are of the same shapes.
import { expect } from "chai";
import type { z } from "zod";

import type { KvChange, KvPut, KvRemoved } from "../../../src/client/kv-client.ts";
import type { KvCell, KvListed } from "../../../src/client/kv-values.ts";
import * as schemas from "../../../src/server/kv/schemas.ts";
import { describedAt, expectDescribed, expectWhole } from "../described.ts";
import { ask, TestNodes } from "../nodes.ts";
import { get, put, remove, startStore } from "./stores.ts";

const path = describedAt("openapi-store.json");

/** What a schema gives, without the difference between what is absent and what is undefined. */
type Given<T extends z.ZodType> = Exact<z.infer<T>>;
type Exact<T> = T extends readonly (infer Item)[]
  ? Exact<Item>[]
  : T extends object
    ? { [Name in keyof T]: Exact<Exclude<T[Name], undefined>> }
    : T;

// What nodes answer is what the client says that it returns: a type that differs is an error here.
const typed: readonly [
  (of: Given<typeof schemas.put>) => KvPut,
  (of: Given<typeof schemas.removed>) => KvRemoved,
  (of: Given<typeof schemas.cell>) => KvCell,
  (of: Given<typeof schemas.page>["cells"][number]) => KvListed,
  (of: Given<typeof schemas.watchEvent>) => KvChange,
] = [(of) => of, (of) => of, (of) => of, (of) => of, (of) => of];

describe("the description of the interface of a store", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("is docs/openapi-store.json (rewritten with UPDATE=1)", async () => {
    const node = await startStore(nodes);
    const { body } = await ask(node, "/openapi.json");
    await expectDescribed(path, body);
  });

  it("refers to schemas that are there, and names each operation once", () => {
    expectWhole(path, [
      ...["/", "/kv", "/kv/{k1}", "/kv/*/{k2}", "/kv/{k1}/{k2}", "/v1/pair", "/watch", "/v1/kv"],
      ...["/v1/store", "/v1/store/backup", "/v1/status", "/v1/query"],
    ]);
  });

  it("says what a store answers, and the client's types do", async () => {
    const node = await startStore(nodes);
    const answered = async (at: string): Promise<unknown> => (await ask(node, at)).body;
    const json = { headers: { "content-type": "application/json" } };
    const bulk = JSON.stringify([
      { op: "put", k1: "a", k2: "c", base64: "AA==" },
      { op: "remove", k1: "a", k2: "c" },
      { op: "remove", k1: "none", k2: "c" },
    ]);
    const answers: readonly (readonly [z.ZodObject, unknown])[] = [
      [schemas.put, (await put(node, "a/b?wait=1", "1")).body],
      [schemas.put, (await put(node, "a/b?replaces=none", '{"n":1}', json)).body],
      [schemas.cell, (await get(node, "a/b?format=json")).body],
      [schemas.cell, await answered("/v1/pair?k1=a&k2=b&format=json")],
      [schemas.page, await answered("/kv?limit=1")],
      [schemas.page, await answered("/kv/a?values=false")],
      [schemas.page, await answered("/kv/*/b")],
      [schemas.done, (await ask(node, "/kv", { method: "POST", body: bulk, ...json })).body],
      [schemas.removed, (await remove(node, "a/b?wait=1")).body],
      [schemas.removed, (await remove(node, "a/none")).body],
      [schemas.storeStatus, await answered("/v1/store")],
    ];
    for (const [schema, body] of answers)
      expect(schema.strict().safeParse(body).error?.issues ?? []).to.deep.equal([]);
    expect(typed).to.have.length(5);
  });
});
