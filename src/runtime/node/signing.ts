// Batches that their origin has signed, several at once. A signature names the key that it was made
// with, so it can be checked wherever a batch is passed on to, and the key of a node that was never
// met directly is pinned with its first batch. In base64:
//
//     public key (32 bytes) | signature (64) | hash of a part of a batch (32) …
//
// Signed is the list of hashes, so that each of the batches, and each part of them, can be checked
// without the others, which may be gone. Without any hash it is one batch itself, as in all of
// earlier versions.
import { createHash } from "node:crypto";

import { partsOf } from "../../transducer/batch-parts.ts";
import { type Batch, nameOf } from "../../transducer/protocol.ts";
import { BatchWriter } from "../batch-bytes.ts";
import { ByteSink } from "../bytes.ts";
import { type FactSchema, FactWriter } from "../fact-bytes.ts";
import { type Identity, publicKeyBytes, signatureBytes, verified } from "./identity.ts";
import type { PinnedKeys } from "./pinned-keys.ts";

/** What a signature holds in: nowhere else does it mean anything. */
export type SigningContext = {
  readonly cluster: string;
  readonly program: string;
  readonly schema: FactSchema;
};

/** How many parts of batches are signed at once, at most: each carries the hashes of all. */
const togetherMax = 64;

const hashBytes = 32;
const headBytes = publicKeyBytes + signatureBytes;

/** Returns what signs the batches of a node (`NodeOptions.sign`). */
export function signerOf(
  identity: Identity,
  context: SigningContext,
): (batches: readonly Batch[]) => string[] {
  const signature = (signed: Uint8Array, hashes: readonly Uint8Array[]): string =>
    Buffer.concat([identity.publicKey, identity.sign(signed), ...hashes]).toString("base64");
  const signed = (parts: readonly Uint8Array[]): string => {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return signature(only, []);
    const hashes = parts.map(hashOf);
    return signature(bytesOfAll(Buffer.concat(hashes), context), hashes);
  };
  return (batches) => {
    const signatures: string[] = [];
    let together: Uint8Array[] = [];
    let count = 0;
    const sign = (): void => {
      const text = signed(together);
      for (; count > 0; count--) signatures.push(text);
      together = [];
    };
    for (const batch of batches) {
      const parts = partsOf(batch);
      if (together.length + parts.length > togetherMax) sign();
      for (const part of parts) together.push(bytesOf(part, context));
      count++;
    }
    if (count > 0) sign();
    return signatures;
  };
}

/** What came of checking a batch. `met`: the name comes with a key for the first time. */
export type Checked = "right" | "met" | "wrong";

/** How many signatures are remembered to be right: each comes with several batches, and from
 * several peers, soon after. */
const rememberedMax = 1 << 10;

/** A signature that holds: the key that it was made with, and the hashes of the batches. */
type Right = { readonly key: string; readonly hashes: ReadonlySet<string> };

/** Checks the signatures of batches against the keys of their origins. */
export class BatchChecks {
  private readonly pins: Pick<PinnedKeys, "get">;
  private readonly context: SigningContext;
  /** Those that hold, by their texts: the last ones, the oldest first. */
  private readonly right = new Map<string, Right>();

  constructor(pins: Pick<PinnedKeys, "get">, context: SigningContext) {
    this.pins = pins;
    this.context = context;
  }

  check(batch: Batch): Checked {
    const { signature = "" } = batch;
    const pinned = this.pins.get(nameOf(batch.origin));
    const parts = partsOf(batch).map((part) => bytesOf(part, this.context));
    const hashes = parts.map((bytes) => hashOf(bytes).toString("base64"));
    const right = this.right.get(signature) ?? this.verified(signature, parts, hashes, pinned);
    if (!hashes.every((hash) => right?.hashes.has(hash) === true)) return "wrong";
    if (pinned === undefined) return "met";
    return pinned === right?.key ? "right" : "wrong";
  }

  /** Returns what a signature says, if it holds and was made with the key that is `pinned`, where
   * one is; remembers it. */
  private verified(
    text: string,
    [alone = new Uint8Array()]: readonly Uint8Array[],
    [hash = ""]: readonly string[],
    pinned: string | undefined,
  ): Right | undefined {
    const bytes = Buffer.from(text, "base64");
    const listed = bytes.subarray(headBytes);
    if (bytes.length < headBytes || listed.length % hashBytes !== 0) return undefined;
    const publicKey = bytes.subarray(0, publicKeyBytes);
    const key = publicKey.toString("base64");
    if (pinned !== undefined && pinned !== key) return undefined;
    const signed = listed.length === 0 ? alone : bytesOfAll(listed, this.context);
    if (!verified(signed, bytes.subarray(publicKeyBytes, headBytes), publicKey)) return undefined;
    const hashes = new Set(listed.length === 0 ? [hash] : []);
    for (let at = 0; at < listed.length; at += hashBytes)
      hashes.add(listed.toString("base64", at, at + hashBytes));
    const right = { key, hashes };
    this.right.set(text, right);
    for (const oldest of this.right.keys()) {
      if (this.right.size <= rememberedMax) break;
      this.right.delete(oldest);
    }
    return right;
  }
}

/** What is signed of one batch. */
function bytesOf({ origin, from, facts, request }: Batch, context: SigningContext): Uint8Array {
  const sink = new ByteSink();
  begin("calm batch", context, sink);
  const batch = { origin, from, facts, ...(request !== undefined && { request }) };
  new BatchWriter(new FactWriter(context.schema)).write(batch, sink);
  return sink.finish();
}

/** What is signed of several batches, of which these are the hashes. */
function bytesOfAll(hashes: Uint8Array, context: SigningContext): Uint8Array {
  const sink = new ByteSink();
  begin("calm batches", context, sink);
  return Buffer.concat([sink.finish(), hashes]);
}

function begin(what: string, { cluster, program }: SigningContext, sink: ByteSink): void {
  sink.text(what);
  sink.text(cluster);
  sink.text(program);
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
