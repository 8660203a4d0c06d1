// The keys that a node knows others by.
//
// A name belongs to the key that it first came with (trust on first use): in a handshake, or on a
// batch that another member passed on. Who is no member of the cluster, without its token, cannot
// make a first use. An operator who wants more puts the keys of all members there beforehand.
import { join } from "node:path";

import { LogError } from "./durable-log.ts";
import { type Files, machineFiles, replaceFile } from "./files.ts";
import { publicKeyBytes } from "./identity.ts";

/** Public keys by the names of nodes. */
export type PinnedKeys = {
  /** The key of a node, in base64. */
  get(node: string): string | undefined;
  /** Keeps the key of a node that has none. It is written down soon; were it lost in a crash, it
   * would be pinned at the next use. */
  pin(node: string, key: string): void;
  /** Forgets a node, so that it may come back with a new key: an operator's decision. */
  forget(node: string): void;
  /** All of them, in the order in which they were met. */
  entries(): readonly (readonly [node: string, key: string])[];
  /** Returns when all is written down. */
  settled(): Promise<void>;
};

/** Returns the keys that are pinned in a folder that is held (see `openLog`). */
export async function loadPinnedKeys(
  folder: string,
  files: Files = machineFiles,
): Promise<PinnedKeys> {
  const path = join(folder, "peers.json");
  const bytes = await files.read(path);
  const keys = bytes === undefined ? new Map<string, string>() : parsed(bytes, path);
  return new FolderKeys(keys, path, files);
}

class FolderKeys implements PinnedKeys {
  private readonly keys: Map<string, string>;
  private readonly path: string;
  private readonly files: Files;
  private writing: Promise<void> = Promise.resolve();
  private dirty = false;

  constructor(keys: Map<string, string>, path: string, files: Files) {
    this.keys = keys;
    this.path = path;
    this.files = files;
  }

  get(node: string): string | undefined {
    return this.keys.get(node);
  }

  pin(node: string, key: string): void {
    if (this.keys.has(node)) return;
    this.keys.set(node, key);
    this.write();
  }

  forget(node: string): void {
    if (this.keys.delete(node)) this.write();
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.keys];
  }

  settled(): Promise<void> {
    return this.writing;
  }

  /** Writes what there is when the write before is done. */
  private write(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.writing = this.writing.then(async () => {
      this.dirty = false;
      const text = `${JSON.stringify(Object.fromEntries(this.keys), undefined, 2)}\n`;
      // A disk that fails stops the log; a key that was not written is pinned again.
      await replaceFile(this.files, this.path, Buffer.from(text)).catch(() => undefined);
    });
  }
}

function parsed(bytes: Uint8Array, path: string): Map<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new LogError("damaged", `${path} is no JSON`, error);
  }
  const keys = new Map(Object.entries(value ?? {}) as [string, unknown][]);
  for (const [node, key] of keys)
    if (typeof key !== "string" || Buffer.from(key, "base64").length !== publicKeyBytes)
      throw new LogError("damaged", `${path} holds no key of node "${node}"`);
  return keys as Map<string, string>;
}
