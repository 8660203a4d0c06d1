// Archives as `tar` reads and writes them (POSIX.1-1988, "ustar"): plain files in one folder.

/** One file of an archive, before what is in it. */
export type TarEntry = { readonly name: string; readonly bytes: number; readonly secret: boolean };

/** The unit of an archive: what is in a file is filled up with zeros to a whole number of these. */
const blockBytes = 512;

/** Two blocks of zeros. */
const endBytes = 2 * blockBytes;

/** What an archive that ends early, or is none, is read with. */
export class TarError extends Error {
  override readonly name = "TarError";
}

/** How many bytes an archive of these files has. */
export function tarBytes(files: readonly TarEntry[]): number {
  const each = files.map(({ bytes }) => blockBytes + bytes + padding(bytes));
  return each.reduce((sum, bytes) => sum + bytes, endBytes);
}

/** Yields the archive of files, each with what is in it: as many bytes as its entry says. */
export async function* tarOf(
  files: Iterable<TarEntry & { readonly content: () => AsyncIterable<Uint8Array> }>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const file of files) {
    yield headerOf(file);
    yield* file.content();
    if (padding(file.bytes) > 0) yield new Uint8Array(padding(file.bytes));
  }
  yield new Uint8Array(endBytes);
}

/** Reads an archive: calls `begin` with each file, which returns what takes its bytes, and `end`
 * after the last of them. Throws a `TarError`. */
export async function readTar(
  archive: AsyncIterable<Uint8Array>,
  begin: (
    entry: TarEntry,
  ) => Promise<{ write(bytes: Uint8Array): Promise<void>; end(): Promise<void> }>,
): Promise<void> {
  const reader = new BlockReader(archive);
  for (;;) {
    const header = await reader.block();
    if (header.every((byte) => byte === 0)) return;
    const entry = entryOf(header);
    const file = await begin(entry);
    try {
      for (let left = entry.bytes; left > 0; left -= blockBytes)
        await file.write((await reader.block()).subarray(0, left));
    } finally {
      await file.end();
    }
  }
}

/** Cuts what comes in pieces of any size into blocks. */
class BlockReader {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private held: Uint8Array = new Uint8Array();

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.pieces = archive[Symbol.asyncIterator]();
  }

  async block(): Promise<Uint8Array> {
    while (this.held.length < blockBytes) {
      const next = await this.pieces.next();
      if (next.done === true) throw new TarError("the archive ends early");
      this.held = this.held.length === 0 ? next.value : Buffer.concat([this.held, next.value]);
    }
    const block = this.held.subarray(0, blockBytes);
    this.held = this.held.subarray(blockBytes);
    return block;
  }
}

function padding(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

function headerOf({ name, bytes, secret }: TarEntry): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0, 100);
  header.write(secret ? "0000600\0" : "0000644\0", 100);
  header.write("0000000\0".repeat(2), 108);
  header.write(octal(bytes), 124);
  header.write(octal(0), 136);
  header.write("        0", 148);
  header.write("ustar\x0000", 257);
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function octal(value: number): string {
  return `${value.toString(8).padStart(11, "0")}\0`;
}

/** The sum of a header's bytes, those of the sum itself as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

function entryOf(block: Uint8Array): TarEntry {
  const header = Buffer.from(block);
  const field = (from: number, to: number): string =>
    header.toString("latin1", from, to).replace(/[\0 ].*$/, "");
  const number = (from: number, to: number): number => {
    const text = field(from, to);
    return /^[0-7]+$/.test(text) ? parseInt(text, 8) : NaN;
  };
  const bytes = number(124, 136);
  if (number(148, 156) !== checksum(header) || !Number.isSafeInteger(bytes))
    throw new TarError("this is no archive");
  return { name: field(0, 100), bytes, secret: (number(100, 108) & 0o077) === 0 };
}
