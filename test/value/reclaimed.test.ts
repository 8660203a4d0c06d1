import { expect } from "chai";
import fc from "fast-check";

import { LiveWords } from "../../src/value/live-words.ts";
import { operations } from "../../src/value/operations.ts";
import type { Value, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import type { Word } from "../../src/value/word.ts";
import { runs } from "./arbitrary.ts";
import { anyValue, structures } from "./structure-types.ts";

type Held = { readonly kind: ValueKind; readonly value: Value; readonly word: Word };

describe("values that nobody holds", () => {
  for (const domain of [32, 64] as const)
    it(`are given up, and no others, in the ${domain}-bit domain`, () => {
      const kinds = ["number", "unsigned", "float", "symbol", ...structures.keys()] as const;
      const text = fc.string({ unit: "binary", maxLength: 3 });
      const any = fc.oneof(
        ...kinds.map((kind) =>
          anyValue(kind, domain, text).map((value) => ({ kind, value }) as const),
        ),
      );
      const round = fc.record({
        comes: fc.array(any, { maxLength: 30 }),
        stays: fc.func(fc.boolean()),
      });
      const values = new Values(domain, structures);
      const held = new Map<string, Held>();
      fc.assert(
        fc.property(round, ({ comes, stays }) => {
          for (const { kind, value } of comes) {
            const word = values.encode(kind, value);
            expect(values.decode(kind, word)).to.deep.equal(value);
            held.set(`${kind} ${word}`, { kind, value, word });
          }
          for (const name of [...held.keys()]) if (!stays(name)) held.delete(name);
          give(values, held.values());
          for (const { kind, value, word } of held.values()) {
            expect(values.decode(kind, word)).to.deep.equal(value);
            expect(values.encode(kind, value)).to.equal(word);
          }
        }),
        { ...runs, numRuns: 60 },
      );
      give(values, []);
      const { symbols, wide, maps, records } = values;
      const sizes = [symbols.size, wide.size, maps.nodeCount, ...records.sizes];
      expect(sizes.filter((size) => size !== undefined && size > 0)).to.deep.equal([]);
      expect(values.heldBytes).to.equal(0);
    });

  it("leave their words to others, the least first", () => {
    const values = new Values(32);
    const { symbols } = values;
    for (const text of ["a", "b", "c", "d"]) symbols.intern(text);
    const live = new LiveWords(values);
    live.addColumn("symbol", Int32Array.of(0, 2, 3), 3, Int32Array.of(0b100));
    values.keep(live);
    const words = ["e", "a", "f", "c", "g"].map((text) => symbols.intern(text));
    expect(words).to.deep.equal([1, 0, 3, 2, 4]);
    expect(words.map((word) => symbols.text(word))).to.deep.equal(["e", "a", "f", "c", "g"]);
  });

  it("leave their memory, also that of long symbols, and of those between others", () => {
    const values = new Values(32);
    const { symbols } = values;
    const text = (at: number): string => `${at} ${"x".repeat(at % 50 === 0 ? 1 << 20 : 5_000)}`;
    const kept: Held[] = [];
    let most = 0;
    for (let round = 0; round < 8; round++) {
      const made = Array.from({ length: 100 }, (_, at) => 100 * round + at);
      for (const at of made) {
        const [value, word] = [text(at), symbols.intern(text(at))];
        if (at % 20 === 7 || at === 0) kept.push({ kind: "symbol", value, word });
      }
      most = Math.max(most, symbols.memoryBytes);
      give(values, kept);
      for (const { word, value } of kept) expect(symbols.text(word) === value).to.equal(true);
    }
    // A chunk is of whole mebibytes: two each of the two long symbols of a round and the one that is
    // kept, and some for all others.
    expect(most).to.be.below(9 << 20);
    expect(symbols.memoryBytes).to.be.below(4 << 20);
    give(values, []);
    expect(symbols.memoryBytes).to.be.below(1 << 16);
  });

  it("leave tables short", () => {
    const values = new Values(64, structures);
    const before = values.memoryBytes;
    for (let at = 0; at < 100_000; at++) {
      values.ofFloat(at + 1 / 3);
      values.records.table(2).packed([at, at]);
      values.maps.leaf(at, at);
      values.symbols.intern(`${at}`);
    }
    expect(values.memoryBytes).to.be.above(10 << 20);
    give(values, []);
    // Tables of records are made when they are asked for.
    expect(values.memoryBytes).to.be.below(before + (1 << 13));
  });

  it("are forgotten as patterns", () => {
    const values = new Values(32);
    const { symbols } = values;
    const computed = operations(values);
    const [text, pattern] = [symbols.intern("aaa"), symbols.intern("a+")];
    expect(computed.match(pattern, text)).to.equal(true);
    give(values, [{ kind: "symbol", value: "aaa", word: text }]);
    expect(symbols.intern("b+")).to.equal(pattern);
    expect(computed.match(pattern, text)).to.equal(false);
  });
});

/** Gives up all values but those that are held. */
function give(values: Values, held: Iterable<Held>): void {
  const live = new LiveWords(values);
  for (const { kind, word } of held) live.add(kind, word);
  values.keep(live);
}
