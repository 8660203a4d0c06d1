import { expect } from "chai";

import { framesBody, framesFrom } from "../../src/server/maelstrom-frames.ts";
import { InOrder } from "../../src/server/in-order.ts";
import { nodeProgram } from "../../src/server/node-program.ts";
import type { Frame } from "../../src/transducer/protocol.ts";
import type { Value } from "../../src/value/schema.ts";

const { program } = nodeProgram(
  `.type Tree = Leaf {} | Node { left: Tree, value: unsigned }
   .type Pair = [a: symbol, b: float]
   .decl all(n: number, u: unsigned, f: float, s: symbol, t: Tree, p: Pair, e: Union<number>)
   .input all
   .decl out(n: number)
   out(n) :- all(n, _, _, _, _, _, e), contains(e, n).
   .output out`,
  {},
);
const schema = program?.schema;
if (schema === undefined) throw new Error("the program is one that nodes may run");

const values: readonly Value[] = [
  -(2n ** 63n),
  2n ** 64n - 1n,
  -Infinity,
  'a "b"\n\u{1f600}',
  { branch: "Node", fields: [{ branch: "Leaf", fields: [] }, 7n] },
  null,
  { elements: [1n, 2n ** 53n + 1n] },
];
const facts = [{ relation: 0, values }];
const heard = { origin: "n2/4", number: 7 };
const holds = new Map([["n1/3", 5]]);
const frames: readonly Frame[] = [
  { kind: "hello", origin: "n1/3", holds, heard, reply: true },
  { kind: "ack", holds, heard: undefined },
  { kind: "batch", batch: { origin: "n3/1", from: 2, facts, request: "c1/2" } },
  { kind: "messages", origin: "n1/3", from: 1, facts },
];

/** What a receiver makes of a body, after changing it. */
function received(change: (body: Record<string, unknown>) => void): unknown {
  if (schema === undefined) return undefined;
  const said = framesBody({ origin: "n1/3", number: 9, frames }, schema);
  const body = JSON.parse(JSON.stringify(said)) as Record<string, unknown>;
  change(body);
  return framesFrom(body, schema);
}

describe("frames as JSON", () => {
  it("are read as they were written", () => {
    expect(received(() => undefined)).to.deep.equal({ origin: "n1/3", number: 9, frames });
  });

  const facts = (json: unknown) => (body: Record<string, unknown>) => {
    body["frames"] = [{ kind: "messages", from: 1, facts: json }];
  };
  const good = [0, 0, 0, "", { Leaf: [] }, null, []];
  it("are refused where they are not what a node says", () => {
    expect(received(facts([["all", ...good]]))).to.not.equal(undefined);
    const wrong: ((body: Record<string, unknown>) => void)[] = [
      (body) => (body["origin"] = "n1"),
      (body) => (body["number"] = 0),
      (body) => (body["frames"] = [{ kind: "goodbye" }]),
      (body) => (body["frames"] = [{ kind: "ack", holds: { "n1/1": -1 } }]),
      facts([]),
      facts([["none"]]),
      facts([["out", 1]]),
      facts([["all", ...good.slice(1)]]),
      facts([["all", 2 ** 60, ...good.slice(1)]]),
      facts([["all", "9223372036854775808", ...good.slice(1)]]),
      facts([["all", 0, -1, ...good.slice(2)]]),
      facts([["all", 0, 0, "1", ...good.slice(3)]]),
      facts([["all", 0, 0, 0, 0, ...good.slice(4)]]),
      facts([["all", 0, 0, 0, "", { Leaf: [], Node: [] }, null, []]]),
      facts([["all", 0, 0, 0, "", { Leaf: [] }, ["a"], []]]),
      facts([["all", 0, 0, 0, "", { Leaf: [] }, null, {}]]),
    ];
    expect(wrong.map(received)).to.deep.equal(wrong.map(() => undefined));
  });
});

describe("what comes from one sender", () => {
  it("is put in order, and given out late or after a while where something is lost", () => {
    const inbox = new InOrder<string>();
    expect(inbox.take(7, "g", 0)).to.deep.equal(["g"]);
    expect(inbox.take(9, "i", 1)).to.deep.equal([]);
    expect(inbox.take(8, "h", 2)).to.deep.equal(["h", "i"]);
    expect(inbox.take(8, "h", 3)).to.deep.equal(["h"]);
    expect(inbox.take(12, "l", 10)).to.deep.equal([]);
    expect(inbox.take(11, "k", 11)).to.deep.equal([]);
    expect(inbox.expired(59)).to.deep.equal([]);
    expect(inbox.expired(60)).to.deep.equal(["k", "l"]);
    expect(inbox.take(10, "j", 61)).to.deep.equal(["j"]);
    expect(inbox.take(13, "m", 62)).to.deep.equal(["m"]);
  });
});
