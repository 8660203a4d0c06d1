import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { completions } from "../../src/repl/completion.ts";
import { inFolder } from "../programs/calm.ts";

describe("completion", () => {
  const complete = (line: string, pending = ""): string[] => {
    const relations = ["edge", "path", "person"];
    return completions(line, { pending, relations })[0];
  };

  it("knows commands and directives by their beginnings", () => {
    expect(complete(".re")).to.deep.equal([".redo", ".reload", ".rels"]);
    expect(complete(".de")).to.deep.equal([".decl"]);
    expect(complete(".nothing")).to.deep.equal([]);
  });

  it("knows the words that a command takes", () => {
    expect(complete(".mode j")).to.deep.equal(["json", "jsonl"]);
    expect(complete(".timer ")).to.deep.equal(["on", "off"]);
    expect(complete(".schema pe")).to.deep.equal(["person"]);
    expect(complete(".help und")).to.deep.equal(["undo"]);
    expect(complete(".undo e")).to.deep.equal(["edge"]);
  });

  it("knows relations where an atom may begin", () => {
    expect(complete("p")).to.deep.equal(["path", "person"]);
    expect(complete("reach(x) :- ed")).to.deep.equal(["edge"]);
    expect(complete("edge(1, 2). pa")).to.deep.equal(["path"]);
  });

  it("knows the variables of the clause in parentheses, and those of its lines before", () => {
    expect(complete("path(from, to) :- edge(fr")).to.deep.equal(["from"]);
    expect(complete("  edge(t", "path(from, to) :-\n")).to.deep.equal(["to"]);
    expect(complete("path(from, to)? edge(fr")).to.deep.equal(["from"]);
    expect(complete("path(from, to). edge(fr")).to.deep.equal([]);
    expect(complete("path(from, to) :- edge(from, _), t")).to.deep.equal(["to"]);
  });

  it("gives back the word that is completed", () => {
    const context = { pending: "", relations: ["edge"] };
    expect(completions("path(x) :- ed", context)[1]).to.equal("ed");
    expect(completions(".sch", context)[1]).to.equal(".sch");
  });

  it("knows files where a command takes one", async () => {
    await inFolder((folder) => {
      writeFileSync(join(folder, "graph.dl"), "");
      writeFileSync(join(folder, "other.dl"), "");
      mkdirSync(join(folder, "group"));
      const context = { pending: "", relations: [] };
      const of = (path: string) => completions(`.load ${join(folder, path)}`, context)[0];
      expect(of("gr")).to.deep.equal([join(folder, "graph.dl"), `${join(folder, "group")}/`]);
      expect(of("none/x")).to.deep.equal([]);
    });
  });
});
