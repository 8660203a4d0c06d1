import type { IncomingMessage } from "node:http";

import { Problem } from "./problem.ts";

/** Returns the body of a request, which may have so many bytes. Of a longer one the rest is read
 * and forgotten: who sends it reads the answer, which a connection that is cut off would hide. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = (): Problem =>
    new Problem(413, "too-large", `a request may have ${bytesMax} bytes`, {
      hint: "send the facts in several requests",
    });
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return Promise.reject(tooLarge());
  let chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else {
        chunks = [];
        reject(tooLarge());
      }
    });
    request.once("end", () => {
      resolve(Buffer.concat(chunks));
    });
    const cut = (): void => {
      reject(new Problem(400, "bad-request", "the connection has ended before the body"));
    };
    request.once("error", cut).once("close", cut);
  });
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
