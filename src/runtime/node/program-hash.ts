import { createHash } from "node:crypto";

/** Returns the hash of a program, in hexadecimal: SHA-256 over its text as the printer writes it,
 * with all that it includes, and the modules of its functors, byte by byte. Nodes whose hashes
 * differ do not talk, and a log of another program is not read: relations go by their places. */
export function programHash(text: string, modules: readonly Uint8Array[] = []): string {
  const hash = createHash("sha256");
  // With the lengths, no two programs are the same bytes.
  for (const part of [new TextEncoder().encode(text), ...modules]) {
    hash.update(`${part.length}:`);
    hash.update(part);
  }
  return hash.digest("hex");
}
