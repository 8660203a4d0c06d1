// How a log that is opened leaves the end of its last file.
import { codeOf, type Files, replaceFile } from "./files.ts";
import { markAt, type SegmentReader } from "./segment.ts";

/** Cuts a file off behind what was read of it, and has it say that all of that is on the disk: what
 * is broken there later is not taken for a torn write. Returns how many bytes it has. */
export async function closeSegment(
  files: Files,
  path: string,
  { file, offset, marked }: Pick<SegmentReader<unknown>, "file" | "offset" | "marked">,
  bytes: Uint8Array,
): Promise<number> {
  // What a process that was killed had written may not be on the disk yet.
  await files.truncate(path, offset);
  if (marked) return offset;
  const closed = Buffer.concat([bytes.subarray(0, offset), markAt(file, offset)]);
  try {
    await replaceFile(files, path, closed);
    return closed.length;
  } catch (error) {
    // A log can be read on a disk that is full, and is marked when it is opened the next time.
    if (codeOf(error) !== "ENOSPC") throw error;
    return offset;
  }
}
