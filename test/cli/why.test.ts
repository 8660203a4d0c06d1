import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { calm, inFolder } from "../programs/calm.ts";

const path = `
.decl edge(x: number, y: number)
edge(1, 2). edge(2, 3). edge(3, 4). edge(2, 4).
.decl path(x: number, y: number)
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
`;

/** What `calm why -` prints. */
async function why(text: string, goal: string, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await calm(["why", "-", goal, "-w", ...flags], text);
  expect([code, stderr], goal).to.deep.equal([0, ""]);
  return stdout;
}

/** What `calm whynot -` prints. */
async function whynot(text: string, goal: string): Promise<string> {
  const { code, stdout, stderr } = await calm(["whynot", "-", goal, "-w"], text);
  expect([code, stderr], goal).to.deep.equal([0, ""]);
  return stdout;
}

describe("calm why", () => {
  it("prints a proof of the least height", async () => {
    expect(await why(path, "path(1, 4)")).to.equal(
      `path(1, 4)        <stdin>:6
├─ path(1, 2)     <stdin>:5
│  └─ edge(1, 2)  fact, <stdin>:3
└─ edge(2, 4)     fact, <stdin>:3
`,
    );
  });

  it("prints other proofs on demand, and none that needs the tuple itself", async () => {
    const circle = `${path}edge(4, 1).\n`;
    const proofs = (await why(circle, "path(1, 4)", "--all", "9")).split("\n\n");
    expect(proofs).to.have.length(2);
    expect(proofs[1]).to.contain("edge(3, 4)");
  });

  it("cuts a proof at a depth, and says how much is left", async () => {
    expect(await why(path, "path(1, 4)", "--depth", "1")).to.equal(
      `path(1, 4)     <stdin>:6
├─ path(1, 2)  … 1 more step
└─ edge(2, 4)  fact, <stdin>:3
`,
    );
  });

  it("explains the first tuples that fit a goal with variables", async () => {
    const shown = await why(path, "path(X, 4)");
    expect(shown.split("\n\n").map((one) => one.split(" ")[0])).to.have.length(3);
  });

  it("goes through equivalences, choices, lattices, subsumptions and components", async () => {
    const text = `
.decl e(x: number, y: number)
e(1, 2). e(3, 2).
.decl same(x: number, y: number) eqrel
same(x, y) :- e(x, y).
.decl one(x: number, y: number) choice-domain x
one(x, y) :- same(x, y), x != y.
.decl least(x: number, d: Min<>)
least(1, 0).
least(y, d + 1) :- least(x, d), same(x, y).
.decl short(x: number, d: number)
short(1, 0).
short(y, d + 1) :- short(x, d), same(x, y), d < 3.
short(x, d) <= short(x, c) :- c <= d.
.comp C { .decl r(x: number) r(x) :- least(x, 1). }
.init c = C
`;
    expect(await why(text, "same(1, 3)")).to.equal(
      `same(1, 3)     equivalent, through
├─ same(1, 2)  <stdin>:5
│  └─ e(1, 2)  fact, <stdin>:3
└─ same(3, 2)  <stdin>:5, from right to left
   └─ e(3, 2)  fact, <stdin>:3
`,
    );
    expect(await why(text, "one(1, X)")).to.match(/^one\(1, \d\) +<stdin>:7, chosen first\n/);
    const least = await why(text, "c.r(2)");
    expect(least).to.match(/least\(2, 1\) +<stdin>:10/);
    expect(least).to.match(/least\(1, 0\) +fact, <stdin>:9/);
    expect(await why(text, "short(3, 1)")).to.match(/short\(1, 0\) +fact, <stdin>:12/);
    expect(await whynot(text, "least(2, 2)")).to.contain("another: least(2, 1)");
    expect(await whynot(text, "one(1, 9)")).to.contain("another tuple of its key was chosen");
    expect(await whynot(text, "c.r(1)")).to.contain("fails  least(1, 1)");
  });

  it("joins what several derivations contribute to a lattice value", async () => {
    const text = `
.decl has(x: number, s: Union<number>)
.decl e(x: number, y: number)
e(1, 7). e(1, 8).
has(x, singleton(y)) :- e(x, y).
`;
    expect(await why(text, "has(1, X)")).to.equal(
      `has(1, {7, 8})  joined from
├─ has(1, {7})  <stdin>:5
│  └─ e(1, 7)   fact, <stdin>:4
└─ has(1, {8})  <stdin>:5
   └─ e(1, 8)   fact, <stdin>:4
`,
    );
  });

  it("explains inlined relations, records, functors and negation", async () => {
    const text = `
.type L = [head: number, tail: L]
.decl l(l: L, n: number)
l(nil, 0).
l([n, t], n + 1) :- l(t, n), n < 2.
.decl odd(n: number) inline
odd(n) :- l(_, n), n % 2 = 1.
.decl some(n: number)
some(n) :- odd(n), !l([n, nil], _).
`;
    const shown = await why(text, "some(1)");
    expect(shown).to.contain("odd(1)").and.to.contain("1 % 2 = 1");
    expect(shown).to.contain("!l([1, nil], _)");
    expect(shown).to.contain("l([0, nil], 1)");
    expect(await whynot(text, "some(0)")).to.contain("fails  odd(0)");
  });

  it("reads facts, and calls them given", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "edge.facts"), "1\t2\n");
      const text = path.replace(/edge\(1, 2\).*/, ".input edge");
      expect(await why(text, "path(1, 2)", "-F", folder)).to.match(/edge\(1, 2\) +given/);
    });
  });

  it("draws proofs, and writes them as JSON and as a page", async () => {
    expect(await why(path, "path(1, 4)", "--format", "dot")).to.match(/^digraph proof \{\n {2}n0/);
    expect(await why(path, "path(1, 4)", "--format", "mermaid")).to.contain("  n0 --> n1");
    const page = await why(path, "path(1, 4)", "--format", "html");
    expect(page).to.contain("<details open><summary><code>path(1, 4)</code>");
    const [proof] = JSON.parse(await why(path, "path(1, 4)", "--format", "json")) as {
      readonly tuple: string;
      readonly nodes: readonly { readonly tuple: string; readonly height: number }[];
    }[];
    expect(proof?.tuple).to.equal("path(1, 4)");
    const nodes = proof?.nodes.map(({ tuple, height }) => [tuple, height]);
    expect(nodes).to.deep.equal([
      ["path(1, 4)", 2],
      ["path(1, 2)", 1],
      ["edge(2, 4)", 0],
      ["edge(1, 2)", 0],
    ]);
  });

  it("ends with 1 where nothing fits, and with 2 where the goal is none", async () => {
    const asked = async (...line: readonly string[]) => calm([...line, "-w"], path);
    expect((await asked("why", "-", "path(4, 1)")).code).to.equal(1);
    expect((await asked("whynot", "-", "path(4, 1)")).code).to.equal(0);
    const there = await asked("whynot", "-", "path(1, 4)");
    expect([there.code, there.stderr]).to.deep.equal([
      1,
      "calm: path(1, 4) holds\n  `calm why` says why\n",
    ]);
    const broken = await asked("why", "-", "path(1,");
    expect([broken.code, broken.stdout]).to.deep.equal([2, ""]);
    expect(broken.stderr).to.contain("<goal>:1:8");
    expect((await asked("why", "-", "paht(1, 2)")).stderr).to.contain('did you mean "path"');
    expect((await asked("whynot", "-", "path(9, X)")).code).to.equal(2);
  });

  it("goes through memory, messages and events, and names the steps", async () => {
    const text = `
.decl seed(x: number)
seed(1).
.decl num(x: number) memory
num(x) :+ seed(x).
num(x + 1) :+ num(x), x < 3.
.decl once(x: number) event
once(x) :+ num(x), !num(x + 1), x < 3.
.decl msg(x: number) message
msg(x)@n :~ once(x), x = 2, Id(n).
.decl got(x: number)
got(x) :- msg(x), !seed(x).
.output got
`;
    expect(await why(text, "got(2)")).to.equal(
      `got(2)                  <stdin>:12, in step 5
├─ msg(2)               <stdin>:10, sent by step 4
│  ├─ once(2)           <stdin>:8, by step 3
│  │  ├─ num(2)         <stdin>:6, by step 2
│  │  │  ├─ num(1)      <stdin>:5, by step 1
│  │  │  │  └─ seed(1)  fact, <stdin>:3
│  │  │  └─ 1 < 3
│  │  ├─ !num(2 + 1)    no rule derives it
│  │  └─ 2 < 3
│  ├─ 2 = 2
│  └─ Id("local")       given
└─ !seed(2)             not given
`,
    );
    expect(await whynot(text, "got(1)")).to.equal(
      `got(1) does not hold
  got(x) :- msg(x), !seed(x).  <stdin>:12
    with x = 1
    fails  msg(1)
      msg(1) does not hold
        msg(x)@n :~ once(x), x = 2, Id(n).  <stdin>:10
          with x = 1
          fails  once(1)
            once(1) does not hold
              once(x) :+ num(x), !num(x + 1), x < 3.  <stdin>:8
                with x = 1
                holds  num(1)
                fails  !num(1 + 1)
                  since num(2) holds
`,
    );
  });

  it("says what was taken out of memory, and when", async () => {
    const text = `
.decl on(x: number) memory
on(1).
.decl off(x: number) memory
off(x) :+ on(x).
-on(x) :+ off(x).
`;
    expect(await whynot(text, "on(1)")).to.equal(
      `on(1) does not hold
  it was taken out of memory after step 2
  it is not given
`,
    );
    expect(await why(text, "off(1)")).to.equal(
      `off(1)    <stdin>:5, by step 1
└─ on(1)  fact, <stdin>:3
`,
    );
  });

  it("refuses what never comes to rest", async () => {
    const text = ".decl p(x: number) memory\np(0).\np(x + 1) :+ p(x).\n";
    const { code, stderr } = await calm(["why", "-", "p(1)", "-w"], text);
    expect([code, stderr]).to.satisfy(
      ([found, said]: [number, string]) => found !== 0 && said.includes("too-many-steps"),
    );
  });
});
