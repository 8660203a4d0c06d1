// What the processes of the ordered benchmark say to each other: frames of a length and a value.
import type { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";

/** Calls `onFrame` with what comes over a socket; returns what sends. */
export function framed<Frame>(
  socket: Socket,
  onFrame: (frame: Frame) => void,
): (of: Frame) => void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  // The other process has measured what it was to measure, and is gone.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4) {
      const end = 4 + bytes.readUInt32LE(0);
      if (bytes.length < end) return;
      const frame = deserialize(bytes.subarray(4, end)) as Frame;
      bytes = bytes.subarray(end);
      onFrame(frame);
    }
  });
  return (frame) => {
    const body = serialize(frame);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    socket.cork();
    socket.write(head);
    socket.write(body);
    process.nextTick(() => {
      socket.uncork();
    });
  };
}
