import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { calm, inFolder } from "../programs/calm.ts";

const program = `.type Level <: number
.functor higher(a: Level, b: Level): Level
.functor halved(l: number): number
.lattice Level<> { Lub -> @higher(_, _) }
.calm monotone Level
.calm monotone halved
.decl seen(name: symbol, n: number)
.input seen
.decl most(name: symbol, n: Max<>)
most(name, n) :- seen(name, n).
.decl half(name: symbol, n: Max<>)
half(name, @halved(n)) :- most(name, n).
.output half
`;

/** What `calm check` says of the program, with these functors if there are any. */
function checked(args: readonly string[], functors?: string): ReturnType<typeof calm> {
  return inFolder(async (folder) => {
    const [file, module] = [join(folder, "levels.dl"), join(folder, "functors.mjs")];
    writeFileSync(file, program);
    if (functors !== undefined) writeFileSync(module, functors);
    const given = functors === undefined ? [] : ["--functors", module];
    return calm(["check", file, ...args, ...given]);
  });
}

describe("calm check --laws", () => {
  const higher = "export const higher = (a, b) => (a > b ? a : b);";

  it("finds nothing where the laws hold", async () => {
    const { code, stdout } = await checked(
      ["--laws"],
      `${higher} export const halved = (l) => l / 2n;`,
    );
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "" });
  });

  it("fails with the values that break a law", async () => {
    const functors = "export const higher = (a, b) => a - b; export const halved = (l) => -l;";
    const { code, stdout } = await checked(["--laws", "--format", "pretty"], functors);
    expect(code).to.equal(1);
    expect(stdout).to.match(
      /error\[broken-law\]: lattice "Level" is not idempotent[^]*\n *5 \| \.calm monotone Level/,
    );
    expect(stdout).to.match(/ = note: for a = 1, Lub\(a, a\) is 0\n/);
    expect(stdout).to.match(/error\[broken-law\]: functor "halved" does not keep the order/);
    expect(stdout).to.include("@halved(0) is 0 and @halved(1) is -1: 0 is not below -1 in Max<>");
  });

  it("warns of what nothing implements, and says nothing of what is not asked", async () => {
    const { code, stdout } = await checked(["--laws"], higher);
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /levels\.dl:6:1: warning\[law-not-tested\] functor "halved" is not tested: it is not implemented\n$/,
    );
    expect(await checked([])).to.include({ code: 0, stdout: "" });
    const strict = await checked(["--laws", "--max-warnings", "0"], higher);
    expect(strict.code).to.equal(1);
  });
});
