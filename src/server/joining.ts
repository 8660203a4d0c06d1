// How a node becomes a member of a network that runs: it asks one of its members, and proves that
// it holds the key under which it is to be known.
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type * as z from "zod";

import type { DurableLog } from "../runtime/node/durable-log.ts";
import { type Identity, publicKeyBytes, verified } from "../runtime/node/identity.ts";
import type { Member, Members } from "../transducer/membership.ts";
import { recordedMembers } from "../transducer/node.ts";
import type { VersionVector } from "../transducer/protocol.ts";
import type { TlsFiles } from "./http/http-server.ts";
import { type Join, joined, type member } from "./member-schemas.ts";
import type { NodeServerOptions } from "./node-server-options.ts";

/** A node cannot become a member, or is none any more. */
export class JoinError extends Error {
  override readonly name = "JoinError";
}

/** Nobody answers: whether the node is admitted is not known. */
class Unreachable extends JoinError {}

/** How long a member may take to answer. */
const answerMs = 30_000;

/** An answer is not longer. */
const answerBytesMax = 8 << 20;

/** What a node is told before it begins: of the members, and, where it was none itself, what the
 * one holds that was asked. */
export type Admitted = { readonly members: Members; readonly holds?: VersionVector };

/** Returns what a node is told before it begins: nothing where it has no need to ask. Throws a
 * `JoinError` where it is no member, and does not become one. */
export async function admittedTo(
  options: NodeServerOptions,
  identity: Identity,
  { incarnation, records }: Pick<DurableLog, "incarnation" | "records">,
): Promise<Admitted> {
  const { name, join, cluster, program, token, tls, logger } = options;
  const before = recordedMembers(new Map(), records).get(name);
  const away = before !== undefined && before.status !== "member";
  if (away && join === undefined) {
    const what = before.status === "left" ? "has left the network" : "was forgotten";
    throw new JoinError(`node "${name}" ${what}: start it with --join URL, so that it joins anew`);
  }
  if (join === undefined) return { members: new Map() };
  const key = Buffer.from(identity.publicKey).toString("base64");
  const said = { name, cluster, program: program.hash, life: incarnation, key };
  const signature = Buffer.from(identity.sign(joinBytes(said))).toString("base64");
  let answer: unknown;
  try {
    answer = await post(join, { ...said, signature }, token, tls);
  } catch (error) {
    // As far as it knows, it is a member: it does not need the others to go on.
    if (!(error instanceof Unreachable) || before?.status !== "member") throw error;
    logger.warn(error.message);
    return { members: new Map() };
  }
  const found = joined.safeParse(answer);
  if (!found.success) throw new JoinError(`${join} does not answer as a node does`);
  const admitted = new Map(Object.entries(found.data.members).map(memberOf));
  if (admitted.get(name)?.status !== "member")
    throw new JoinError(`${join} does not say that "${name}" is a member now`);
  logger.info("is a member", { epoch: admitted.get(name)?.epoch, by: join });
  if (before?.status === "member") return { members: admitted };
  return { members: admitted, holds: new Map(Object.entries(found.data.holds)) };
}

/** Whether who asks to join holds the key under which it is to be known. */
export function signedJoin({ signature, ...said }: Join): boolean {
  const key = Buffer.from(said.key, "base64");
  return (
    key.length === publicKeyBytes &&
    verified(joinBytes(said), Buffer.from(signature, "base64"), key)
  );
}

function joinBytes({ name, cluster, program, life, key }: Omit<Join, "signature">): Uint8Array {
  return Buffer.from(JSON.stringify(["calm join", name, cluster, program, life, key]));
}

function memberOf([name, said]: [string, z.infer<typeof member>]): [string, Member] {
  const { epoch, status, url, life, key } = said;
  return [
    name,
    {
      ...{ epoch, status },
      ...(url !== undefined && { url }),
      ...(life !== undefined && { life }),
      ...(key !== undefined && { key }),
    },
  ];
}

/** Asks a member; returns its answer as JSON. */
function post(
  base: string,
  body: object,
  token: string | undefined,
  tls: TlsFiles | undefined,
): Promise<unknown> {
  const url = new URL("/v1/join", base.replace(/^ws/, "http"));
  const content = JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(content),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const options = { method: "POST", headers, timeout: answerMs };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === "https:"
        ? tlsRequest(url, { ...options, ...tls })
        : plainRequest(url, options);
    request.on("timeout", () => request.destroy(new Error(`no answer within ${answerMs} ms`)));
    request.on("error", ({ message }) => {
      reject(new Unreachable(`${base} cannot be asked to admit this node: ${message}`));
    });
    request.on("response", (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > answerBytesMax) request.destroy(new Error("the answer is too long"));
      });
      response.on("end", () => {
        const answer = parsed(Buffer.concat(parts).toString());
        if (response.statusCode === 200) resolve(answer);
        else {
          const { detail } = Object(answer) as { readonly detail?: unknown };
          const reason = typeof detail === "string" ? detail : String(response.statusCode);
          reject(new JoinError(`${base} does not admit this node: ${reason}`));
        }
      });
    });
    request.end(content);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
