import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import type { OrderedRequest } from "../../src/calvin/record.ts";
import { requestBytes } from "../../src/calvin/request-size.ts";
import { epochBytes } from "../../src/runtime/epoch-bytes.ts";
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
});
