import { expect } from "chai";

import { functorOf, missingFunctors } from "../../src/engine/functors.ts";
import { compile } from "../../src/compile.ts";
import { Values } from "../../src/value/values.ts";

const { plan } = compile(`.functor twice(x: number): number
  .functor length(x: symbol): number
  .functor toString(x: number): number
  .decl a, p(x: number)
  p(@twice(x)) :- a(x).
  p(@length("x")) :- a(_).
  p(@toString(x)) :- a(x).`).compiled!;
const given = { twice: (x: bigint) => 2n * x, length: 5 as never, toString: () => 1n };

describe("the functors that rules call", () => {
  it("are missing where nothing is given for them, or something that is no function", () => {
    const said = missingFunctors(plan, given);
    expect(said.map(({ message, notes }) => [message, notes])).to.deep.equal([
      ['functor "length" is called and not implemented', ["what is given for it is no function"]],
    ]);
    expect(said[0]).to.include({ severity: "error", code: "missing-functor" });
    expect(said[0]!.hint).to.contain("a function `length`");
    const { span } = said[0]!;
    expect(span.source.text.slice(span.start, span.end)).to.contain("length");
    // What every object has is given by nobody.
    const all = missingFunctors(plan);
    expect(all.map(({ message, notes }) => [message.split(" ")[1], notes])).to.deep.equal([
      ['"twice"', undefined],
      ['"length"', undefined],
      ['"toString"', undefined],
    ]);
    expect("notes" in all[0]!).to.equal(false);
  });

  it("run on words, each made once", () => {
    const values = new Values(64);
    const functor = functorOf(values, given);
    const [twice, , toString] = ["twice", "length", "toString"].map((name) => ({
      ...{ name, parameters: ["number" as const], result: "number" as const, stateful: false },
    }));
    const found = functor(twice!);
    expect(functor({ ...twice! })).to.equal(found);
    const word = values.encode("number", 1n << 61n);
    expect(values.decode("number", found(word))).to.equal(1n << 62n);
    expect(values.decode("number", functor(toString!)(word))).to.equal(1n);
  });
});
