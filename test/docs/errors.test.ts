import { expect } from "chai";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sqlite from "node-sqlite3-wasm";
import ts from "typescript";

import { pageOf } from "../../src/cli/explain-code.ts";
import { meanings } from "../../src/cli/meanings.ts";
import { place, type SourceText, sources, vertices } from "../architecture/sources.ts";
import { calm, inFolder } from "../programs/calm.ts";

/** A page says of its examples in fenced blocks what they are: `dl` the program, in `program.dl`,
 * any language with a name behind it that file, maybe in a folder (`sql` makes a database of it), `sh` the command
 * that is run, which is `calm run program.dl` where none stands. `last-line-times=N` behind a name
 * stands for a file whose last line is there so often. */
const defaultCommand = "calm run program.dl";

/** Codes that come with others, as they count or follow those. */
const companions: Readonly<Record<string, readonly string[]>> = {
  "too-many-errors": ["bad-value"],
};

/** Codes whose broken example takes more memory than a test may have, with how much. */
const withoutRun: Readonly<Record<string, string>> = { "too-many-values": "gigabytes of text" };

const folder = fileURLToPath(new URL("../../docs/errors", import.meta.url));
const pages = readdirSync(folder).toSorted();
const codes = Object.keys(meanings);

describe("the codes of findings", () => {
  it("have a page each, and there is no other page", () => {
    expect(pages).to.deep.equal(codes.map((code) => `${code}.md`).toSorted());
  });

  it("are listed in order, and each in one list", () => {
    const lists = sources.filter(({ path }) => path.endsWith("/codes.ts")).map(listed);
    expect(lists).to.deep.equal(lists.map((list) => list.toSorted()));
    expect(lists.flat().toSorted()).to.deep.equal(codes.toSorted());
  });

  it("are all listed", () => {
    const used = sources.flatMap(({ path, tree }) =>
      [...vertices(tree)].flatMap((vertex) =>
        codesIn(vertex).map((code) => ({ code, at: place(path, vertex) })),
      ),
    );
    expect(used.length).to.be.greaterThan(20);
    const unlisted = used.filter(({ code }) => !codes.includes(code));
    expect(unlisted.map(({ code, at }) => `${at}: ${code}`)).to.deep.equal([]);
  });

  it("are named by a type wherever they are passed on", () => {
    const untyped = sources.flatMap(({ path, tree }) =>
      [...vertices(tree)].filter(takesAnyCode).map((vertex) => place(path, vertex)),
    );
    // `Diagnostic` knows no stage; and the command reads words that are meant to be codes.
    expect(untyped.filter((at) => !/^(?:base\/diagnostic|cli\/.*)\.ts:/.test(at))).to.deep.equal(
      [],
    );
  });

  it("are given somewhere", () => {
    const texts = sources.filter(({ path }) => !path.endsWith("/codes.ts"));
    const all = texts.map(({ text }) => text).join("\n");
    expect(codes.filter((code) => !all.includes(code))).to.deep.equal([]);
  });
});

describe("calm check --explain", () => {
  it("prints the page of a code", async () => {
    const { code, stdout, stderr } = await calm(["check", "--explain", "unsafe-variable"]);
    expect(stdout).to.equal(readFileSync(join(folder, "unsafe-variable.md"), "utf8"));
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
  });

  it("says of another word what it may mean", async () => {
    const { code, stderr } = await calm(["check", "--explain", "unsafe-varable"]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/no code "unsafe-varable"\n {2}did you mean unsafe-variable\?/);
    const part = await calm(["check", "--explain", "escape"]);
    expect(part.stderr).to.match(/codes that contain this are unknown-escape\n/);
    expect((await calm(["check", "--explain", "constructor"])).code).to.equal(2);
  });
});

