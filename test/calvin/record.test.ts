import { expect } from "chai";

import {
  batchText,
  type EpochRecord,
  isReference,
  type OrderedBatch,
  type OrderedRequest,
  spelledOut,
} from "../../src/calvin/record.ts";
import type { Pattern } from "../../src/calvin/transaction.ts";

const pattern = (value: bigint): Pattern => ({ relation: 0, columns: [0], values: [value] });
const request: OrderedRequest = { id: "r", transaction: "t", args: [1n, "a"], attempt: 0 };
const batch: OrderedBatch = { sequencer: "n/1", number: 1, requests: [request] };

describe("the text of a batch", () => {
  it("tells it from all others", () => {
    const footprints = [
      { reads: [], writes: [] },
      { reads: [pattern(1n)], writes: [] },
      { reads: [], writes: [pattern(1n)] },
      { reads: [pattern(2n)], writes: [] },
    ];
    const requests = [
      request,
      { ...request, id: "s" },
      { ...request, transaction: "u" },
      { ...request, args: [1n] },
      { ...request, args: ["1", "a"] },
      { ...request, attempt: 1 },
      ...footprints.map((footprint) => ({ ...request, footprint })),
    ];
    const batches = [
      ...requests.map((one) => ({ ...batch, requests: [one] })),
      { ...batch, sequencer: "n/2" },
      { ...batch, number: 2 },
      { ...batch, requests: [] },
      { ...batch, requests: [request, request] },
    ];
    expect(new Set(batches.map(batchText)).size).to.equal(batches.length);
    expect(batchText({ ...batch, requests: [{ ...request }] })).to.equal(batchText(batch));
  });
});

describe("a record", () => {
  const rest = { epoch: 1, previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "" };
  const reference = { sequencer: "n/1", number: 2, hash: "x" };

  it("is one that is carried out where no batch is named by its hash", () => {
    const record: EpochRecord = { ...rest, batches: [batch] };
    expect(spelledOut(record)).to.deep.equal(record);
    expect(() => spelledOut({ ...rest, batches: [batch, reference] })).to.throw("by its hash");
    expect([batch, reference].map(isReference)).to.deep.equal([false, true]);
  });
});
