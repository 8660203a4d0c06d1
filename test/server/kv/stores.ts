// Stores for tests, in this process.
import { readFileSync } from "node:fs";

import { assert } from "../../../src/base/assert.ts";
import { storeApplication, type StoreOptions } from "../../../src/server/kv/application.ts";
import { storeRelations } from "../../../src/server/kv/relations.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import type { NodeServerOptions } from "../../../src/server/node-server-options.ts";
import { type Answer, ask, programOf, type TestNodes } from "../nodes.ts";

/** The program of the store. */
export const storeText = readFileSync(new URL("../../../programs/kv.dl", import.meta.url), "utf8");

/** Starts a store of a program. */
export function startStore(
  nodes: TestNodes,
  {
    text = storeText,
    store = {},
    ...options
  }: Partial<NodeServerOptions> & { readonly text?: string; readonly store?: StoreOptions } = {},
): Promise<RunningNode> {
  const { relations, wrong } = storeRelations(programOf(text));
  assert(relations !== undefined, wrong?.join("; ") ?? "");
  return nodes.start(text, { ...options, application: storeApplication(relations, store) });
}

/** Puts a text. */
export function put(node: RunningNode, path: string, body: string, init: RequestInit = {}) {
  const headers = { "content-type": "text/plain", ...(init.headers as Record<string, string>) };
  return ask(node, `/kv/${path}`, { method: "POST", body, ...init, headers });
}

/** Reads a pair. */
export function get(node: RunningNode, path: string, init: RequestInit = {}): Promise<Answer> {
  return ask(node, `/kv/${path}`, init);
}

/** Removes a pair. */
export function remove(node: RunningNode, path: string, init: RequestInit = {}): Promise<Answer> {
  return ask(node, `/kv/${path}`, { method: "DELETE", ...init });
}

/** Asks in the original's protocol. */
export function legacy(node: RunningNode, body: unknown): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return ask(node, "/", { method: "POST", body: text });
}
