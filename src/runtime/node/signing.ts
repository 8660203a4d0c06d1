// Batches that their origin has signed. A signature names the key that it was made with: 32 bytes
// of the public key, then 64 of the signature, in base64. So it can be checked wherever a batch is
// passed on to, and the key of a node that was never met directly is pinned with its first batch.
import { createHash } from "node:crypto";

import { type Batch, nameOf } from "../../transducer/protocol.ts";
import { ByteSink } from "../bytes.ts";
import { type FactSchema, FactWriter } from "../fact-bytes.ts";
import { writeBatch } from "../frame-bytes.ts";
import { type Identity, publicKeyBytes, signatureBytes, verified } from "./identity.ts";
import type { PinnedKeys } from "./pinned-keys.ts";

/** What a signature holds in: nowhere else does it mean anything. */
export type SigningContext = {
  readonly cluster: string;
  readonly program: string;
  readonly schema: FactSchema;
};

/** Returns what signs the batches of a node (`NodeOptions.sign`). */
export function signerOf(
  identity: Identity,
  context: SigningContext,
): (batch: Omit<Batch, "signature">) => string {
  return (batch) => {
    const signature = identity.sign(signedBytes(batch, context));
    return Buffer.concat([identity.publicKey, signature]).toString("base64");
  };
}

/** What came of checking a batch. `met`: the name comes with a key for the first time. */
export type Checked = "right" | "met" | "wrong";

/** How many batches are remembered to be right: each comes from several peers, soon after. */
const rememberedMax = 1 << 12;

/** Checks the signatures of batches against the keys of their origins. */
export class BatchChecks {
  private readonly pins: Pick<PinnedKeys, "get">;
  private readonly context: SigningContext;
  /** Hashes of batches with their signatures, which hold: the last ones, the oldest first. */
  private readonly right = new Set<string>();

  constructor(pins: Pick<PinnedKeys, "get">, context: SigningContext) {
    this.pins = pins;
    this.context = context;
  }

  check(batch: Batch): Checked {
    const { signature, ...rest } = batch;
    const bytes = Buffer.from(signature ?? "", "base64");
    if (bytes.length !== publicKeyBytes + signatureBytes) return "wrong";
    const publicKey = bytes.subarray(0, publicKeyBytes);
    const key = publicKey.toString("base64");
    const pinned = this.pins.get(nameOf(batch.origin));
    if (pinned !== undefined && pinned !== key) return "wrong";
    const signed = signedBytes(rest, this.context);
    const hash = createHash("sha256").update(bytes).update(signed).digest("base64");
    if (!this.right.has(hash)) {
      if (!verified(signed, bytes.subarray(publicKeyBytes), publicKey)) return "wrong";
      this.remember(hash);
    }
    return pinned === undefined ? "met" : "right";
  }

  private remember(hash: string): void {
    this.right.add(hash);
    if (this.right.size <= rememberedMax) return;
    for (const oldest of this.right) {
      this.right.delete(oldest);
      return;
    }
  }
}

function signedBytes(batch: Omit<Batch, "signature">, context: SigningContext): Uint8Array {
  const sink = new ByteSink();
  sink.text("calm batch");
  sink.text(context.cluster);
  sink.text(context.program);
  writeBatch(batch, sink, new FactWriter(context.schema));
  return sink.finish();
}
