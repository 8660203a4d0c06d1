// A scripted editor, over the real protocol: a process of its own, framed messages on its streams.
// It is long because what it has is one session of each feature.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type {
  CodeAction,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  Range,
  SemanticTokens,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver/node";

import { applied, type Editor, editor, uriOf } from "./client.ts";

const graph = `.type Node <: symbol
/// One street.
.decl edge(x: Node, y: Node)
.input edge

.decl path(x: Node, y: Node)
path(a, b) :- edge(a, b).
path(a, c) :- path(a, b), edge(b, c).
.output path
`;

const won = `.decl bid(who: symbol, price: number)
.input bid
.decl beaten(who: symbol)
beaten(w) :- bid(w, p), bid(_, q), q > p.
.decl winner(who: symbol)
winner(w) :- bid(w, _), !beaten(w).
.output winner
`;

describe("calm lsp", () => {
  let folder: string;
  let client: Editor;
  let files = 0;
  const file = (name = `p${String(files++)}.dl`): string => join(folder, name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "calm-lsp-"));
    client = await editor();
  });
  after(async () => {
    try {
      expect(await client.end()).to.equal(0);
    } finally {
      client.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const opened = async (text: string): Promise<string> => {
    const path = file();
    await client.open(path, text);
    return path;
  };
  const codes = (found: readonly Diagnostic[]): unknown[] => found.map(({ code }) => code);

  describe("diagnostics", () => {
    it("are those of parsing, of analysis and of the levels", async () => {
      const path = file();
      expect(codes(await client.open(path, "r(x) :- s(x)\n"))).to.include("missing-clause-end");
      expect(codes(await client.change(path, ".decl r(x: number)\nr(x) :- r(y).\n"))).to.deep.equal(
        [...["unsafe-variable", "var-appears-once", "var-appears-once"]],
      );
      const found = await client.change(path, won);
      expect(codes(found)).to.deep.equal(["negation-not-monotone"]);
      expect(found[0]?.message).to.include("hint: ").and.include("snapshot");
      expect(found[0]?.codeDescription?.href).to.match(
        /^file:.*docs\/errors\/negation-not-monotone\.md$/,
      );
      expect(await client.change(path, graph)).to.deep.equal([]);
    });

    it("recover: what is wrong in one clause leaves the others checked", async () => {
      const found = await client.open(file(), ".decl r(x: number)\nr(1, .\nr(x) :- q(x).\n");
      expect(codes(found)).to.include.members(["unexpected-token", "unknown-relation"]);
    });

    it("follow incremental changes, in UTF-16 units", async () => {
      const path = file();
      await client.open(path, '.decl r(x: symbol)\nr("😀ä"). r(1).\n');
      const place = client.place(path, "1");
      expect(place).to.deep.equal({ line: 1, character: 12 });
      expect(client.diagnostics(path)[0]?.range.start).to.deep.equal(place);
      const range: Range = { start: place, end: { line: 1, character: 13 } };
      expect(await client.change(path, '"😀"', range)).to.deep.equal([]);
    });

    it("know lines that end in other ways", async () => {
      const path = file();
      const found = await client.open(path, ".decl r(x: number)\r\nr(1).\rr(y).\n");
      expect(found[0]?.range.start).to.deep.equal({ line: 2, character: 2 });
    });

    it("are those of the project: rules, level, and comments that let pass", async () => {
      const path = file();
      expect(codes(await client.open(path, won))).to.deep.equal(["negation-not-monotone"]);
      writeFileSync(join(folder, "calm.config.json"), '{ "level": "ordered" }');
      try {
        expect(await client.change(path, `${won}\n`)).to.deep.equal([]);
        writeFileSync(join(folder, "calm.config.json"), '{ "ignore": ["p*.dl"] }');
        expect(codes(await client.change(path, `${won}r(1).\n`))).to.deep.equal([
          "unknown-relation",
        ]);
        writeFileSync(join(folder, "calm.config.json"), '{ "levle": "ordered" }');
        await client.change(path, won);
        expect(client.messages.join()).to.include("levle");
      } finally {
        rmSync(join(folder, "calm.config.json"));
      }
      const text = won.replace(/^winner/m, "// calm-ignore negation-not-monotone: shown\nwinner");
      expect(await client.change(path, text)).to.deep.equal([]);
    });

    it("see included files, as they stand in the editor or on the disk", async () => {
      const [main, part] = [file(), file("part.dl")];
      writeFileSync(part, ".decl e(x: number)\n");
      const text = '#include "part.dl"\n.decl r(x: number)\nr(x) :- e(x).\ne(1).\n';
      expect(codes(await client.open(main, text))).to.deep.equal([]);
      expect(codes(await client.open(part, ".decl e(x: symbol)\n"))).to.deep.equal([]);
      expect(codes(await client.change(main, `${text}\n`))).to.include("type-mismatch");
      const declared = await client.askAt<Location[]>("textDocument/definition", main, "e(x)");
      expect(declared.map(({ uri }) => uri)).to.deep.equal([uriOf(part)]);
      const edit = await client.askAt<WorkspaceEdit>("textDocument/rename", part, "e(x", {
        newName: "f",
      });
      expect(client.edited(part, edit)).to.equal(".decl f(x: symbol)\n");
      expect(client.edited(main, edit)).to.include("r(x) :- f(x).\nf(1).");
      await client.close(main);
      await client.close(part);
    });
  });

  it("takes the accepted level from the command line", async () => {
    const other = await editor(["--level", "ordered"]);
    try {
      expect(await other.open(file(), won)).to.deep.equal([]);
      expect(await other.end()).to.equal(0);
    } finally {
      other.kill();
    }
  });

  it("shows nothing of a document that was closed", async () => {
    const path = file();
    expect(await client.open(path, "r(1).\n")).to.have.length(1);
    expect(await client.close(path)).to.deep.equal([]);
  });

  it("hovers: a declaration with level, words about it, and place; a variable's type", async () => {
    const path = await opened(`${graph}.functor f(x: number): number\n`);
    const hover = async (text: string, occurrence = 0): Promise<string> => {
      const said = await client.askAt<Hover>("textDocument/hover", path, text, { occurrence });
      return (said.contents as { value: string }).value;
    };
    const edge = await hover("edge(a");
    expect(edge).to.include(".decl edge(x: Node, y: Node)").and.include("One street.");
    expect(edge).to.include("**M**").and.include(":3:7");
    expect(await hover("b), edge")).to.include("(variable) b: Node");
    expect(await hover("Node", 1)).to.include(".type Node <: symbol");
    expect(await hover(".output")).to.include("a relation is written");
    expect(await client.askAt("textDocument/hover", path, ":-")).to.equal(null);
  });

  it("hovers over functors and aggregates of the language", async () => {
    const path = await opened(
      '.decl r(x: symbol, n: number)\nr(cat("a", "b"), n) :- n = count : { r(_, _) }.\n',
    );
    const said = await client.askAt<Hover>("textDocument/hover", path, "cat");
    expect((said.contents as { value: string }).value).to.include("symbols joined");
    const counted = await client.askAt<Hover>("textDocument/hover", path, "count");
    expect((counted.contents as { value: string }).value).to.include("how many ways");
  });

  it("goes to definitions, and lists references", async () => {
    const path = await opened(graph);
    const [there] = await client.askAt<Location[]>("textDocument/definition", path, "edge(b");
    expect(there?.range.start).to.deep.equal(client.place(path, "edge"));
    const all = await client.askAt<Location[]>("textDocument/references", path, "edge(b", {
      context: { includeDeclaration: true },
    });
    expect(all.map(({ range }) => range.start.line)).to.deep.equal([2, 3, 6, 7]);
    const uses = await client.askAt<Location[]>("textDocument/references", path, "b), edge", {
      context: { includeDeclaration: false },
    });
    expect(uses.map(({ range }) => range.start.line)).to.deep.equal([7, 7]);
    const marked = await client.askAt<unknown[]>("textDocument/documentHighlight", path, "Node");
    expect(marked).to.have.length(5);
  });

  describe("rename", () => {
    const renamed = async (text: string, at: string, newName: string): Promise<string> => {
      const path = await opened(text);
      const edit = await client.askAt<WorkspaceEdit>("textDocument/rename", path, at, { newName });
      return client.edited(path, edit);
    };
    const refusal = async (text: string, at: string, newName: string): Promise<string> => {
      try {
        await renamed(text, at, newName);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };

    it("changes relations, types, components, and variables in their clause", async () => {
      expect(await renamed(graph, "edge(a", "street")).to.equal(graph.replaceAll("edge", "street"));
      expect(await renamed(graph, "Node", "City")).to.equal(graph.replaceAll("Node", "City"));
      expect(await renamed(graph, "b), edge", "via")).to.include(
        "path(a, c) :- path(a, via), edge(via, c).",
      );
      expect(await renamed(graph, "b), edge", "via")).to.include("path(a, b) :- edge(a, b).");
      const component =
        ".comp C { .decl r(x: number) r(1). }\n.init i = C\n.decl s(x: number)\ns(x) :- i.r(x).\n";
      expect(await renamed(component, "C {", "D"))
        .to.include(".comp D {")
        .and.include("i = D");
      expect(await renamed(component, "r(x: number) r", "q")).to.equal(
        component.replace("r(x: number) r(1)", "q(x: number) q(1)").replace("i.r", "i.q"),
      );
    });

    it("refuses words of the language, clashes, and what a macro names", async () => {
      expect(await refusal(graph, "edge(a", "count")).to.include("is a word of the language");
      expect(await refusal(graph, "edge(a", "path")).to.include('a relation "path" already');
      expect(await refusal(graph, "b), edge", "c")).to.include('a variable "c" already');
      expect(await refusal(graph, "edge(a", "1x")).to.include("is no name");
      const macro = "#define R(x) r(x)\n.decl r(x: number)\nR(1).\n";
      expect(await refusal(macro, "r(x: number)", "s")).to.include("by a macro");
      const path = await opened(graph);
      const prepared = await client.askAt<{ placeholder: string }>(
        "textDocument/prepareRename",
        path,
        "path(a",
      );
      expect(prepared.placeholder).to.equal("path");
    });
  });

  it("outlines what is declared, with what is in components below", async () => {
    const path = await opened(`${graph}.comp C {\n  .decl r(x: number)\n}\n.init i = C\n`);
    const symbols = await client.ask<DocumentSymbol[]>("textDocument/documentSymbol", path);
    expect(symbols.map(({ name, detail }) => `${name} ${detail ?? ""}`)).to.deep.equal([
      "Node subset",
      "edge (x: Node, y: Node)",
      "path (x: Node, y: Node)",
      "C component",
      "i C",
    ]);
    expect(symbols[3]?.children?.map(({ name }) => name)).to.deep.equal(["r"]);
    const folds = await client.ask<FoldingRange[]>("textDocument/foldingRange", path);
    expect(folds.map(({ startLine, endLine }) => [startLine, endLine])).to.deep.equal([[9, 11]]);
  });

  describe("completion", () => {
    /** What is proposed where `|` stands. */
    const proposed = async (text: string): Promise<CompletionItem[]> => {
      const path = await opened(text.replace(/\|(?=[^|]*$)/, ""));
      const before = text.slice(0, text.lastIndexOf("|")).split("\n");
      const position = { line: before.length - 1, character: before.at(-1)!.length };
      return client.ask<CompletionItem[]>("textDocument/completion", path, { position });
    };
    const labels = async (text: string): Promise<string[]> =>
      (await proposed(text)).map(({ label }) => label);

    it("has relations with their attributes, and the variables of the clause", async () => {
      const items = await proposed(`${graph}path(far, q) :- path(far, near), e|\n`);
      const edge = items.find(({ label }) => label === "edge");
      expect(edge?.insertText).to.equal("edge(${1:x}, ${2:y})");
      const names = items.map(({ label }) => label);
      expect(names).to.include.members(["far", "near", "q", "path", "cat", "count", "match"]);
      expect(names).not.to.include("Node");
    });

    it("has directives after a dot, and relations after these", async () => {
      expect(await labels(`${graph}.|`)).to.include.members([".decl", ".output", ".calm"]);
      const outputs = await labels(`${graph}.printsize |`);
      expect(outputs).to.deep.equal(["edge", "path"]);
    });

    it("has types after a colon, qualifiers behind, attributes in their keys", async () => {
      expect(await labels(`${graph}.decl r(x: |`)).to.include.members(["Node", "symbol", "Max"]);
      expect(await labels(`${graph}.decl r(x: Node) |`)).to.include.members(["snapshot", "eqrel"]);
      expect(await labels(".decl r(a: symbol, b: symbol) partition(|")).to.deep.equal(["a", "b"]);
    });

    it("has functors after @, branches after $, what an instance holds after its dot", async () => {
      const text = ".functor f(x: number): number\n.type T = A {x: number} | B {}\n";
      expect(await labels(`${text}.decl r(x: number)\nr(@|`)).to.deep.equal(["f"]);
      expect(await labels(`${text}.decl r(x: T)\nr($|`)).to.deep.equal(["A", "B"]);
      const component = ".comp C { .decl inner(x: number) }\n.init i = C\n";
      expect(await labels(`${component}.output i.|`)).to.deep.equal(["inner"]);
    });

    it("is silent where a sign ends something", async () => {
      const path = await opened(`${graph}path("a", "b").\n`);
      const position = client.place(path, '"b").', 0, 5);
      const context = { triggerKind: 2, triggerCharacter: "." };
      const method = "textDocument/completion";
      expect(await client.ask(method, path, { position, context })).to.deep.equal([]);
      expect(await client.ask(method, path, { position })).not.to.deep.equal([]);
    });

    it("has nothing in comments and strings", async () => {
      expect(await labels(`${graph}// pa|`)).to.deep.equal([]);
      expect(await labels(`${graph}path("pa|", "b").`)).to.deep.equal([]);
    });
  });

  it("formats", async () => {
    const text = "\n.decl  r( x:number )\nr(1).r( 2 ).";
    const path = await opened(text);
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await client.ask<TextEdit[]>("textDocument/formatting", path, { options });
    expect(applied(text, edits)).to.equal(".decl r(x: number)\nr(1). r(2).\n");
    await client.change(path, "r(");
    expect(await client.ask("textDocument/formatting", path, { options })).to.deep.equal([]);
  });

  describe("code actions", () => {
    const actions = async (text: string): Promise<{ path: string; found: CodeAction[] }> => {
      const path = file();
      const [first] = await client.open(path, text);
      const found = await client.ask<CodeAction[]>("textDocument/codeAction", path, {
        range: first?.range,
        context: { diagnostics: [first] },
      });
      return { path, found };
    };
    const after = async (text: string, title: RegExp | string): Promise<string> => {
      const { path, found } = await actions(text);
      const wanted = found.find((one) =>
        typeof title === "string" ? one.title === title : title.test(one.title),
      );
      expect(wanted, found.map((one) => one.title).join("; ")).not.to.equal(undefined);
      return client.edited(path, wanted?.edit ?? null);
    };

    it("replace what was not meant", async () => {
      const text = ".decl reach(x: number)\nreach(2).\n.output reach\nraech(1).\n";
      expect(await after(text, 'Replace by "reach"')).to.include("\nreach(1).");
      const type = '.type City <: symbol\n.decl r(x: Cty)\nr("Ulm").\n';
      expect(await after(type, 'Replace by "City"')).to.include("r(x: City)");
      expect(await after(".delc r(x: number)\n", 'Replace by ".decl"')).to.include(".decl r");
    });

    it("declare what is missing", async () => {
      const text = '.decl r(x: number)\nr(x) :- other(x, 1.5, "a").\n.output r\n';
      const result = await after(text, /^Declare it/);
      expect(result).to.include(".decl other(x: number, x2: float, x3: symbol)\nr(x) :- other");
      expect(codes(await client.open(file(), result))).to.deep.equal(["no-rules-nor-facts"]);
    });

    it("mark a variable that occurs once", async () => {
      const text = ".decl r(x: number)\nr(1).\n.decl s(x: number)\ns(1) :- r(y).\n";
      expect(await after(text, 'Rename to "_y"')).to.include("s(1) :- r(_y).");
      expect(await after(text, 'Replace by "_"')).to.include("s(1) :- r(_).");
    });

    it("end a clause, close a bracket", async () => {
      const text = ".decl r(x: number)\nr(1)\nr(2).\n";
      expect(await after(text, 'Add "."')).to.include("r(1).\nr(2).");
      expect(await after(".decl r(x: number)\nr(1.\n", 'Add ")"')).to.include("r(1).");
    });

    it("accept an order, or a snapshot, and then nothing is found", async () => {
      for (const title of [/calm ordered winner/, /Declare "winner" as `snapshot`/, /^Ignore/]) {
        const result = await after(won, title);
        expect(result).not.to.equal(won);
        expect(await client.open(file(), result), result).to.deep.equal([]);
      }
    });

    it("write old forms anew", async () => {
      const text = ".decl r(x: number) input\n.number_type N\n";
      expect(await after(text, /^Write `\.input r`/)).to.include(".decl r(x: number)\n.input r\n");
    });
  });

  it("tells what names stand for, by semantic tokens", async () => {
    const path = await opened('.decl r(x: number)\nr("😀", x) :- r(x).\n');
    const { data } = await client.ask<SemanticTokens>("textDocument/semanticTokens/full", path);
    const tokens = [];
    for (let at = 0; at < data.length; at += 5) tokens.push(data.slice(at, at + 5));
    expect(tokens).to.deep.equal([
      [0, 6, 1, 0, 1],
      [0, 2, 1, 1, 1],
      [1, 0, 1, 0, 2],
      [0, 8, 1, 10, 0],
      [0, 6, 1, 0, 0],
      [0, 2, 1, 10, 0],
    ]);
  });

  it("hints at the types of variables and the levels of relations", async () => {
    const path = await opened(won);
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await client.ask<InlayHint[]>("textDocument/inlayHint", path, { range });
    const shown = hints.map(({ position, label }) => {
      const lines = won.split("\n");
      return `${lines[position.line]!.slice(0, position.character)}«${label as string}»`;
    });
    expect(shown).to.deep.equal([
      ".decl bid(who: symbol, price: number)«M»",
      ".decl beaten(who: symbol)«M»",
      "beaten(w«: symbol»",
      "beaten(w) :- bid(w, p«: number»",
      "beaten(w) :- bid(w, p), bid(_, q«: number»",
      ".decl winner(who: symbol)«ordered»",
      "winner(w«: symbol»",
    ]);
  });

  it("answers after an edit of a thousand lines in less than 300 ms", async () => {
    const relations = Array.from({ length: 200 }, (_, at) => `r${String(at)}`);
    const text = [
      ".decl e(x: number, y: number)\n.input e\n",
      ...relations.map((name, at) => {
        const before = at === 0 ? "e" : `r${String(at - 1)}`;
        return (
          `.decl ${name}(x: number, y: number)\n${name}(x, y) :- ${before}(x, y).\n` +
          `${name}(x, z) :- ${name}(x, y), e(y, z).\n` +
          `${name}(x, y) :- ${before}(y, x), x < y.\n\n`
        );
      }),
      ".output r199\n",
    ].join("");
    expect(text.split("\n").length).to.be.greaterThan(1000);
    const path = await opened(text);
    const times: number[] = [];
    for (let round = 0; round < 9; round++) {
      const start = performance.now();
      const found = await client.change(path, "r7(1, unknown).\n", {
        start: { line: 500, character: 0 },
        end: { line: 500, character: 0 },
      });
      times.push(performance.now() - start);
      expect(codes(found)).to.include("unsafe-variable");
    }
    const median = times.toSorted((a, b) => a - b)[4]!;
    // Twice what is promised: other work may share the machine.
    expect(median, times.map(Math.round).join(" ")).to.be.lessThan(600);
  });
});
