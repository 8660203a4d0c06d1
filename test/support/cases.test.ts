import { expect } from "chai";

import { readCases, runCases, withOutputs } from "./cases.ts";

const plain = ["# Doubles a word. Twice.", "double loud now", "ab", "----", "abab", ""].join("\n");

describe("case files", () => {
  it("name a case by the first sentence of its comment", () => {
    expect(readCases(plain, "t").map((one) => one.title)).to.deep.equal(["Doubles a word"]);
  });

  it("name a case without a comment by its first line", () => {
    expect(readCases("a b\n----\n", "t").map((one) => one.title)).to.deep.equal(["a b (line 1)"]);
  });

  it("leave a comment that a blank line separates to the file", () => {
    const [one] = readCases("# About the file.\n\na\n----\n", "t");
    expect(one?.title).to.equal("a (line 3)");
  });

  it("split the first line into the command and its arguments", () => {
    const [one] = readCases(plain, "t");
    expect([one?.command, one?.args]).to.deep.equal(["double", ["loud", "now"]]);
  });

  it("end the input at ---- only, so that it may hold blank lines and directives", () => {
    const [one] = readCases("a\n#include x\n\ny\n----\nout\n", "t");
    expect(one?.input).to.equal("#include x\n\ny");
    expect(one?.expected).to.equal("out");
  });

  it("end the expected output at a blank line, or at the doubled ----", () => {
    const text = "a\n----\n1\n2\n\nb\n----\n----\n1\n\n2\n----\n----\n\nc\n----\n\nd\n----\n4\n";
    expect(readCases(text, "t").map((one) => one.expected)).to.deep.equal([
      "1\n2",
      "1\n\n2",
      "",
      "4",
    ]);
  });

  it("refuse a case without ---- and a doubled one that is left open", () => {
    expect(() => readCases("a\ninput\n", "t")).to.throw("t:1: the case has no line ----");
    expect(() => readCases("a\n----\n----\nout\n", "t")).to.throw("is not closed");
  });

  it("are rewritten to what reads back as the new output, and nowhere else", () => {
    const text =
      "# One.\n\n# Two.\na\nin\n----\nold\n\nb\n----\n----\nx\n\ny\n----\n----\nc\n----\n";
    const answers = ["p\n\nq", "short", "----\nz"];
    const cases = readCases(text, "t");
    const rewritten = withOutputs(text, new Map(cases.map((one, at) => [one, answers[at] ?? ""])));
    const again = readCases(rewritten, "t");
    expect(again.map((one) => one.expected)).to.deep.equal(answers);
    expect(again.map(({ title, input }) => ({ title, input }))).to.deep.equal([
      { title: "Two", input: "in" },
      { title: "b (line 14)", input: "" },
      { title: "c (line 18)", input: "" },
    ]);
    expect(rewritten.startsWith("# One.\n\n# Two.\na\nin\n----\n----\np\n")).to.equal(true);
  });

  it("stay byte for byte when the outputs are the expected ones", () => {
    const outputs = new Map(readCases(plain, "t").map((one) => [one, one.expected]));
    expect(withOutputs(plain, outputs)).to.equal(plain);
  });

  it("keep the cases that were not run", () => {
    const text = "a\n----\n1\n\nb\n----\n2\n";
    const [, second] = readCases(text, "t");
    if (second === undefined) throw new Error("two cases are expected");
    expect(withOutputs(text, new Map([[second, "3"]]))).to.equal("a\n----\n1\n\nb\n----\n3\n");
  });
});

describe("runCases", () => {
  runCases("support", {
    echo: (input) => input,
    upper: (input, args) => [input.toUpperCase(), ...args].join(" "),
  });

  it("refuses a folder that does not exist", () => {
    expect(() => {
      runCases("support/absent", {});
    }).to.throw("ENOENT");
  });
});
