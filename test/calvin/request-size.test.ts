import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import type { OrderedRequest } from "../../src/calvin/record.ts";
import { requestBytes } from "../../src/calvin/request-size.ts";
import { epochBytes } from "../../src/runtime/epoch-bytes.ts";
import type { Value } from "../../src/value/schema.ts";
import { randomRequest } from "../support/epochs.ts";

describe("the bytes of a request", () => {
  it("are no more than were said, whatever it has", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const made = randomRequest(random(seed));
      const batchOf = (requests: OrderedRequest[]) => ({
        ...{ epoch: 1, previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "test" },
        batches: [{ sequencer: "a", number: 1, requests }],
      });
      const bytes = epochBytes(batchOf([made])).length - epochBytes(batchOf([])).length;
      expect(requestBytes(made), `seed ${seed}`).to.be.within(bytes, 20 * bytes);
    }
  });

  it("grow with all that it has, by as much as that takes", () => {
    const request = (more: Partial<OrderedRequest>): OrderedRequest => {
      return { id: "", transaction: "", args: [], attempt: 0, ...more };
    };
    const size = (more: Partial<OrderedRequest>): number => requestBytes(request(more));
    const least = size({});
    for (const text of ["x".repeat(1000), "ä".repeat(500), "€".repeat(400)]) {
      const bytes = Buffer.byteLength(text);
      const pattern = { relation: 0, columns: [0], values: [text] };
      const values: Value[] = [text, [text], { branch: "b", fields: [text] }];
      values.push({ branch: text, fields: [] }, { elements: [text] }, { pairs: [[1n, text]] });
      values.push({ pairs: [[text, null]] });
      for (const more of [
        { id: text },
        { transaction: text },
        ...values.map((value) => ({ args: [value] })),
        { footprint: { reads: [pattern], writes: [] } },
        { footprint: { reads: [], writes: [pattern] } },
      ])
        expect(size(more) - least, JSON.stringify(Object.keys(more))).to.be.within(
          bytes,
          bytes + 100,
        );
      expect(size({ args: [text, text] }) - least).to.be.within(2 * bytes, 2 * bytes + 100);
    }
    // A half of a pair is counted as if it were alone.
    expect(size({ id: "😀".repeat(300) }) - least).to.equal(1800);
    const many = Array.from({ length: 100 }, (_, at) => at);
    const wide = { relation: 0, columns: many, values: [] };
    expect(size({ footprint: { reads: [wide], writes: [] } }) - least).to.be.at.least(1000);
    for (const value of [1n, 0.5]) expect(size({ args: [value] }) - least).to.be.within(9, 20);
    expect(size({ args: [null] }) - least).to.be.within(1, 2);
  });
});
