import { expect } from "chai";

import { range } from "../../src/codegen/range.ts";
import type { Domain, Value, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";

/** The first ten values of a range. */
function listed(domain: Domain, of: ValueKind, ...bounds: Value[]): string {
  const values = new Values(domain);
  const [from = 0, to = 0, step] = bounds.map((value) => values.encode(of, value));
  const words = range(values, of, from, to, step);
  const found: string[] = [];
  while (found.length < 10 && words.next()) found.push(values.print(of, words.word));
  return found.join(" ");
}

describe("a range", () => {
  for (const domain of [32, 64] as const) {
    it(`goes up or down by one where no step is given (${domain} bits)`, () => {
      expect(listed(domain, "number", 1n, 4n)).to.equal("1 2 3");
      expect(listed(domain, "number", 2n, -2n)).to.equal("2 1 0 -1");
      expect(listed(domain, "unsigned", 3n, 0n)).to.equal("3 2 1");
      expect(listed(domain, "float", 0.5, 3)).to.equal("0.5 1.5 2.5");
      expect(listed(domain, "float", 1, -1)).to.equal("1 0");
    });

    it(`holds nothing between equal bounds, and nothing against its step (${domain} bits)`, () => {
      expect(listed(domain, "number", 5n, 5n)).to.equal("");
      expect(listed(domain, "float", 5, 5, 0)).to.equal("");
      expect(listed(domain, "number", 1n, 4n, -1n)).to.equal("");
      expect(listed(domain, "float", 4, 1, 1)).to.equal("");
    });

    it(`gives its beginning alone where the step is zero (${domain} bits)`, () => {
      expect(listed(domain, "number", 5n, 1n, 0n)).to.equal("5");
      expect(listed(domain, "unsigned", 5n, 9n, 0n)).to.equal("5");
      expect(listed(domain, "float", 0.5, 9, 0)).to.equal("0.5");
      expect(listed(domain, "float", NaN, 9, 0)).to.equal("nan");
    });

    it(`stays before its end where the step does not divide it (${domain} bits)`, () => {
      expect(listed(domain, "number", 0n, 10n, 4n)).to.equal("0 4 8");
      expect(listed(domain, "number", 10n, 0n, -4n)).to.equal("10 6 2");
      expect(listed(domain, "float", 0, 1, 0.25)).to.equal("0 0.25 0.5 0.75");
    });

    it(`ends where a step is lost in rounding (${domain} bits)`, () => {
      expect(listed(domain, "float", 2 ** 60, 2 ** 61, 1)).to.match(/^1\.1529215\S*e\+18$/);
    });

    it(`ends at the edge of the domain (${domain} bits)`, () => {
      const least = -(2n ** BigInt(domain - 1));
      const greatest = -least - 1n;
      const step = greatest / 2n;
      expect(listed(domain, "number", greatest - 2n, greatest)).to.equal(
        `${greatest - 2n} ${greatest - 1n}`,
      );
      expect(listed(domain, "number", greatest - 1n, greatest, step)).to.equal(`${greatest - 1n}`);
      expect(listed(domain, "number", least + 1n, least)).to.equal(`${least + 1n}`);
      expect(listed(domain, "unsigned", 2n * greatest, 2n * greatest + 1n, 5n)).to.equal(
        `${2n * greatest}`,
      );
    });
  }

  it("keeps all bits of wide numbers", () => {
    const far = 2n ** 60n;
    expect(listed(64, "number", far, far + 3n)).to.equal(`${far} ${far + 1n} ${far + 2n}`);
    expect(listed(64, "unsigned", far + 1n, far - 1n)).to.equal(`${far + 1n} ${far}`);
    expect(listed(64, "number", -far, far, far)).to.equal(`${-far} 0`);
  });
});
