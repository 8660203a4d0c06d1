import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { chunksOf } from "./host.ts";

/** The most bytes that a packed file of facts may have when it is unpacked. */
const unpackedBytesMax = 2 ** 31;

/** Calls `use` with the bytes of a file, unpacked if they are gzip, the size of the file: 0 of what
 * has none, such as a pipe; and its descriptor, where its bytes are those that are given. */
export function withFile<T>(
  path: string,
  use: (bytes: Uint8Array | Iterable<Uint8Array>, fileBytes: number, descriptor?: number) => T,
): T {
  return withDescriptor(path, (descriptor) => {
    const { size } = fstatSync(descriptor);
    // What has no size, such as a pipe, is as long as it turns out to be.
    return packed(descriptor)
      ? use(unpack(path), size)
      : use(chunksOf(descriptor, size || Infinity), size, descriptor);
  });
}

/** Returns what a gzip file holds; undefined of a file that is none. */
export function unpacked(path: string): Uint8Array | undefined {
  return withDescriptor(path, packed) ? unpack(path) : undefined;
}

function withDescriptor<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, "r");
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unpack(path: string): Uint8Array {
  return gunzipSync(readFileSync(path), { maxOutputLength: unpackedBytesMax });
}

function packed(descriptor: number): boolean {
  try {
    const magic = new Uint8Array(2);
    return readSync(descriptor, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  } catch (error) {
    // A pipe has no places to read at.
    if ((error as NodeJS.ErrnoException).code === "ESPIPE") return false;
    throw error;
  }
}
