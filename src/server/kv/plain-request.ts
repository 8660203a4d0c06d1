// Requests on the store's WebSocket that are as most of them are. To check one with its schema
// costs more than to do what it asks.
import type * as z from "zod";

import { plainText, typePattern } from "./content.ts";
import type { StoreLimits } from "./limits.ts";
import type { socketRequest } from "./schemas.ts";

/** A request on the store's WebSocket, as its schema has it. */
export type SocketRequest = z.infer<typeof socketRequest>;

/** What a request may say that the schema looks at, beside what is looked at here. */
const others = ["json", "base64", "replaces", "request", "wait", "dots"];

/** Returns what was said where it is a request that puts a text, reads or removes, with nothing
 * special about it: the schema would take it for the same. Undefined where only the schema can
 * tell. */
export function plainRequest(
  said: unknown,
  { keyBytesMax }: Pick<StoreLimits, "keyBytesMax">,
): SocketRequest | undefined {
  if (typeof said !== "object" || said === null) return undefined;
  const { id, op, k1, k2, text, type, session } = said as Partial<Record<string, unknown>>;
  const named = Number.isSafeInteger(id) || (typeof id === "string" && id.length <= 128);
  if (!named || !isKey(k1, keyBytesMax) || !isKey(k2, keyBytesMax)) return undefined;
  const plain =
    (op === "get" && (session === undefined || typeof session === "string")) ||
    op === "remove" ||
    (op === "put" && typeof text === "string" && isType(type));
  if (!plain || others.some((name) => name in said)) return undefined;
  return said as SocketRequest;
}

/** Whether a text is a key for certain: a unit of UTF-16 has three bytes at most. */
function isKey(text: unknown, bytesMax: number): boolean {
  return typeof text === "string" && text !== "" && 3 * text.length <= bytesMax;
}

function isType(type: unknown): boolean {
  if (type === undefined || type === plainText) return true;
  return typeof type === "string" && typePattern.test(type);
}
