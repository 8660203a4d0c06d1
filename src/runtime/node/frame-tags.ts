import { createHmac, timingSafeEqual } from "node:crypto";

/** Bytes of a tag. */
export const tagBytes = 16;

/** The tags of what one side of a connection says, one after the other: keyed hashes of that and of
 * its number, which who does not know the key cannot make, move or use again. */
export class FrameTags {
  private readonly key: Uint8Array;
  private number = 0n;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  /** Returns the tag of what is said next; texts are told from frames. */
  next(said: Uint8Array | string): Buffer {
    const numbered = Buffer.alloc(9);
    numbered.writeBigUInt64LE(this.number++);
    numbered[8] = typeof said === "string" ? 1 : 0;
    const hash = createHmac("sha256", this.key).update(numbered).update(said).digest();
    return hash.subarray(0, tagBytes);
  }

  /** Whether a tag is that of what is said next. */
  fits(said: Uint8Array | string, tag: Uint8Array): boolean {
    return tag.length === tagBytes && timingSafeEqual(this.next(said), tag);
  }
}
