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

  /** Does an operation of a machine that began with `life`, unless that has stopped. Nothing comes
   * between its being seen to run and what it does. */
  async run<T>(
    life: number,
    operation: string,
    path: string,
    then: () => T | Promise<T>,
  ): Promise<T> {
    if (life === this.life && this.budget > 0) {
      this.operations++;
      this.before(operation, path);
      // Others get their turn, as on a real disk.
      await Promise.resolve();
    }
    if (life !== this.life || this.budget <= 0) return this.never();
    return then();
  }

  /** Takes from the budget. Returns whether the machine stops now. */
  spends(count: number): boolean {
    this.budget -= count;
    return this.budget <= 0;
  }

  /** What never comes to an end, as the machine has stopped. */
  never(): Promise<never> {
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

  makeFolder(path: string): Promise<void> {
    return this.run("makeFolder", path, () => undefined);
  }

  list(path: string): Promise<string[]> {
    return this.run("list", path, () =>
      this.disk.paths.flatMap((file) =>
        dirname(file) === path ? [file.slice(path.length + 1)] : [],
      ),
    );
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.run("read", path, () => this.disk.files.get(path)?.bytes);
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const bytes = await this.read(path);
    if (bytes === undefined) throw systemError("ENOENT");
    const piece = 1_000;
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }

  create(path: string): Promise<AppendedFile> {
    const { disk } = this;
    return this.run("create", path, () => {
      if (disk.files.has(path)) throw systemError("EEXIST");
      if (disk.spends(1)) return disk.never();
      const content: Content = { bytes: new Uint8Array(), synced: 0 };
      disk.files.set(path, content);
      return this.appended(path, content);
    });
  }

  private appended(path: string, content: Content): AppendedFile {
    const { disk } = this;
    return {
      write: (bytes) =>
        this.run("write", path, () => {
          const count = Math.min(bytes.length, disk.writeMax);
          const taken = Math.min(count, disk.budget);
          content.bytes = Buffer.concat([content.bytes, bytes.subarray(0, taken)]);
          return disk.spends(count) ? disk.never() : count;
        }),
      sync: () =>
        this.run("sync", path, () => {
          content.synced = content.bytes.length;
        }),
      close: () => this.run("close", path, () => undefined),
    };
  }

  truncate(path: string, bytes: number): Promise<void> {
    return this.change("truncate", path, path, (content) => {
      content.bytes = content.bytes.slice(0, bytes);
      content.synced = content.bytes.length;
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.change("rename", from, to, (content, { files }) => {
      files.delete(from);
      files.set(to, content);
    });
  }

  link(from: string, to: string): Promise<void> {
    return this.change("link", from, to, (content, { files }) => {
      files.set(to, content);
    });
  }

  copy(from: string, to: string): Promise<void> {
    return this.change("copy", from, to, ({ bytes }, { files }) => {
      files.set(to, { bytes, synced: 0 });
    });
  }

  remove(path: string): Promise<void> {
    const { disk } = this;
    return this.run("remove", path, () => {
      if (!disk.files.has(path)) return undefined;
      if (disk.spends(1)) return disk.never();
      disk.files.delete(path);
      return undefined;
    });
  }

  syncFolder(path: string): Promise<void> {
    const { disk } = this;
    const within = (file: string): boolean => dirname(file) === path;
    return this.run("syncFolder", path, () => {
      for (const file of disk.durableNames.keys())
        if (within(file) && !disk.files.has(file)) disk.durableNames.delete(file);
      for (const [file, content] of disk.files)
        if (within(file)) disk.durableNames.set(file, content);
    });
  }

  /** An operation on a file that is there, which changes a name or what is there at once. */
  private change(
    operation: "truncate" | "rename" | "link" | "copy",
    from: string,
    to: string,
    then: (content: Content, disk: SimulatedDisk) => void,
  ): Promise<void> {
    const { disk } = this;
    return this.run(operation, to, () => {
      const content = disk.files.get(from);
      if (content === undefined) throw systemError("ENOENT");
      if (operation === "link" && disk.files.has(to)) throw systemError("EEXIST");
      if (disk.spends(1)) return disk.never();
      then(content, disk);
      return undefined;
    });
  }

  private run<T>(operation: string, path: string, then: () => T | Promise<T>): Promise<T> {
    return this.disk.run(this.life, operation, path, then);
  }
}
