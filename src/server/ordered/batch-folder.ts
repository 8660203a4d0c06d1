// Long batches on the disk: what a member has told that it holds it holds after a crash, too. Each
// is a file that is named by its hash; the file `format` has the number of their format in digits.
import { join } from "node:path";

import { Bodies } from "../../calvin/bodies.ts";
import { batchText, type OrderedBatch } from "../../calvin/record.ts";
import { WireError } from "../../runtime/bytes.ts";
import { otherFormat } from "../../runtime/format.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import { batchBytes, readBatch } from "../../runtime/ordered-bytes.ts";
import { type Files, machineFiles, replaceFile } from "../../runtime/node/files.ts";
import { textHash } from "../../runtime/node/record-hash.ts";

const format = 1;
const formatFile = "format";

/** A folder of long batches. */
export class BatchFolder {
  /** Those that the disk has. */
  readonly bodies = new Bodies(textHash);
  private readonly written = new Map<string, Promise<void>>();
  private readonly path: string;
  private readonly files: Files;

  private constructor(path: string, files: Files) {
    this.path = path;
    this.files = files;
  }

  /** Opens a folder, which is made where there is none. What is not what its name says was cut
   * short by a crash or is damaged: it is removed, others hold it. Throws what the disk says, and
   * an `OrderedLogError`, `unknown-format`, where another version wrote the folder. */
  static async open(path: string, files: Files = machineFiles): Promise<BatchFolder> {
    const folder = new BatchFolder(path, files);
    await files.makeFolder(path);
    await checkFormat(path, files);
    for (const name of await files.list(path)) {
      if (name === formatFile) continue;
      const bytes = await files.read(join(path, name));
      const batch = bytes && batchOf(bytes);
      if (batch === undefined || textHash(batchText(batch)) !== name)
        await files.remove(join(path, name));
      else folder.bodies.add(batch);
    }
    return folder;
  }

  /** Returns when the disk has a batch, whose hash is given. */
  keep(batch: OrderedBatch, hash: string): Promise<void> {
    if (this.bodies.get(hash) !== undefined) return Promise.resolve();
    // Two who came by it at once would write one file.
    const known = this.written.get(hash);
    if (known !== undefined) return known;
    const written = this.write(batch, hash).finally(() => this.written.delete(hash));
    this.written.set(hash, written);
    return written;
  }

  private async write(batch: OrderedBatch, hash: string): Promise<void> {
    await replaceFile(this.files, join(this.path, hash), batchBytes(batch));
    this.bodies.add(batch);
  }

  /** Lets go the batches that records before an epoch name, and those that never come to the
   * log. */
  async forgetBefore(epoch: number, isOver: (batch: OrderedBatch) => boolean): Promise<void> {
    for (const hash of this.bodies.forgetBefore(epoch, isOver))
      await this.files.remove(join(this.path, hash));
  }
}

/** Folders that say nothing are of the first format. */
async function checkFormat(folder: string, files: Files): Promise<void> {
  const path = join(folder, formatFile);
  const said = await files.read(path);
  if (said === undefined) {
    await replaceFile(files, path, Buffer.from(`${format}\n`));
    return;
  }
  const found = Number(Buffer.from(said).toString());
  if (found !== format)
    throw new OrderedLogError("unknown-format", otherFormat(path, found, format));
}

function batchOf(bytes: Uint8Array): OrderedBatch | undefined {
  try {
    return readBatch(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
