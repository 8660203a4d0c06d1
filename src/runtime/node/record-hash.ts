import { createHash } from "node:crypto";

/** Returns the SHA-256 of a text, in hexadecimal: what records of the ordered log are named by. */
export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
