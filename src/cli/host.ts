import { fstatSync, readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

/** What a command needs of its process: where it writes, what it may read, the time. */
export type Host = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** The bytes of standard input, in chunks. */
  stdin(): Iterable<Uint8Array>;
  /** Whether somebody types there; nobody does unless said. */
  readonly stdinTerminal?: boolean;
  nowMs(): number;
};

/** One of the two output streams. */
export type Stream = {
  write(chunk: Uint8Array | string): void;
  readonly terminal: boolean;
  /** The width in columns; unbounded where it is no terminal. */
  readonly width: number;
};

const chunkBytes = 1 << 20;

/** The host of a real process. Writing is synchronous, so that nothing is lost at exit. What nobody
 * asks for is not looked at: terminals and streams take Node longer to load than a small program
 * takes to run. */
export function processHost(): Host {
  return {
    env: process.env,
    stdout: processStream(1, () => process.stdout),
    stderr: processStream(2, () => process.stderr),
    stdin: () => chunksOf(0),
    get stdinTerminal() {
      return isTerminal(0);
    },
    nowMs: () => {
      // What `performance` is part of takes Node longer to load than a small program takes to run.
      const [seconds, nanoseconds] = process.hrtime();
      return 1000 * seconds + nanoseconds / 1e6;
    },
  };
}

/** Yields what can be read from an open file, in chunks that are valid until the next one. No chunk
 * is longer than it takes for a file of `fileBytes`, where that is known. */
export function* chunksOf(descriptor: number, fileBytes = Infinity): Generator<Uint8Array> {
  // One byte more finds that the file has grown, or else its end.
  const buffer = new Uint8Array(Math.min(chunkBytes, fileBytes + 1));
  for (;;) {
    const read = retrying(() => readSync(descriptor, buffer, 0, buffer.length, null));
    if (read === 0) return;
    yield buffer.subarray(0, read);
  }
}

/** Yields what an open file has from place `from` on and before place `to`, in chunks that are
 * valid until the next one. */
export function* chunksBetween(
  descriptor: number,
  from: number,
  to = Infinity,
): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(chunkBytes, to - from));
  for (let at = from; at < to;) {
    const length = Math.min(buffer.length, to - at);
    const read = retrying(() => readSync(descriptor, buffer, 0, length, at));
    if (read === 0) return;
    at += read;
    yield buffer.subarray(0, read);
  }
}

/** Writes all of `chunk` to an open file. */
export function writeAll(descriptor: number, chunk: Uint8Array | string): void {
  const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  for (let at = 0; at < bytes.length;) {
    at += retrying(() => writeSync(descriptor, bytes, at, bytes.length - at));
  }
}

function processStream(descriptor: number, stream: () => NodeJS.WriteStream): Stream {
  return {
    write: (chunk) => writeAll(descriptor, chunk),
    // Streams of threads do not say so.
    get terminal() {
      return isTerminal(descriptor);
    },
    get width() {
      const columns = this.terminal ? stream().columns : 0;
      return columns > 0 ? columns : Infinity;
    },
  };
}

/** Whether an open file is a terminal. To ask for what is a file or a pipe needs none of Node's
 * sockets, which `isatty` is loaded with. */
function isTerminal(descriptor: number): boolean {
  try {
    const opened = fstatSync(descriptor);
    if (opened.isFile() || opened.isFIFO() || opened.isSocket()) return false;
  } catch {
    // A descriptor that nobody opened is no terminal, which is for `isatty` to say.
  }
  return isatty(descriptor);
}

/** A pipe whose other end is slow answers EAGAIN where standard streams do not block. */
function retrying(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
