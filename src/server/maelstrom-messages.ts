// Messages of Maelstrom: JSON objects, one in a line.
import type { Readable } from "node:stream";
import * as z from "zod";

/** A message between nodes, or between a client and a node. */
export type Message = {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
};

/** What a message says. A client's request has a number, and its reply refers to it. */
export type Body = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly msg_id?: number | undefined;
  readonly in_reply_to?: number | undefined;
};

/** Why a request is answered with an error, with Maelstrom's code. After a `crash` the request may
 * or may not have been done; after the others it was not. */
export const errorCodes = {
  "not-supported": 10,
  "temporarily-unavailable": 11,
  "malformed-request": 12,
  crash: 13,
  abort: 14,
  "key-does-not-exist": 20,
  "key-already-exists": 21,
  "precondition-failed": 22,
  "txn-conflict": 30,
} as const;

/** One of `errorCodes`. */
export type ErrorName = keyof typeof errorCodes;

/** Returns the body that says why a request was not done. */
export function errorBody(error: ErrorName, text: string): object {
  return { type: "error", code: errorCodes[error], text };
}

/** Bytes of a line; a node that is sent a longer one ends. */
const lineBytesMax = 64 << 20;

/** The name of a node or client: it becomes part of origins, requests, and names of folders. */
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const messages = z.object({
  src: name,
  dest: name,
  body: z.looseObject({
    type: z.string(),
    msg_id: z.int().min(0).optional(),
    in_reply_to: z.int().optional(),
  }),
});

const inits = z.object({ node_id: name, node_ids: z.array(name).min(1) });

/** Returns the message in a line; undefined where there is none. */
export function messageIn(line: string): Message | undefined {
  try {
    const read = messages.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** Returns who a node is told that it and the others are; undefined where it is not told. */
export function membersIn(
  body: Body,
): { readonly name: string; readonly members: readonly string[] } | undefined {
  const read = inits.safeParse(body);
  if (!read.success || !read.data.node_ids.includes(read.data.node_id)) return undefined;
  return { name: read.data.node_id, members: [...new Set(read.data.node_ids)] };
}

/** Why lin-kv, or another node, says that it has not done what it was asked for: a code. */
const errors = z.object({ type: z.literal("error"), code: z.int() });

/** Returns the code of an error; undefined where a body is none. */
export function errorCodeIn(body: Body): number | undefined {
  return errors.safeParse(body).data?.code;
}

/** A line is longer than `lineBytesMax`. */
export class LongLine extends Error {
  override readonly name = "LongLine";
}

/** Yields the lines of a stream, those that a `\n` ends, until it ends or is destroyed. Throws a
 * `LongLine`. */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  try {
    yield* linesIn(input);
  } catch (error) {
    if (!input.destroyed || input.errored !== null || error instanceof LongLine) throw error;
  }
}

async function* linesIn(input: Readable): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString();
      [parts, bytes, from] = [[], 0, end + 1];
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > lineBytesMax) throw new LongLine(`a line is longer than ${lineBytesMax} bytes`);
  }
}