for (const code of codes.filter((name) => pages.includes(`${name}.md`))) {
  describe(`docs/errors/${code}.md`, () => {
    const page = pageOf(code);

    it("begins with what the code means", () => {
      const meaning = meanings[code] ?? "";
      const sentence = `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1)}.`;
      expect(page.startsWith(`# ${code}\n\n${sentence}\n`), page.slice(0, 200)).to.equal(true);
      expect(page.split("\n").length).to.be.within(12, 60);
    });

    if (!(code in withoutRun))
      it("has a broken example with this code alone", async () => {
        const { found, exit, text } = await outcome(sectionOf(page, "Broken"));
        const others = found.filter((other) => !(companions[code] ?? []).includes(other.code));
        expect(new Set(others.map((other) => other.code)), text).to.deep.equal(new Set([code]));
        const errors = found.some(({ severity }) => severity === "error");
        expect(exit).to.be.oneOf(errors ? [1, 3] : [0]);
      });

    it("has a repaired example in which nothing is found", async () => {
      const { found, exit, text } = await outcome(sectionOf(page, "Repaired"));
      expect(found, text).to.deep.equal([]);
      expect(exit, text).to.equal(0);
    });
  });
}

/** One of the sections of a page, from its heading to the next. */
function sectionOf(page: string, name: string): string {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${name}\n`));
  if (section === undefined) throw new Error(`no section ${name}`);
  return section;
}

/** Runs the example of a section in a folder of its own. */
function outcome(section: string): Promise<{
  readonly exit: number;
  readonly text: string;
  readonly found: readonly { readonly severity: string; readonly code: string }[];
}> {
  return inFolder(async (home) => {
    const all = blocksOf(section);
    const command = all.find(({ language }) => language === "sh")?.text ?? defaultCommand;
    const blocks = all.filter(({ language }) => language !== "sh");
    for (const { language, name, text } of blocks)
      if (language === "sql") makeDatabase(join(home, name), text);
      else {
        mkdirSync(dirname(join(home, name)), { recursive: true });
        writeFileSync(join(home, name), text);
      }
    const [, ...words] = command.trim().split(/\s+/);
    // What is a file of the example lies in its folder, as all that the program names does.
    const files = blocks.flatMap(({ name }) => [name, dirname(name)]).filter((of) => of !== ".");
    expect(files).to.include("program.dl");
    const argv = words.map((word) => (files.includes(word) ? join(home, word) : word));
    const { code, stderr, stdout } = await calm([
      ...argv,
      ...(words[0] === "run" ? ["-F", home, "-D", home] : []),
    ]);
    const text = words[0] === "check" ? stdout : stderr;
    const found = [...text.matchAll(/\b(error|warning)\[([\w-]+)\]/g)];
    return {
      exit: code,
      found: found.map(([, severity = "", of = ""]) => ({ severity, code: of })),
      text,
    };
  });
}

/** A fenced block of an example. */
type Block = { readonly language: string; readonly name: string; readonly text: string };

function blocksOf(section: string): Block[] {
  const fence = /^```(\w+)(?: (\S+)(?: last-line-times=(\d+))?)?\n([^]*?)^```$/gm;
  return [...section.matchAll(fence)].map((match) => {
    const [, language = "", name = "program.dl", times = "1", text = ""] = match;
    const lastAt = text.lastIndexOf("\n", text.length - 2) + 1;
    const repeated = text.slice(0, lastAt) + text.slice(lastAt).repeat(Number(times));
    return { language, name, text: repeated };
  });
}

function makeDatabase(path: string, text: string): void {
  const database = new sqlite.Database(path);
  try {
    database.exec(text);
  } finally {
    database.close();
  }
}

/** The codes that a list declares. */
function listed({ tree }: SourceText): string[] {
  const assigned = [...vertices(tree)].filter(ts.isPropertyAssignment);
  return assigned.map(({ name }) => (ts.isStringLiteral(name) ? name.text : name.getText()));
}

/** The codes that a vertex of the sources gives to a finding, written out. */
function codesIn(vertex: ts.Node): string[] {
  if (ts.isPropertyAssignment(vertex) && vertex.name.getText() === "code") {
    const { initializer } = vertex;
    return ts.isStringLiteral(initializer) ? [initializer.text] : [];
  }
  if (ts.isStringLiteral(vertex) || ts.isTemplateHead(vertex))
    return [...vertex.text.matchAll(/\b(?:error|warning)\[([\w-]+)\]/g)].map(
      ([, code = ""]) => code,
    );
  return [];
}

/** Whether a vertex declares a `code` that is any string. */
function takesAnyCode(vertex: ts.Node): boolean {
  if (!ts.isParameter(vertex) && !ts.isPropertySignature(vertex)) return false;
  if (vertex.name.getText() !== "code") return false;
  return vertex.type?.kind === ts.SyntaxKind.StringKeyword;
}
