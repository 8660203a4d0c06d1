import { expect } from "chai";

import { Constants } from "../../src/engine/constants.ts";
import { LiveWords } from "../../src/value/live-words.ts";
import { Values } from "../../src/value/values.ts";

describe("the constants of code", () => {
  it("are words that stay live, each in its kind", () => {
    const values = new Values(64);
    const constants = new Constants(values);
    const words = ["one", "two", "one"].map((text) => constants.word("symbol", text));
    expect(words).to.deep.equal(["one", "two", "one"].map((text) => values.encode("symbol", text)));
    const wide = [1n << 62n, (1n << 62n) + 1n].map((number) => constants.word("number", number));
    const other = values.encode("symbol", "other");
    const live = new LiveWords(values);
    const shown: string[] = [];
    live.add = (kind, word) => shown.push(`${kind} ${word}`);
    constants.show(live);
    expect(shown).to.deep.equal([
      ...[...new Set(words)].map((word) => `symbol ${word}`),
      ...wide.map((word) => `number ${word}`),
    ]);
    expect(shown).not.to.include(`symbol ${other}`);
  });
});
