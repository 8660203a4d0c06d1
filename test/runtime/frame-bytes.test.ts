import { expect } from "chai";
import { random, type Random } from "../../src/base/random.ts";
import { WireError } from "../../src/runtime/bytes.ts";
import type { FactSchema } from "../../src/runtime/fact-bytes.ts";
import { FrameReader, FrameWriter } from "../../src/runtime/frame-bytes.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { type Member, type Members, memberStatuses } from "../../src/transducer/membership.ts";
import type { Batch, Frame } from "../../src/transducer/protocol.ts";
import { type Gone, rangesOf } from "../../src/transducer/ranges.ts";
import type { Value } from "../../src/value/schema.ts";
import { programOf } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");

const program = programOf(`
  .type Tree = Leaf {} | Node {left: Tree, value: number, right: Tree}
  .type Pair = [a: symbol, b: unsigned]
  .decl edge(x: number, y: number)
  .decl word(s: symbol, u: unsigned, f: float)
  .decl tree(t: Tree, p: Pair)
  .decl flag()
  .decl secret(x: number)
  .input edge, word, tree, flag, secret`);

const schema: FactSchema = {
  domain: 64,
  structures: program.structures,
  relations: program.relations,
  accepted: new Set([0, 1, 2, 3]),
};

function randomTree(from: Random, depth: number): Value {
  if (depth === 0 || from.chance(0.4)) return { branch: "Leaf", fields: [] };
  const [left, right] = [randomTree(from, depth - 1), randomTree(from, depth - 1)];
  return { branch: "Node", fields: [left, BigInt(from.between(-3, 3)), right] };
}

function randomFact(from: Random): Fact {
  const words = ["", "a", "ä€😀", "a longer text", "a\tb\nc", "ascii, and then ä"];
  for (const length of [127, 128, 255, 256, 257, 300]) words.push("x".repeat(length));
  switch (from.below(4)) {
    case 0: {
      const numbers = [0n, 1n, -1n, 127n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 49n, -(2n ** 40n)];
      return { relation: 0, values: [from.pick(numbers), from.pick(numbers)] };
    }
    case 1: {
      const floats = [0, 1.5, -1e300, Infinity, 5e-324];
      const unsigned = [0n, 2n ** 64n - 1n, 300n];
      return { relation: 1, values: [from.pick(words), from.pick(unsigned), from.pick(floats)] };
    }
    case 2: {
      const pair = from.chance(0.3) ? null : [from.pick(words), BigInt(from.below(1000))];
      return { relation: 2, values: [randomTree(from, 3), pair] };
    }
    default:
      return { relation: 3, values: [] };
  }
}

function randomMembers(from: Random): Members {
  const names = from.shuffled(["a", "node-b", "ç"]).slice(0, from.below(4));
  return new Map(
    names.map((name): [string, Member] => [
      name,
      {
        ...{ epoch: from.below(300), status: from.pick(memberStatuses) },
        ...(from.chance(0.5) && { url: "wss://example.org:7411", life: from.between(1, 2 ** 50) }),
        ...(from.chance(0.5) && { key: "c2ln" }),
      },
    ]),
  );
}

function randomGone(from: Random): Gone {
  const origins = from.shuffled(["a/1", "node-b/0", "ç/281474976710655"]);
  const gone = origins.slice(0, from.below(4)).map((origin) => {
    const numbers = Array.from({ length: from.between(1, 6) }, () => from.between(1, 40));
    const far = from.chance(0.2) ? [2 ** 50] : [];
    return [
      origin,
      rangesOf([...numbers, ...far].flatMap((one) => [one, one + from.below(5)])),
    ] as const;
  });
  return new Map(gone);
}

function randomFrame(from: Random): Frame {
  const origin = from.pick(["a/1", "node-b/0", "c/281474976710655"]);
  const holds = new Map([["a/1", from.below(1000)] as const, ["b/2", 2 ** 40] as const]);
  const heard = from.chance(0.5) ? undefined : { origin: "a/1", number: from.below(9) };
  const cleared = from.chance(0.5) ? {} : { cleared: { origin: "b/2", number: from.below(300) } };
  const facts = Array.from({ length: from.between(1, 9) }, () => randomFact(from));
  switch (from.below(6)) {
    case 0:
      return { kind: "hello", origin, reply: from.chance(0.5), holds, heard, ...cleared };
    case 1:
      return { kind: "ack", holds, heard, ...cleared };
    case 2: {
      const batch = { origin, from: from.between(1, 2 ** 31), facts };
      const more = {
        ...(from.chance(0.5) && { request: "r-1" }),
        ...(from.chance(0.7) && { signature: from.pick(["c2ln", "c2lnbmF0dXJl"]) }),
      };
      return { kind: "batch", batch: { ...batch, ...more } };
    }
    case 3:
      return { kind: "members", members: randomMembers(from), reply: from.chance(0.5) };
    case 4:
      return { kind: "gone", origin, number: from.between(1, 2 ** 40), gone: randomGone(from) };
    default:
      return { kind: "messages", origin, from: 7, facts };
  }
}

