import { expect } from "chai";

import type { PositionedReads } from "../../src/calvin/gathered.ts";
import { WireError } from "../../src/runtime/bytes.ts";
import { readReads, readsBytes } from "../../src/runtime/ordered-bytes.ts";
import type { Value } from "../../src/value/schema.ts";

describe("reads of other partitions as bytes", () => {
  const edges = [0, 1, 127, 128, 2 ** 14, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31];
  const numbers = [...edges, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER, 0.5, -0, NaN, Infinity];
  const rows: Value[] = [
    ...numbers.flatMap((number) => [number, -number]),
    ...[2n ** 53n, 2n ** 62n, -(2n ** 63n), "", "ä€😀", null, [1n, null]],
  ];
  const reads: PositionedReads[] = [
    { position: 2 ** 40 + 3, found: { rows } },
    { position: 2 ** 40 + 4, found: { rows: [] } },
    {
      position: 2 ** 40 + 5,
      found: [{ pattern: { relation: 1, columns: [0], values: [5n] }, tuples: [[5n, "x"], []] }],
    },
  ];

  it("are read as they were written, whatever the size of a number", () => {
    expect(readReads(readsBytes(reads))).to.deep.equal(reads);
  });

  it("are no reads where they are cut off or go on", () => {
    const bytes = readsBytes(reads);
    for (let length = 0; length < bytes.length; length++)
      expect(() => readReads(bytes.subarray(0, length)), `${length} bytes`).to.throw(WireError);
    expect(() => readReads(Uint8Array.of(...bytes, 0))).to.throw(WireError);
  });
});
