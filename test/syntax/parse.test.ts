import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { textOf, type Span } from "../../src/base/source.ts";
import { errorsMax, nestingMax } from "../../src/syntax/limits.ts";
import { parse, type ParseOptions } from "../../src/syntax/parse.ts";
import { Parser } from "../../src/syntax/parser.ts";
import { print } from "../../src/syntax/print.ts";

const seed = Number(process.env["SEED"] ?? 1);

function codes(text: string, options: ParseOptions = {}): string[] {
  return parse(text, options).diagnostics.map(({ code }) => code);
}

describe("the parser", () => {
  it("has a grammar that Chevrotain finds nothing wrong with", () => {
    expect(() => new Parser({ validated: true })).not.to.throw();
  });

  it("reads chains and bodies of any length, and prints them", () => {
    const chain = `a(${Array(10_000).fill("x").join(" + ")}).`;
    const body = `a(x) :- ${Array(10_000).fill("b(x)").join(", ")}.`;
    const choice = `a(x) :- ${Array(10_000).fill("b(x)").join(" ; ")}.`;
    const facts = Array.from({ length: 100_000 }, (_, at) => `e(${at}, ${at + 1}).\n`).join("");
    for (const text of [chain, body, choice]) {
      const { tree, diagnostics } = parse(text);
      expect(diagnostics).to.deep.equal([]);
      expect(print(tree).trim()).to.equal(text);
    }
    expect(parse(facts).tree.items).to.have.length(100_000);
  });

  it("reads a string and a comment of megabytes", () => {
    const long = "x".repeat(20_000_000);
    const { tree, diagnostics } = parse(`a("${long}").\n/*${long}*/ b("\\"${long}").`);
    expect(diagnostics).to.deep.equal([]);
    expect(tree.items).to.have.length(2);
  });

  const nests: Record<string, (depth: number) => string> = {
    parentheses: (depth) => `a(x) :- x = ${"(".repeat(depth)}1${")".repeat(depth)}.`,
    records: (depth) => `a(x) :- x = ${"[".repeat(depth)}${"]".repeat(depth)}.`,
    calls: (depth) => `a(x) :- x = ${"cat(".repeat(depth)}1${")".repeat(depth)}.`,
    prefixes: (depth) => `a(x) :- x = ${"- ".repeat(depth)}y.`,
    powers: (depth) => `a(x) :- x = ${"y ^ ".repeat(depth)}y.`,
    negations: (depth) => `a(x) :- ${"!".repeat(depth)}b().`,
    groups: (depth) => `a(x) :- ${"!(".repeat(depth / 2)}true${")".repeat(depth / 2)}.`,
    aggregates: (depth) => `a(x) :- ${"x = count : { ".repeat(depth)}b(x)${"}".repeat(depth)}.`,
    types: (depth) => `.decl a(x: ${"T<".repeat(depth)}${">".repeat(depth)})`,
    components: (depth) => `${".comp C { ".repeat(depth)}${"}".repeat(depth)}`,
  };
  for (const [name, text] of Object.entries(nests)) {
    it(`reads ${name} that nest up to the limit, and refuses deeper ones`, () => {
      expect(codes(text(nestingMax - 2)), "within").to.deep.equal([]);
      for (const depth of [nestingMax + 2, 20 * nestingMax])
        expect(codes(text(depth)), "beyond").to.deep.equal(["nesting-too-deep"]);
      expect(parse(print(parse(text(nestingMax - 2)).tree)).diagnostics).to.deep.equal([]);
    });
  }

  it("gives names and variables the spans of their texts, also in included files", () => {
    const files = new Map([["b.dl", "#define ONE 1\nb(?x, ONE, y) :- c.d(?x, y).\n"]]);
    const text = `#ifdef NO\nno().\n#endif\n#include "b.dl"\n.decl a(x: T, y: m.U)\na(x, y) :- b(x, ONE, y).`;
    const { tree, diagnostics, sources } = parse(text, { load: (path) => files.get(path) });
    expect(diagnostics).to.deep.equal([]);
    expect(sources.map(({ path }) => path)).to.deep.equal(["program.dl", "b.dl"]);
    const found: string[] = [];
    visit(tree.items, (name, span) => {
      found.push(name);
      expect(textOf(span), name).to.equal(name === "1" ? "ONE" : name);
    });
    expect(found).to.have.length.greaterThan(15);
  });

  it(`throws on no text (SEED=${seed})`, () => {
    const from = random(seed);
    const pieces = [
      ..."( ) [ ] { } < > . , : ; ! @ $ = | + - * / ^ % # \" \\ ' ~ _".split(" "),
      ...[" ", "\n"],
      ...[":-", ":+", ":~", "<=", "->", "@!", "//", "/*", "*/", "1", "1.5", "0x", "a", "a(x)"],
      ...["a(1).\n", ".decl ", ".comp C {", ".type T = ", "count : {", "min ", "as(", "#define A "],
      ...["#if ", "\n#endif\n", "A(", '#include "a"\n', '.include "a"', "partition(", "\u{1f600}"],
    ];
    for (let at = 0; at < 1500; at += 1) {
      const text = Array.from({ length: from.between(1, 30) }, () => from.pick(pieces)).join("");
      const { tree } = parse(text, {
        load: (path) => (path === "a" ? "a(1).\n#define B" : undefined),
      });
      expect(() => print(tree), JSON.stringify(text)).not.to.throw();
    }
  });

  it("reports the limits of macros and texts", () => {
    const doubling = Array.from({ length: 40 }, (_, at) => `#define M${at + 1} M${at} M${at}\n`);
    expect(codes(`#define M0 x\n${doubling.join("")}a(M40).`)).to.include("macro-use");
    const chain = Array.from({ length: 300 }, (_, at) => `#define M${at + 1} M${at}\n`);
    expect(codes(`${chain.join("")}a(M300).`)).to.include("macro-use");
    const nested = `#define F(x) x\na(${"F(".repeat(5000)}1${")".repeat(5000)}).`;
    expect(codes(nested)).to.include("macro-use");
    expect(codes(`#if ${"(".repeat(5000)}1\n#endif\n`)).to.include("condition");
    expect(codes(`#if ${"!".repeat(5000)}1\n#endif\n`)).to.include("condition");
  });

  it("gives up on a text that is nothing but errors", () => {
    expect(codes("\\n".repeat(100_000))).to.have.length(1);
    expect(codes("\\\n".repeat(5000)).length).to.equal(errorsMax);
    expect(codes("a(.\n".repeat(5000)).length).to.equal(errorsMax);
  });

  it("defines macros from outside, and gives a text without directives as it is", () => {
    const { tree } = parse("a(N, RAM_DOMAIN_SIZE).", { macros: { N: "7" } });
    expect(print(tree)).to.equal("a(7, 64).\n");
    expect(print(parse("a(N).").tree)).to.equal("a(N).\n");
    expect(print(parse("a(RAM_DOMAIN_SIZE).", { preprocess: false }).tree)).to.equal(
      "a(RAM_DOMAIN_SIZE).\n",
    );
  });

  it("keeps comments, with their places", () => {
    const { tree } = parse("// one\na(1). /* two */ /// three\n");
    expect(tree.comments.map(({ text }) => text)).to.deep.equal([
      "// one",
      "/* two */",
      "/// three",
    ]);
    expect(tree.comments.map(({ span }) => textOf(span))).to.deep.equal(
      tree.comments.map(({ text }) => text),
    );
  });
});

/** Calls `see` for each name, variable and number of a tree. */
function visit(node: unknown, see: (name: string, span: Span) => void): void {
  if (Array.isArray(node)) {
    for (const member of node) visit(member, see);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const { kind, name, text, span } = node as Record<string, unknown>;
  if (kind === "variable" && typeof name === "string") see(name, span as Span);
  else if (typeof text === "string" && span !== undefined) see(text, span as Span);
  for (const [key, value] of Object.entries(node)) if (key !== "span") visit(value, see);
}
