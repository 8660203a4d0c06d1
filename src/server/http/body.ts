import type { IncomingMessage } from "node:http";

import { Problem } from "./problem.ts";

/** Returns the body of a request, which may have so many bytes. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = (): Problem =>
    new Problem(413, "too-large", `a request may have ${bytesMax} bytes`, {
      hint: "send the facts in several requests",
      headers: { connection: "close" },
    });
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Problem || !request.destroyed) throw error;
    throw new Problem(400, "bad-request", "the connection has ended before the body");
  }
  return Buffer.concat(chunks);
}

/** Returns the JSON object that a body is; throws a problem where it is none. */
export function jsonObject(bytes: Uint8Array, hint: string): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // What cannot be read is refused as what is read, and is no object.
  }
  throw new Problem(400, "bad-request", "the body is no JSON object", { hint });
}
