// How two nodes that have a connection come to know each other: both say who they are, in JSON,
// each checks that the other is of its kind, and both prove that they know the cluster's token and
// hold the key that they name. After its proof a node may send frames.
//
//     {"version":5,"program":"…","node":"a","incarnation":7,"nonce":"…", …}
//     {"proof":"…","signature":"…"}
//
// The proof is a keyed hash of both introductions, the one who dialed first, and of which of the
// two proves it: it cannot be used on another connection, or be turned back. Another such hash is
// the key of what that side says from then on (`frame-tags.ts`).
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { type Identity, publicKeyBytes, verified } from "./identity.ts";
import type { EndReason } from "./peer-network.ts";

/** The version of all that nodes say to each other. */
export const wireVersion = 5;

/** Who dialed, and who was dialed. */
export type Side = "dialer" | "dialed";

/** Who a node says it is. */
export type Introduction = {
  readonly version: number;
  readonly cluster: string;
  readonly program: string;
  readonly node: string;
  readonly incarnation: number;
  /** Random bytes, in hexadecimal. */
  readonly nonce: string;
  /** The public key, in base64, of a node that signs. */
  readonly key?: string;
};

/** What a node proves. */
export type Proof = { readonly proof: string; readonly signature?: string };

/** Why a connection does not come about. */
export type Refusal = { readonly reason: EndReason; readonly detail: string };

/** Returns a name for one attempt. */
export function nonce(): string {
  return randomBytes(16).toString("hex");
}

/** Returns what a text introduces; undefined where it is no introduction. */
export function parseIntroduction(text: string): Introduction | undefined {
  const said = object(text);
  const { version, cluster, program, node, incarnation, nonce, key } = said;
  if (typeof version !== "number") return undefined;
  // Another version may have more or less to say: it is to be told that it is another version.
  const strings = [cluster, program, node, nonce].every((part) => typeof part === "string");
  const known = { version, cluster, program, node, nonce, incarnation } as Introduction;
  if (version !== wireVersion) return { ...known, version };
  const life = Number.isSafeInteger(incarnation) && known.incarnation >= 0;
  if (!strings || !life || !/^[^/\s]{1,200}$/.test(known.node)) return undefined;
  if (known.nonce.length !== 32) return undefined;
  if (key === undefined) return known;
  if (typeof key !== "string" || Buffer.from(key, "base64").length !== publicKeyBytes)
    return undefined;
  return { ...known, key };
}

/** Returns what a text proves; undefined where it is no proof. */
export function parseProof(text: string): Proof | undefined {
  const { proof, signature } = object(text);
  if (typeof proof !== "string") return undefined;
  if (signature === undefined) return { proof };
  return typeof signature === "string" ? { proof, signature } : undefined;
}

/** Returns why two nodes do not go together, as the one that is `own` sees it. */
export function mismatch(own: Introduction, other: Introduction): Refusal | undefined {
  if (other.version !== own.version)
    return refusal("other-version", `version ${own.version}, and not ${other.version}`);
  if (other.cluster !== own.cluster) return refusal("other-cluster", "of another cluster");
  if (other.program !== own.program)
    return refusal("other-program", `program ${own.program.slice(0, 12)}, and not this one`);
  if (other.node === own.node) return refusal("same-name", `named ${own.node}, too`);
  if ((own.key === undefined) !== (other.key === undefined))
    return refusal("wrong-key", "one signs its batches, and the other does not");
  return undefined;
}

function refusal(reason: EndReason, detail: string): Refusal {
  return { reason, detail };
}

/** The two introductions of a connection. */
export type Introduced = { readonly dialer: Introduction; readonly dialed: Introduction };

/** Returns the proof of one side. */
export function proofOf(
  side: Side,
  introduced: Introduced,
  token: string,
  identity: Identity | undefined,
): Proof {
  const bytes = proven(side, introduced);
  const proof = hashed(bytes, token).toString("hex");
  if (identity === undefined) return { proof };
  return { proof, signature: Buffer.from(identity.sign(bytes)).toString("base64") };
}

/** Returns why the proof of a side does not hold. */
export function disproof(
  side: Side,
  introduced: Introduced,
  { proof, signature }: Proof,
  token: string,
): Refusal | undefined {
  const bytes = proven(side, introduced);
  const [expected, given] = [hashed(bytes, token), Buffer.from(proof, "hex")];
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return refusal("wrong-token", "another token");
  const { key } = introduced[side];
  if (key === undefined) return undefined;
  const signed = Buffer.from(signature ?? "", "base64");
  return verified(bytes, signed, Buffer.from(key, "base64"))
    ? undefined
    : refusal("wrong-key", "the key that was named is not theirs");
}

/** The key of what a side says after its proof, on this connection alone. */
export function frameKey(side: Side, introduced: Introduced, token: string): Uint8Array {
  return hashed(proven(side, introduced, "calm frames"), token);
}

function hashed(bytes: Uint8Array, token: string): Buffer {
  return createHmac("sha256", token).update(bytes).digest();
}

function proven(side: Side, { dialer, dialed }: Introduced, what = "calm peer"): Uint8Array {
  const parts = ({ version, cluster, program, node, incarnation, nonce, key }: Introduction) => [
    ...[version, cluster, program, node, incarnation, nonce, key ?? null],
  ];
  return Buffer.from(JSON.stringify([what, side, parts(dialer), parts(dialed)]));
}

function object(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
