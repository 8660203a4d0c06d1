import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { sortSymbols } from "../../src/io/symbol-order.ts";
import { Symbols } from "../../src/value/symbols.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the order of symbols (SEED=${seed})`, () => {
  // Zero bytes look like the end of a symbol, where four bytes are one number.
  for (const [what, alphabet, lengthMax] of [
    ["of few bytes, some of them zero", [0, 1], 12],
    ["of any bytes", Array.from({ length: 256 }, (_, byte) => byte), 6],
    ["that begin alike", [0x61, 0x62, 0xff], 40],
  ] as const)
    it(`is that of their bytes: symbols ${what}`, () => {
      const next = random(seed);
      for (let round = 0; round < 40; round++) {
        const symbols = new Symbols();
        const before = round % 2 === 0 ? [] : Array.from({ length: 9 }, () => 0x2f);
        for (let count = 0; count < 50 * (round + 1); count++) {
          const bytes = Array.from({ length: next.below(lengthMax) }, () => next.pick(alphabet));
          const all = Uint8Array.from([...before, ...bytes]);
          symbols.internBytes(all, 0, all.length);
        }
        const words = Uint32Array.from(next.shuffled([...Array(symbols.size).keys()]));
        const expected = [...words].toSorted((a, b) => symbols.compare(a, b));
        sortSymbols(words, symbols);
        expect([...words]).to.deep.equal(expected);
      }
    });
});
