import { expect } from "chai";

import { Memory } from "../../src/engine/memory.ts";
import { haveAll, placesOf } from "../../src/engine/tuple-places.ts";
import { Tuples } from "../../src/engine/tuples.ts";
import { forced } from "../support/forms.ts";

/** Tuples of three narrow columns, as bits. */
function narrow(): Tuples {
  const tuples = new Tuples(3, new Memory(), undefined, { ...forced("bits"), bitsBytesMin: 4096 });
  for (let word = 0; word < 30; word++) tuples.insert([word % 5, -(word % 3), word]);
  return tuples;
}

describe("the places of tuples", () => {
  it("are one for each tuple that there can be, side by side where one column differs", () => {
    for (const minor of [0, 1, 2]) {
      const { set } = narrow();
      const places = placesOf(set, minor)!;
      const { lows, extents, strides, count } = places;
      expect(strides[minor]).to.equal(1);
      expect(count).to.equal(extents.reduce((product, extent) => product * extent, 1));
      const seen = new Set<number>();
      for (let x = 0; x < extents[0]!; x++)
        for (let y = 0; y < extents[1]!; y++)
          for (let z = 0; z < extents[2]!; z++)
            seen.add(x * strides[0]! + y * strides[1]! + z * strides[2]!);
      expect(seen.size).to.equal(count);
      expect(Math.max(...seen)).to.equal(count - 1);
      expect([...lows].every((low, at) => low <= [0, -2, 0][at]!)).to.equal(true);
    }
  });

  it("are those of the set as it was, until it is of other ranges", () => {
    const tuples = narrow();
    const places = placesOf(tuples.set, 2)!;
    const before = [places.lows, places.extents].map((words) => [...words]);
    expect(haveAll(places, tuples.set)).to.equal(true);
    expect(haveAll({ ...places, lows: places.lows.map((low) => low - 1) }, tuples.set)).to.equal(
      false,
    );
    expect(
      haveAll({ ...places, extents: places.extents.map((of) => 2 * of) }, tuples.set),
    ).to.equal(false);
    expect(
      haveAll({ ...places, lows: Int32Array.of(...before[0]!.slice(0, 2), 1) }, tuples.set),
    ).to.equal(false);
    tuples.insert([0, 0, 200]);
    expect(haveAll(places, tuples.set), "it is wider").to.equal(false);
    expect([places.lows, places.extents].map((words) => [...words])).to.deep.equal(before);
  });

  it("are none in a set of another form, nor where some tuples are beside the bits", () => {
    const plain = new Tuples(3, new Memory(), undefined, forced("table"));
    plain.insert([1, 2, 3]);
    expect(placesOf(plain.set, 2)).to.equal(undefined);
    const tuples = narrow();
    const places = placesOf(tuples.set, 2)!;
    expect(haveAll(places, plain.set)).to.equal(false);
    tuples.add([1 << 28, 0, 1 << 28]);
    expect(tuples.set.form === "bits" && tuples.set.spilled).to.equal(true);
    expect(placesOf(tuples.set, 2)).to.equal(undefined);
    expect(haveAll(places, tuples.set)).to.equal(false);
  });
});