describe(`frames as bytes (SEED=${seed})`, () => {
  it("are read as they were written, one after the other", () => {
    const from = random(seed);
    const [writer, reader] = [new FrameWriter(schema), new FrameReader(schema)];
    for (let round = 0; round < 300; round++) {
      const frame = randomFrame(from);
      expect(reader.read(writer.write(frame))).to.deep.equal(frame);
    }
  });

  it("tell a symbol once", () => {
    const writer = new FrameWriter(schema);
    const word = (text: string): Fact => ({ relation: 1, values: [text, 1n, 0] });
    const frame = (facts: readonly Fact[]): Frame => ({
      kind: "messages",
      origin: "a/1",
      from: 1,
      facts,
    });
    const text = "a text of some length";
    const first = writer.write(frame([word(text)])).length;
    expect(writer.write(frame([word(text)])).length).to.equal(first - text.length - 1);
  });

  it("tell the signature of batches that follow each other once", () => {
    const [writer, reader] = [new FrameWriter(schema), new FrameReader(schema)];
    const lengths = ["long signature", "long signature", undefined, "long signature", "b", "b"].map(
      (signature, at) => {
        const batch = { origin: "a/1", from: at + 1, facts: [{ relation: 3, values: [] }] };
        const frame: Frame = {
          kind: "batch",
          batch: { ...batch, ...(signature && { signature }) },
        };
        const bytes = writer.write(frame);
        expect(reader.read(bytes)).to.deep.equal(frame);
        return bytes.length;
      },
    );
    const [rest = 0] = lengths.slice(1);
    expect(lengths).to.deep.equal([rest + 15, rest, rest, rest, rest + 2, rest]);
    // Nothing came before on this connection.
    const batch: Batch = { origin: "a/1", from: 1, facts: [{ relation: 3, values: [] }] };
    const frame: Frame = { kind: "batch", batch: { ...batch, signature: "b" } };
    expect(() => new FrameReader(schema).read(writer.write(frame))).to.throw(WireError);
  });

  it("are refused, never misread, when they are damaged, cut short or made up", () => {
    const from = random(seed + 1);
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = new FrameWriter(schema).write(randomFrame(from));
      const kind = from.below(3);
      let damaged = bytes;
      if (kind === 0) damaged = bytes.slice(0, from.below(bytes.length));
      else if (kind === 1) {
        damaged = bytes.slice();
        for (let flips = from.between(1, 3); flips > 0; flips--)
          damaged[from.below(damaged.length)] = from.below(256);
      } else damaged = Uint8Array.from({ length: from.below(40) }, () => from.below(256));
      try {
        const frame = new FrameReader(schema).read(damaged);
        // What is read is a frame of this program: it can be written.
        new FrameWriter(schema).write(frame);
      } catch (error) {
        expect(error).to.be.instanceOf(WireError);
        refused++;
      }
    }
    expect(refused).to.be.greaterThan(1500);
  });

  it("hold nothing of a relation that does not travel", () => {
    const facts = [{ relation: 4, values: [1n] }];
    const bytes = new FrameWriter(schema).write({
      kind: "messages",
      origin: "a/1",
      from: 1,
      facts,
    });
    expect(() => new FrameReader(schema).read(bytes)).to.throw(WireError, "does not travel");
  });

  it("take three bytes for a fact of two small numbers", () => {
    const facts = Array.from({ length: 1000 }, (_, at): Fact => ({
      relation: 0,
      values: [BigInt(at % 60), BigInt(at)],
    }));
    const bytes = new FrameWriter(schema).write({
      kind: "messages",
      origin: "a/1",
      from: 1,
      facts,
    });
    expect(bytes.length / facts.length).to.be.lessThan(3.1);
  });
});
