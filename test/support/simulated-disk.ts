// A disk in memory for tests of the log: it knows what is durable, writes less than it is asked to,
// fails, and crashes after any byte or operation.
import { dirname } from "node:path";

import { assert } from "../../src/base/assert.ts";
import type { AppendedFile, Files } from "../../src/runtime/node/files.ts";

/** What is left of writes and names that were not synced when the power goes. */
export type Remains = "nothing" | "half" | "zeros" | "all";

/** What a file holds, and how much of it is durable. */
type Content = { bytes: Uint8Array; synced: number };

/** An error as those of Node. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

export class SimulatedDisk {
  /** Bytes that one write takes at most. */
  writeMax = Infinity;
  /** Called before each operation, to let it fail. */
  before: (operation: string, path: string) => void = () => undefined;
  /** How many bytes are written, and names changed, until the machine stops: then nothing
   * happens any more, and no operation comes to its end. */
  budget = Infinity;
  /** How many operations there were. */
  operations = 0;
  life = 0;
  files = new Map<string, Content>();
  durableNames = new Map<string, Content>();
  private stop: () => void = () => undefined;

  /** A machine that was just started, with this disk. */
  machine(): Files {
    this.life++;
    return new Machine(this);
  }

  /** Returns when the machine has stopped. */
  stopped(): Promise<void> {
    return new Promise((resolve) => (this.stop = resolve));
  }

  /** The power goes. */
  crash(remains: Remains): void {
    this.life++;
    this.budget = Infinity;
    this.before = () => undefined;
    this.writeMax = Infinity;
    if (remains !== "all") this.files = new Map(this.durableNames);
    for (const content of new Set(this.files.values())) {
      const { bytes, synced } = content;
      const loose = bytes.length - synced;
      if (remains === "nothing") content.bytes = bytes.slice(0, synced);
      else if (remains === "half") content.bytes = bytes.slice(0, synced + (loose >> 1));
      else if (remains === "zeros") content.bytes = Uint8Array.from(bytes).fill(0, synced);
      content.synced = content.bytes.length;
    }
    this.durableNames = new Map(this.files);
  }

  /** What a file holds. */
  bytesOf(path: string): Uint8Array {
    const content = this.files.get(path);
    assert(content !== undefined, `there is a file ${path}`);
    return content.bytes;
  }

  /** Changes a file, as nothing but a broken disk does. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const content = this.files.get(path);
    assert(content !== undefined, `there is a file ${path}`);
    content.bytes = change(Uint8Array.from(content.bytes));
    content.synced = content.bytes.length;
  }

  /** A copy of all that there is, to be put back later. */
  copyAll(): () => void {
    const copy = [...this.files].map(([path, { bytes }]) => [path, bytes] as const);
    return () => {
      this.files = new Map(copy.map(([path, bytes]) => [path, { bytes, synced: bytes.length }]));
      this.durableNames = new Map(this.files);
    };
  }

  /** All paths, sorted. */
  get paths(): string[] {
    return [...this.files.keys()].toSorted();
  }

  /** Before each operation of a machine that began with `life`. */
  async start(life: number, operation: string, path: string): Promise<void> {
    if (life === this.life && this.budget > 0) {
      this.operations++;
      this.before(operation, path);
      // Others get their turn, as on a real disk.
      await Promise.resolve();
    }
    if (life !== this.life || this.budget <= 0) await this.never();
  }

  async spend(count: number): Promise<void> {
    this.budget -= count;
    if (this.budget <= 0) await this.never();
  }

  private never(): Promise<never> {
    this.stop();
    return new Promise(() => undefined);
  }
}

class Machine implements Files {
  private readonly disk: SimulatedDisk;
  private readonly life: number;

  constructor(disk: SimulatedDisk) {
    this.disk = disk;
    this.life = disk.life;
  }

  async makeFolder(path: string): Promise<void> {
    await this.start("makeFolder", path);
  }

  async list(path: string): Promise<string[]> {
    await this.start("list", path);
    return this.disk.paths.flatMap((file) =>
      dirname(file) === path ? [file.slice(path.length + 1)] : [],
    );
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    await this.start("read", path);
    return this.disk.files.get(path)?.bytes;
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const bytes = await this.read(path);
    if (bytes === undefined) throw systemError("ENOENT");
    const piece = 1_000;
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }

  async create(path: string): Promise<AppendedFile> {
    await this.start("create", path);
    if (this.disk.files.has(path)) throw systemError("EEXIST");
    await this.disk.spend(1);
    const content: Content = { bytes: new Uint8Array(), synced: 0 };
    this.disk.files.set(path, content);
    return {
      write: async (bytes) => {
        await this.start("write", path);
        const count = Math.min(bytes.length, this.disk.writeMax);
        const taken = Math.min(count, this.disk.budget);
        content.bytes = Buffer.concat([content.bytes, bytes.subarray(0, taken)]);
        await this.disk.spend(count);
        return count;
      },
      sync: async () => {
        await this.start("sync", path);
        content.synced = content.bytes.length;
      },
      close: () => this.start("close", path),
    };
  }

  async truncate(path: string, bytes: number): Promise<void> {
    await this.start("truncate", path);
    const content = this.disk.files.get(path);
    if (content === undefined) throw systemError("ENOENT");
    await this.disk.spend(1);
    content.bytes = content.bytes.slice(0, bytes);
    content.synced = content.bytes.length;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.start("rename", to);
    const content = this.disk.files.get(from);
    if (content === undefined) throw systemError("ENOENT");
    await this.disk.spend(1);
    this.disk.files.delete(from);
    this.disk.files.set(to, content);
  }

  async link(from: string, to: string): Promise<void> {
    await this.start("link", to);
    const content = this.disk.files.get(from);
    if (content === undefined) throw systemError("ENOENT");
    if (this.disk.files.has(to)) throw systemError("EEXIST");
    await this.disk.spend(1);
    this.disk.files.set(to, content);
  }

  async copy(from: string, to: string): Promise<void> {
    await this.start("copy", to);
    const content = this.disk.files.get(from);
    if (content === undefined) throw systemError("ENOENT");
    await this.disk.spend(1);
    this.disk.files.set(to, { bytes: content.bytes, synced: 0 });
  }

  async remove(path: string): Promise<void> {
    await this.start("remove", path);
    if (!this.disk.files.has(path)) return;
    await this.disk.spend(1);
    this.disk.files.delete(path);
  }

  async syncFolder(path: string): Promise<void> {
    await this.start("syncFolder", path);
    const within = (file: string): boolean => dirname(file) === path;
    for (const file of this.disk.durableNames.keys())
      if (within(file) && !this.disk.files.has(file)) this.disk.durableNames.delete(file);
    for (const [file, content] of this.disk.files)
      if (within(file)) this.disk.durableNames.set(file, content);
  }

  private start(operation: string, path: string): Promise<void> {
    return this.disk.start(this.life, operation, path);
  }
}
