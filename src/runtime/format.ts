// The numbers that formats have: of files, and of what goes between nodes.
import { type ByteSource, WireError } from "./bytes.ts";

/** Returns what is said of a thing whose format is another one than those that are read. */
export function otherFormat(what: string, found: unknown, known: number): string {
  const earlier = typeof found === "number" && found < known;
  const reason = earlier
    ? "an earlier version of calmdb wrote it, and this one does not read it"
    : "a later version of calmdb wrote it; start that one";
  return `${what} has format ${JSON.stringify(found)}, known is ${known}: ${reason}`;
}

/** Reads the number of a format, which is a byte. Another one than `known` is a `WireError` with
 * the code `unknown-format`. */
export function readFormat(source: ByteSource, known: number, what: string): void {
  const found = source.byte();
  if (found !== known) throw new WireError("unknown-format", otherFormat(what, found, known));
}

/** Reads the name that a file begins with: `prefix`, which ends in no digit, and then the number of
 * the format, a digit. Returns whether it is one of these files; another number is a `WireError`
 * with the code `unknown-format`. */
export function readMagic(
  bytes: Uint8Array,
  prefix: Uint8Array,
  known: number,
  what: string,
): boolean {
  if (!prefix.every((byte, at) => byte === bytes[at])) return false;
  const found = (bytes[prefix.length] ?? 0) - zero;
  if (found < 0 || found > 9) return false;
  if (found === known) return true;
  throw new WireError("unknown-format", otherFormat(what, found, known));
}

const zero = 0x30;
