import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { WireError } from "../../src/runtime/bytes.ts";
import { epochBytes, epochLimits, readEpoch } from "../../src/runtime/epoch-bytes.ts";
import { randomRecord } from "../support/epochs.ts";

describe("the bytes of an epoch", () => {
  it("give back what was written", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const record = randomRecord(seed);
      expect(readEpoch(epochBytes(record)), `seed ${seed}`).to.deep.equal(record);
    }
  });

  it("are refused, and nothing else happens, where they are cut off or go on", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bytes = epochBytes(randomRecord(seed));
      for (let length = 0; length < bytes.length; length++)
        expect(() => readEpoch(bytes.subarray(0, length)), `seed ${seed}`).to.throw(WireError);
      expect(() => readEpoch(Buffer.concat([bytes, Buffer.of(0)]))).to.throw(WireError, "follow");
    }
  });

  it("are read or refused, whatever they are", () => {
    let refused = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const chance = random(seed);
      const bytes = epochBytes(randomRecord(seed));
      for (let changes = 1 + chance.below(3); changes > 0; changes--)
        bytes[chance.below(bytes.length)] = chance.below(256);
      try {
        readEpoch(bytes);
      } catch (error) {
        expect(error, `seed ${seed}`).to.be.instanceOf(WireError);
        refused++;
      }
    }
    expect(refused).to.be.greaterThan(100);
  });

  it("say of which format they are", () => {
    const bytes = epochBytes(randomRecord(1));
    bytes[0] = 4;
    expect(() => readEpoch(bytes)).to.throw(WireError, "a record has format 4, known is 3");
  });

  it("hold no name that could not be read back", () => {
    const { nameBytesMax } = epochLimits;
    const named = (engine: string) => ({ ...randomRecord(1), engine });
    const longest = "é".repeat(nameBytesMax / 2);
    expect(readEpoch(epochBytes(named(longest))).engine).to.equal(longest);
    expect(() => epochBytes(named(`${longest}e`))).to.throw(WireError, "an engine: at most 4096");
  });

  it("are held to limits", () => {
    const record = { ...randomRecord(1), engine: "e".repeat(20) };
    const limits = { ...epochLimits, nameBytesMax: 19 };
    expect(() => readEpoch(epochBytes(record), limits)).to.throw(WireError, "at most 19");
  });
});
