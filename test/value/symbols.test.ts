import { expect } from "chai";
import fc from "fast-check";

import { Symbols } from "../../src/value/symbols.ts";
import { runs } from "./arbitrary.ts";

describe("the symbol table", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));

  it("numbers byte strings in order of their first interning and gives them back", () => {
    fc.assert(
      fc.property(fc.array(bytes), (strings) => {
        const symbols = new Symbols();
        const model = new Map<string, number>();
        for (const string of strings) {
          const key = string.join();
          const expected = model.get(key) ?? model.size;
          model.set(key, expected);
          const padded = Uint8Array.of(7, ...string, 9);
          const word = symbols.internBytes(padded, 1, padded.length - 1);
          expect(word).to.equal(expected);
          expect(symbols.bytesOf(word)).to.deep.equal(string);
          expect(symbols.byteLength(word)).to.equal(string.length);
        }
        expect(symbols.size).to.equal(model.size);
      }),
      runs,
    );
  });

  it("numbers the fields of a buffer as it would one by one", () => {
    const fields = fc.array(fc.uint8Array({ maxLength: 9, max: 3 }), { maxLength: 60 });
    const [symbols, model] = [new Symbols(), new Symbols()];
    fc.assert(
      fc.property(fields, (strings) => {
        const lengths = strings.map(({ length }) => length);
        const ends = lengths.map((_, at) => lengths.slice(0, at + 1).reduce((a, b) => a + b, 0));
        const starts = ends.map((end, at) => end - lengths[at]!);
        const buffer = Uint8Array.from(strings.flatMap((string) => [...string]));
        const words = new Int32Array(strings.length);
        const count = strings.length;
        const [from, to] = [Int32Array.from(starts), Int32Array.from(ends)];
        symbols.internFields(buffer, { starts: from, ends: to, count }, words);
        const expected = strings.map((_, at) => model.internBytes(buffer, from[at]!, to[at]!));
        expect([...words]).to.deep.equal(expected);
      }),
      runs,
    );
    expect(symbols.size).to.equal(model.size).and.to.be.above(100);
  });

  it("gives texts back, and interns a text and its UTF-8 bytes as one", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const symbols = new Symbols();
        const word = symbols.intern(text);
        const encoded = new TextEncoder().encode(text);
        expect(symbols.text(word)).to.equal(new TextDecoder().decode(encoded));
        expect(symbols.internBytes(encoded, 0, encoded.length)).to.equal(word);
      }),
      runs,
    );
  });

  it("gives each text back where many are asked for in turn, again and again", () => {
    const symbols = new Symbols();
    const all = Array.from({ length: 5_000 }, (_, at) => `${at}ß`.repeat(1 + (at % 90)));
    const words = all.map((text) => symbols.intern(text));
    for (const step of [1, 1024, 4_097])
      for (let count = 0, at = 0; count < 2 * all.length; count++, at = (at + step) % all.length)
        if (symbols.text(words[at]!) !== all[at]) expect.fail(`symbol ${at} has another text`);
  });

  it("orders symbols by their bytes", () => {
    const symbols = new Symbols();
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const order = symbols.compare(symbols.intern(a), symbols.intern(b));
        expect(Math.sign(order)).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      runs,
    );
  });

  it("orders a character of two surrogates after U+FFFD, unlike JavaScript", () => {
    const symbols = new Symbols();
    expect(["\uFFFD", "\u{1F600}"].toSorted()).to.deep.equal(["\u{1F600}", "\uFFFD"]);
    const order = symbols.compare(symbols.intern("\u{1F600}"), symbols.intern("\uFFFD"));
    expect(order).to.be.greaterThan(0);
  });

  it("keeps a byte order mark, a NUL and bytes that are no UTF-8", () => {
    const symbols = new Symbols();
    for (const text of ["\uFEFFa", "\0", "a\0b"]) {
      expect(symbols.text(symbols.intern(text))).to.equal(text);
    }
    const broken = Uint8Array.of(0x61, 0xff, 0xc3);
    const word = symbols.internBytes(broken, 0, 3);
    expect(symbols.bytesOf(word)).to.deep.equal(broken);
    expect(symbols.text(word)).to.equal("a\uFFFD\uFFFD");
  });

  it("keeps texts with equal hashes apart", () => {
    // These two have one FNV-1a hash.
    const symbols = new Symbols();
    const [a, b] = [symbols.intern("costarring"), symbols.intern("liquid")];
    expect([a, b]).to.deep.equal([0, 1]);
    expect([symbols.intern("costarring"), symbols.intern("liquid")]).to.deep.equal([0, 1]);
    expect([symbols.text(0), symbols.text(1)]).to.deep.equal(["costarring", "liquid"]);
  });

  it("holds symbols longer than a chunk among short ones", () => {
    const symbols = new Symbols();
    const lengths = [3, 2 ** 20, 2 ** 20 + 1, 5, 3 * 2 ** 20 - 1, 2 ** 20 - 1, 0, 1];
    const made = lengths.map((length, at) => String.fromCharCode(97 + at).repeat(length));
    const words = made.map((text) => symbols.intern(text));
    expect(words).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const word of words) expect(symbols.text(word) === made[word]).to.equal(true);
    expect(made.map((text) => symbols.intern(text))).to.deep.equal(words);
  });

  it("holds more than a million symbols", () => {
    const symbols = new Symbols();
    const count = 1_200_000;
    let wrong = 0;
    for (let at = 0; at < count; at++) if (symbols.intern(`symbol ${at}`) !== at) wrong++;
    expect(wrong).to.equal(0);
    expect(symbols.size).to.equal(count);
    for (let at = 0; at < count; at += 997) {
      expect(symbols.text(at)).to.equal(`symbol ${at}`);
      expect(symbols.intern(`symbol ${at}`)).to.equal(at);
    }
    expect(symbols.memoryBytes).to.be.within(30 * count, 80 * count);
  });
});
