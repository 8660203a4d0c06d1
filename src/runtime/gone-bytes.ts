// What is gone as bytes: in frames, and in records of the log.
import type { Gone } from "../transducer/ranges.ts";
import { type ByteSink, type ByteSource, WireError } from "./bytes.ts";

/** The limits of what is told to be gone. */
export type GoneLimits = {
  readonly originsMax: number;
  readonly originBytesMax: number;
  /** Ranges of all origins together. */
  readonly rangesMax: number;
};

/** The limits of what is told to be gone. */
const goneLimits: GoneLimits = {
  originsMax: 1 << 16,
  originBytesMax: 256,
  rangesMax: 1 << 22,
};

/** Writes what is gone: the gaps between ranges, and their lengths. */
export function writeGone(gone: Gone, sink: ByteSink): void {
  sink.count(gone.size);
  for (const [origin, ranges] of gone) {
    sink.text(origin);
    sink.count(ranges.length / 2);
    let end = 0;
    for (let at = 0; at < ranges.length; at += 2) {
      const [from = 0, to = 0] = [ranges[at], ranges[at + 1]];
      sink.count(from - end);
      sink.count(to - from);
      end = to;
    }
  }
}

/** Reads what `writeGone` wrote. Throws a `WireError`. */
export function readGone(source: ByteSource, limits: GoneLimits = goneLimits): Gone {
  const gone = new Map<string, number[]>();
  const origins = source.count(limits.originsMax, "origins");
  let left = limits.rangesMax;
  for (let place = 0; place < origins; place++) {
    const origin = source.text(limits.originBytesMax, "an origin");
    if (!/^[^/\s]+\/(0|[1-9]\d{0,15})$/.test(origin))
      throw new WireError("malformed", "an origin is a node's name and its incarnation");
    if (gone.has(origin)) throw new WireError("malformed", "an origin is told of twice");
    const count = source.count(left, "ranges");
    left -= count;
    const ranges: number[] = [];
    let end = 0;
    for (let at = 0; at < count; at++) {
      // Numbers begin at 1, and ranges that touch are one.
      const from = end + source.count(Number.MAX_SAFE_INTEGER - 2 ** 32 - end, "a number");
      if (from < end + (at === 0 ? 1 : 2)) throw new WireError("malformed", "ranges are apart");
      end = from + source.count(Number.MAX_SAFE_INTEGER - 2 ** 32 - from, "a number");
      ranges.push(from, end);
    }
    if (count === 0) throw new WireError("malformed", "an origin of which nothing is gone");
    gone.set(origin, ranges);
  }
  return gone;
}
