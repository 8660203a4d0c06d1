import { expect } from "chai";

import { CalmError, dl, Engine, functor, interpreted, ProgramText } from "../../src/index.ts";
import { thrown } from "./thrown.ts";

const paths = `
  .decl edge(from: symbol, to: symbol)
  .decl path(from: symbol, to: symbol)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
`;

describe("an engine", () => {
  it("opens databases that know nothing of each other", () => {
    const engine = Engine.compile(paths);
    const [one, other] = [engine.open(), engine.run({ edge: [["a", "b"]] })];
    expect([one.size("path"), other.size("path")]).to.deep.equal([0, 1]);
  });

  it("throws all that is wrong with a program, with excerpts", () => {
    const error = thrown(() => Engine.compile("a(x) :- b(x).", { path: "wrong.dl" }));
    expect(error.code).to.equal("unknown-relation");
    expect(error.diagnostics.map(({ message }) => message)).to.deep.equal([
      'relation "a" is not declared',
      'relation "b" is not declared',
    ]);
    expect(error.message).to.include("--> wrong.dl:1:9");
    expect(error.message.match(/^error\[/gm)).to.have.length(2);
  });

  it("gives what is wrong with a program as a value to who asks for it so", () => {
    const result = Engine.tryCompile("a(x) :- b(x).");
    expect(result.ok).to.equal(false);
    expect(result.diagnostics).to.have.length(2);
    const fine = Engine.tryCompile(`${paths} .decl r(x: symbol) r(x) :- edge(x, y).`);
    expect(fine.ok && fine.diagnostics.map(({ severity }) => severity)).to.deep.equal(["warning"]);
  });

  it("tells which relations need coordination", () => {
    const engine = Engine.compile(`${paths}
      .decl lonely(x: symbol)
      lonely(x) :- edge(x, _), !path(x, x).
      .output lonely`);
    const { ok, diagnostics, relations } = engine.check();
    expect(ok).to.equal(false);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(["negation-not-monotone"]);
    expect(relations.map(({ name, level }) => [name, level])).to.deep.equal([
      ["edge", "M"],
      ["path", "M"],
      ["lonely", "F2"],
    ]);
    expect(engine.check({ accept: "ordered" }).ok).to.equal(true);
  });

  it("refuses a program of a network", () => {
    const error = thrown(() =>
      Engine.compile(".decl r(x: number) message\n.decl s(x: number)\nr(x) :~ s(x)."),
    );
    expect(error.code).to.equal("network-program");
  });

  it("holds the types that are declared for relations against the program", () => {
    const wrong = { edge: { from: "symbol", to: "number" }, pat: { x: "float" } } as const;
    const error = thrown(() => Engine.compile(paths, { relations: wrong }));
    expect(error.code).to.equal("wrong-types");
    expect(error.message).to.include('column "to" of relation "edge" is symbol, and not number');
    expect(error.message).to.include('there is no relation "pat": "path"?');
    const short = thrown(() => Engine.compile(paths, { relations: { edge: { from: "symbol" } } }));
    expect(short.message).to.include('relation "edge" has a column "to", too: symbol');
  });

  it("reads included files by what it is given", () => {
    const load = (path: string): string | undefined => (path === "paths.dl" ? paths : undefined);
    const engine = Engine.compile('#include "paths.dl"\nedge("a", "b").', { load });
    expect(engine.run().rows("path")).to.deep.equal([{ from: "a", to: "b" }]);
  });

  it("evaluates where code cannot be generated", () => {
    const database = Engine.compile(paths, { backend: interpreted }).run({ edge: [["a", "b"]] });
    expect(database.query("path(x, y)")).to.deep.equal([{ x: "a", y: "b" }]);
  });
});

describe("a functor", () => {
  const declared = `
    .functor twice(x: number): number
    .decl r(x: number)
    .decl s(x: number)
    s(@twice(x)) :- r(x).
  `;

  it("may give an integer as a number", () => {
    const twice = functor(["number"], "number", (x) => Number(x) * 2);
    const database = Engine.compile(declared, { functors: { twice } }).run({ r: [[21]] });
    expect(database.rows("s")).to.deep.equal([{ x: 42n }]);
  });

  it("is refused where it was written for another signature", () => {
    const twice = functor(["symbol"], "symbol", (x) => x + x);
    const error = thrown(() => Engine.compile(declared, { functors: { twice } }));
    expect(error.code).to.equal("wrong-signature");
    expect(error.message).to.include(
      'functor "twice" is given as (symbol): symbol, and declared as (number): number',
    );
  });

  it("that is missing is an error, with what to do about it", () => {
    const error = thrown(() => Engine.compile(declared));
    expect([error.code, error.hint]).to.deep.equal([
      "missing-functor",
      "give a function of that name in `functors`",
    ]);
  });

  it("can be called in goals, and cannot use the database there either", () => {
    const twice = (x: bigint): bigint => {
      if (x === 0n) database.insert("r", [[7]]);
      return 2n * x;
    };
    const database = Engine.compile(declared, { functors: { twice } }).run({ r: [[2]] });
    expect(database.query("s(x), y = @twice(x)")).to.deep.equal([{ x: 4n, y: 8n }]);
    expect(thrown(() => database.query("r(x), y = @twice(0)")).code).to.equal("functor-failed");
    expect(database.size("r")).to.equal(1);
    const unused = ".functor f(x: number): number\n.decl r(x: number)\nr(1).";
    const error = thrown(() => Engine.compile(unused).open().query("r(x), y = @f(x)"));
    expect(error.hint).to.equal("give a function of that name in `functors`");
  });

  it("that throws fails the run, and cannot use the database", () => {
    let database = Engine.compile(paths).open();
    const twice = (): bigint => BigInt(database.size("s"));
    database = Engine.compile(declared, { functors: { twice } }).open();
    database.insert("r", [[1]]);
    const error = thrown(() => database.run());
    expect(error.code).to.equal("functor-failed");
    expect(error.message).to.include("a functor cannot use it");
    expect(error.message).to.include("while evaluating s(@twice(x)) :- r(x).");
  });
});

describe("dl", () => {
  const text = '") :- secret(x). // \\ \n\t☃';

  it("makes constants of values, whatever they hold", () => {
    const database = Engine.compile(
      dl`
      .decl said(text: symbol, at: number, heat: float)
      said(${text}, ${-3}, ${2}). said("b", ${2n ** 63n - 1n}, ${-0.5}).
    `,
    ).run();
    expect(database.rows("said")).to.deep.equal([
      { text, at: -3n, heat: 2 },
      { text: "b", at: 2n ** 63n - 1n, heat: -0.5 },
    ]);
    expect(database.query(dl`said(${text}, at, _)`)).to.deep.equal([{ at: -3n }]);
  });

  it("puts in what it gave as it is, and leaves escapes of the program alone", () => {
    const condition = dl`x > ${1}`;
    expect(condition).to.be.instanceOf(ProgramText);
    const database = Engine.compile(
      dl`
      .decl r(x: number, y: symbol)
      r(1, "a\nb"). r(2, "a\tb").
    `,
    ).run();
    expect(database.query(dl`r(x, y), ${condition}`)).to.deep.equal([{ x: 2n, y: "a\tb" }]);
  });

  it("has records and branches", () => {
    const database = Engine.compile(
      dl`
      .type List = [head: number, tail: List]
      .type Shape = Circle { r: float } | Point {}
      .decl r(list: List, shape: Shape)
      r(${[1, [2, null]]}, ${{ branch: "Circle", fields: [1.5] }}).
    `,
    ).run();
    expect(database.rows("r")).to.deep.equal([
      { list: [1n, [2n, null]], shape: { branch: "Circle", fields: [1.5] } },
    ]);
  });

  it("refuses what has no notation", () => {
    expect(thrown(() => dl`r(${NaN})`).code).to.equal("no-literal");
    expect(thrown(() => dl`r(${{ elements: [] }})`).code).to.equal("no-literal");
    expect(() => dl`r(${Infinity})`).to.throw(CalmError, "Infinity cannot be written");
  });
});
