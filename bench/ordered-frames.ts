// What the processes of the ordered benchmark say to each other: frames of a length, a kind and a
// body. What is said in one turn of the event loop goes in one write.
import type { Socket } from "node:net";

/** What is said: a kind is a number below 256, a body is whatever bytes the kind has. */
export type Frame = { readonly kind: number; readonly body: Uint8Array };

const headBytes = 5;

/** Calls `onFrame` with what comes over a socket; returns what sends. */
export function framed(socket: Socket, onFrame: (frame: Frame) => void): (of: Frame) => void {
  let chunks: Buffer[] = [];
  let length = 0;
  socket.setNoDelay(true);
  // The other process has measured what it was to measure, and is gone.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    const [first = chunk] = chunks;
    if (first.length >= headBytes && length < headBytes + first.readUInt32LE(0)) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    while (bytes.length >= headBytes) {
      const end = headBytes + bytes.readUInt32LE(0);
      if (bytes.length < end) break;
      const frame = { kind: bytes[4] ?? 0, body: bytes.subarray(headBytes, end) };
      bytes = bytes.subarray(end);
      onFrame(frame);
    }
    chunks = bytes.length > 0 ? [bytes] : [];
    length = bytes.length;
  });
  let corked = false;
  return ({ kind, body }) => {
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(body.length);
    head[4] = kind;
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    socket.write(head);
    socket.write(body);
  };
}
