import { open } from "node:fs/promises";
import { join } from "node:path";

import type { CheckpointPiece } from "./keeper.ts";

/** Bytes of one piece of a checkpoint. */
const pieceBytes = 4 << 20;

/** Returns a piece of the checkpoint of an epoch in a folder; undefined where it is not there. */
export async function readPiece(
  folder: string,
  epoch: number,
  from: number,
): Promise<CheckpointPiece | undefined> {
  const file = await open(join(folder, `checkpoint-${epoch}`)).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(pieceBytes);
    const { bytesRead } = await file.read(bytes, 0, pieceBytes, from);
    const { size } = await file.stat();
    return { epoch, bytes: bytes.subarray(0, bytesRead), last: from + bytesRead >= size };
  } finally {
    await file.close();
  }
}
