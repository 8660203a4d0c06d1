import { expect } from "chai";

import { factBytesBound, frameRestBytesMax } from "../../src/runtime/fact-bound.ts";
import { factLimits, type FactSchema } from "../../src/runtime/fact-bytes.ts";
import { FrameReader, FrameWriter } from "../../src/runtime/frame-bytes.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import type { Frame } from "../../src/transducer/protocol.ts";
import type { Value } from "../../src/value/schema.ts";
import { programOf } from "../support/networks.ts";

const program = programOf(`
  .type List = [head: symbol, tail: List]
  .type Tree = Leaf {} | Node {left: Tree, right: Tree}
  .decl all(n: number, u: unsigned, f: float, s: symbol, l: List, t: Tree)
  .input all`);

const schema: FactSchema = {
  domain: 64,
  structures: program.structures,
  relations: program.relations,
  accepted: new Set([0]),
};

const leaf: Value = { branch: "Leaf", fields: [] };

function fact(text: string, list: Value, tree: Value): Fact {
  return { relation: 0, values: [-(2n ** 63n), 2n ** 64n - 1n, 0.1, text, list, tree] };
}

function listOf(length: number): Value {
  let list: Value = null;
  for (let at = 0; at < length; at++) list = [`${at}`, list];
  return list;
}

function framed(facts: readonly Fact[]): Frame {
  return { kind: "messages", origin: "a/1", from: 1, facts };
}

describe("the bound on the bytes of facts", () => {
  it("is at least what they take", () => {
    const node = (left: Value, right: Value): Value => ({ branch: "Node", fields: [left, right] });
    for (const facts of [
      [fact("", null, leaf)],
      [fact("€".repeat(1000), listOf(50), node(node(leaf, leaf), leaf))],
      Array.from({ length: 200 }, (_, at) => fact(`😀 ${at}`, listOf(at % 9), leaf)),
    ]) {
      const { length } = new FrameWriter(schema).write(framed(facts));
      expect(factBytesBound(facts) + frameRestBytesMax).to.be.at.least(length);
    }
  });

  it("is none exactly where they could not be read", () => {
    const { symbolBytesMax, depthMax, factsMax } = factLimits;
    const cases: [readonly Fact[], boolean][] = [
      [[fact("x".repeat(symbolBytesMax), null, leaf)], true],
      [[fact("x".repeat(symbolBytesMax + 1), null, leaf)], false],
      // The end of a list is as deep as its length and one.
      [[fact("", listOf(depthMax - 1), leaf)], true],
      [[fact("", listOf(depthMax), leaf)], false],
      [Array.from({ length: factsMax + 1 }, () => fact("", null, leaf)), false],
    ];
    for (const [facts, readable] of cases) {
      const read = (): Frame =>
        new FrameReader(schema).read(new FrameWriter(schema).write(framed(facts)));
      expect(factBytesBound(facts) < Infinity).to.equal(readable);
      if (readable) expect(read()).to.deep.equal(framed(facts));
      else expect(read).to.throw("at most");
    }
  });
});
