import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Engine, type RelationTypes } from "../../src/index.ts";
import { calm } from "../programs/calm.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/library.md", import.meta.url)), "utf8");

describe("calm types", () => {
  it("prints what docs/library.md shows", async () => {
    const [, text = ""] = /`(\.decl edge\(from: symbol, to: symbol, km[^`]*)`/.exec(page) ?? [];
    const [, wanted = ""] = /^```[^\n]*\n(\/\*\* What the relations[^]*?)^```$/m.exec(page) ?? [];
    const { code, stdout, stderr } = await calm(["types", "-"], text);
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: wanted, stderr: "" });
  });

  it("has all that is not inlined, under its name", async () => {
    const text = `
      .type Id <: unsigned
      .type List = [head: float, tail: List]
      .decl r(id: Id, list: List, all: Union<symbol>)
      .decl none()
      .decl gone(x: number) inline
      .decl kept(x: number)
      gone(x) :- kept(x).
      .comp C { .decl s(x: number) s(x) :- gone(x). }
      .init c = C
    `;
    const { stdout } = await calm(["types", "-"], text);
    expect(stdout.split("\n").slice(2, -2)).to.deep.equal([
      '  r: { id: "unsigned", list: "record", all: "record" },',
      "  none: {},",
      '  kept: { x: "number" },',
      '  "c.s": { x: "number" },',
    ]);
  });

  it("says what the library holds programs to", async () => {
    const programs = fileURLToPath(new URL("../../programs/", import.meta.url));
    let compiled = 0;
    for (const name of readdirSync(programs).filter((one) => /^\d.*\.dl$/.test(one))) {
      const path = programs + name;
      const { stdout } = await calm(["types", path]);
      const script = `data:text/javascript,${encodeURIComponent(stdout.replace(" as const", ""))}`;
      const { relations } = (await import(script)) as { readonly relations: RelationTypes };
      const result = Engine.tryCompile(readFileSync(path, "utf8"), { relations });
      if (result.ok) compiled++;
      else expect(result.error.code, path).to.equal("network-program");
    }
    expect(compiled).to.be.greaterThan(5);
  });

  it("prints what is wrong with a program, and nothing else", async () => {
    const { code, stdout, stderr } = await calm(["types", "-"], "r(x) :- s(x).");
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.include("error[unknown-relation]");
  });
});
