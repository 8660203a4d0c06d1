import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns for each file of a folder how many lines it has and a hash of them that does not depend
 * on their order. */
export function contents(folder: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(folder).map((file) => [file, linesOf(readFileSync(join(folder, file)))]),
  );
}

function linesOf(bytes: Uint8Array): string {
  let [lines, sum, other, hash] = [0, 0, 0, 0x811c9dc5];
  for (const byte of bytes) {
    if (byte !== 0x0a) hash = Math.imul(hash ^ byte, 0x01000193);
    else {
      // FNV's last bytes reach only the low bits; what is summed is mixed once more, in two ways.
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      sum = (sum + (mixed ^ (mixed >>> 13))) | 0;
      other = (other + Math.imul(hash ^ (hash >>> 17), 0x297a2d39)) | 0;
      lines++;
      hash = 0x811c9dc5;
    }
  }
  return `${lines} lines, ${(sum >>> 0).toString(16)}-${(other >>> 0).toString(16)}`;
}
