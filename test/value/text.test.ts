import { expect } from "chai";

import { EvaluationFault } from "../../src/value/fault.ts";
import { operations, type Operations } from "../../src/value/operations.ts";
import type { Domain } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";

for (const domain of [32, 64] as const) {
  describe(`symbols in the ${domain}-bit domain`, () => {
    const { values, ops, symbol, number } = tools(domain);
    const text = (word: number): string => values.symbols.text(word);

    it("are concatenated, also when they are bytes and no text", () => {
      expect(text(ops.cat_symbol(symbol("ab"), symbol("é")))).to.equal("abé");
      expect(text(ops.cat_symbol(symbol(""), symbol("")))).to.equal("");
      const half = values.symbols.internBytes(Uint8Array.of(0xc3), 0, 1);
      const rest = values.symbols.internBytes(Uint8Array.of(0xa9), 0, 1);
      expect(ops.cat_symbol(half, rest)).to.equal(symbol("é"));
    });

    it("are measured and cut in bytes", () => {
      expect(values.decode("number", ops.strlen_symbol(symbol("é€")))).to.equal(5n);
      const cut = (at: bigint, length: bigint): string =>
        text(ops.substr_symbol(symbol("hello"), number(at), number(length)));
      expect([cut(1n, 3n), cut(0n, 99n), cut(5n, 1n), cut(2n, -1n), cut(0n, 0n)]).to.deep.equal([
        ...["ell", "hello", "", "llo", ""],
      ]);
      const byte = ops.substr_symbol(symbol("é"), number(0n), number(1n));
      expect([...values.symbols.bytesOf(byte)]).to.deep.equal([0xc3]);
    });

    it("give the empty symbol and one warning for a position outside", () => {
      const { ops, symbol, number, values } = tools(domain);
      for (const at of [-1n, 6n, 6n]) {
        const cut = ops.substr_symbol(symbol("hello"), number(at), number(1n));
        expect(values.symbols.text(cut)).to.equal("");
      }
      expect(ops.warnings.map(({ code, message }) => `${code}: ${message}`)).to.deep.equal([
        'bad-position: substr("hello", -1, 1) is outside',
        'bad-position: substr("hello", 6, 1) is outside',
      ]);
    });

    it("contain what occurs in them", () => {
      const contains = (part: string, whole: string): boolean =>
        ops.contains(symbol(part), symbol(whole));
      for (const part of ["", "a", "aab", "ab", "aaab"]) {
        expect(contains(part, "aaab"), part).to.equal(true);
      }
      for (const part of ["b a", "ba", "aaabb", "c"]) {
        expect(contains(part, "aaab"), part).to.equal(false);
      }
      expect(contains("", "")).to.equal(true);
    });

    it("match a pattern as a whole", () => {
      const match = (pattern: string, whole: string): boolean =>
        ops.match(symbol(pattern), symbol(whole));
      expect(match("a.*c", "abbc")).to.equal(true);
      expect(match("b+", "abbc")).to.equal(false);
      expect(match("a|abc", "abc")).to.equal(true);
      expect(match("", "")).to.equal(true);
    });

    it("match no pattern that is none, which is warned of once", () => {
      const { ops, symbol } = tools(domain);
      for (const pattern of ["(", "(", "a)(b"]) {
        expect(ops.match(symbol(pattern), symbol("(")), pattern).to.equal(false);
      }
      expect(ops.warnings.map(({ message }) => message)).to.deep.equal([
        '"(" is not a regular expression',
        '"a)(b" is not a regular expression',
      ]);
    });

    it("are ordered by bytes, and min and max go by that", () => {
      const [a, b] = [symbol("\uFFFD"), symbol("\u{1F600}")];
      expect([ops.lt_symbol(a, b), ops.le_symbol(b, a), ops.ge_symbol(a, a)]).to.deep.equal([
        ...[true, false, true],
      ]);
      expect([ops.min_symbol(b, a), ops.max_symbol(a, b)]).to.deep.equal([a, b]);
    });

    it("begin with the number that they are read as", () => {
      const read = (whole: string): unknown =>
        values.decode("number", ops.to_number_symbol(symbol(whole)));
      const cases = { "12": 12n, " -7x": -7n, "+3": 3n, "0x1F": 31n, "-0b101": -5n, "007": 7n };
      for (const [whole, expected] of Object.entries(cases)) {
        expect(read(whole), whole).to.equal(expected);
      }
      const unsigned = ops.to_unsigned_symbol(symbol("0xffffffff"));
      expect(values.decode("unsigned", unsigned)).to.equal(0xffffffffn);
      const float = (whole: string): unknown =>
        values.decode("float", ops.to_float_symbol(symbol(whole)));
      expect([float("1.5e1"), float(".5z"), float("-inf")]).to.deep.equal([15, 0.5, -Infinity]);
    });

    it("that are no number of the domain are a fault", () => {
      const bound = 2n ** BigInt(domain - 1);
      for (const whole of ["", "x1", "-", String(bound), "9".repeat(1000)]) {
        expect(() => ops.to_number_symbol(symbol(whole)), whole).to.throw(EvaluationFault);
      }
      expect(values.decode("number", ops.to_number_symbol(symbol(String(-bound))))).to.equal(
        -bound,
      );
      for (const whole of ["-1", String(2n * bound), ""]) {
        expect(() => ops.to_unsigned_symbol(symbol(whole)), whole).to.throw(EvaluationFault);
      }
      for (const whole of ["", "e5", "1e999"]) {
        expect(() => ops.to_float_symbol(symbol(whole)), whole).to.throw(EvaluationFault);
      }
    });
  });
}

function tools(domain: Domain): {
  values: Values;
  ops: Operations;
  symbol: (text: string) => number;
  number: (value: bigint) => number;
} {
  const values = new Values(domain);
  return {
    values,
    ops: operations(values),
    symbol: (text) => values.encode("symbol", text),
    number: (value) => values.encode("number", value),
  };
}
