import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { hasErrors } from "../../src/base/diagnostic.ts";
import { format } from "../../src/syntax/format.ts";
import { parse } from "../../src/syntax/parse.ts";
import { print } from "../../src/syntax/print.ts";
import { lex } from "../../src/syntax/tokens.ts";
import { readCases } from "../support/cases.ts";
import { programGenerator, spacedText } from "../support/generate-text.ts";
import { generatedTree } from "../support/generate-tree.ts";
import { withoutSpans } from "../support/tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["COUNT"] ?? 100);

describe("format", () => {
  it("keeps the meaning and the comments of every program of the repository, and is done", () => {
    let programs = 0;
    for (const { name, text } of texts()) {
      const options = { path: name, preprocess: false };
      if (/^[ \t]*#|\.include|\.once|__LINE__/m.test(text)) continue;
      if (hasErrors(parse(text, options).diagnostics)) continue;
      programs += 1;
      proves(text, name);
    }
    expect(programs).to.be.greaterThan(50);
  });

  it(`does so on random trees with comments at random (SEED=${seed} COUNT=${count})`, () => {
    for (let at = 0; at < count; at += 1) {
      const text = commented(print(generatedTree(seed + at)), seed + at);
      proves(text, `SEED=${seed + at}`);
    }
  });

  it(`gives one layout to texts that differ in blanks (SEED=${seed} COUNT=${count})`, () => {
    let programs = 0;
    for (let at = 0; at < count; at += 1) {
      const text = print(generatedTree(seed + at));
      // An annotation's text counts.
      if (/@!?\[/.test(text)) continue;
      programs += 1;
      const layouts = [text, loosened(text, seed + at), loosened(text, seed + at + 1)].map(
        (one) => format({ path: "a.dl", text: one }, { preprocess: false }).text,
      );
      expect(layouts[1], `SEED=${seed + at}\n${text}`).to.equal(layouts[0]);
      expect(layouts[2], `SEED=${seed + at}\n${text}`).to.equal(layouts[0]);
    }
    expect(programs).to.be.greaterThan(count / 4);
  });

  it("reports the errors of a text, and keeps one whose meaning depends on its layout", () => {
    const broken = format({ path: "a.dl", text: "a(1) :- ." });
    expect(broken.text).to.equal(undefined);
    expect(broken.diagnostics.map(({ code }) => code)).to.deep.equal(["unexpected-token"]);
    const source = { path: "a.dl", text: 'a( "x\r\ny" ).\r\n' };
    expect(format(source).text).to.equal(source.text);
    expect(format({ path: "a.dl", text: "a( 1 ).\r\n" }).text).to.equal("a(1).\n");
    expect(format({ path: "a.dl", text: " \n" }).text).to.equal("");
  });

  it("lays out lists of any length", () => {
    const tuples = Array.from({ length: 5_000 }, (_, at) => `(${at},${at})`).join(",\n");
    const text = `.expect a{${tuples}}\n${"a(1,2).\n".repeat(5_000)}`;
    const lines = (format({ path: "a.dl", text }).text ?? "").split("\n");
    expect(lines.slice(0, 3)).to.deep.equal([".expect a {", "  (0, 0),", "  (1, 1),"]);
    expect(lines.slice(-3)).to.deep.equal(["a(1, 2).", "a(1, 2).", ""]);
  });

  it(`does so on random sentences of the grammar (SEED=${seed} COUNT=${count})`, () => {
    const generator = programGenerator();
    let programs = 0;
    for (let at = 0; at < count; at += 1) {
      const chance = random(seed + at);
      const text = spacedText(generator.tokens(chance, 4, 30), chance);
      if (text.includes("__LINE__") || hasErrors(parse(text, { preprocess: false }).diagnostics))
        continue;
      programs += 1;
      proves(text, `SEED=${seed + at}`);
    }
    expect(programs).to.be.greaterThan(count / 4);
  });
});

/** A text with more blanks where it has some, and around brackets and commas. */
function loosened(text: string, own: number): string {
  const chance = random(own);
  const { tokens } = lex(text);
  let result = "";
  let end = 0;
  for (const { startOffset, image } of tokens) {
    const gap = text.slice(end, startOffset);
    const free = gap !== "" || /^[()[\]{},;]$/.test(image);
    result += gap + (free && chance.chance(0.4) ? chance.pick([" ", "  ", "\t"]) : "") + image;
    end = startOffset + image.length;
  }
  return result + text.slice(end);
}

/** Formats a text, and again; neither may change what it means or lose a comment. */
function proves(text: string, name: string): void {
  const source = { path: name, text };
  const once = format(source, { preprocess: false });
  expect(once.diagnostics, name).to.deep.equal([]);
  const result = once.text ?? "";
  const message = `${name}\n${text}\n---- becomes\n${result}`;
  const tree = parse({ ...source, text: result }, { preprocess: false }).tree;
  const before = parse(source, { preprocess: false }).tree;
  expect(withoutSpans(tree), message).to.deep.equal(withoutSpans(before));
  expect(comments(result), message).to.deep.equal(comments(text));
  expect(format({ path: name, text: result }, { preprocess: false }).text, message).to.equal(
    result,
  );
}

function comments(text: string): string[] {
  return lex(text.replaceAll("\r\n", "\n"))
    .comments.map(({ image }) => image.trimEnd())
    .toSorted();
}

/** A text with comments and line ends between some of its tokens. */
function commented(text: string, own: number): string {
  const chance = random(own);
  let result = "";
  let from = 0;
  let number = 0;
  for (const { startOffset } of lex(text).tokens) {
    result += text.slice(from, startOffset);
    from = startOffset;
    // A directive's word wants its operand on its line.
    if (/\.[a-z_]+\s*$/.test(result) || !chance.chance(0.15)) continue;
    number += 1;
    result += chance.pick([
      `/* ${number} */`,
      `/* ${number}\n more */\n`,
      `// ${number}\n`,
      `\n// ${number}\n`,
      "\n",
      "\n\n",
      `\n/* ${number} */\n`,
    ]);
  }
  return result + text.slice(from);
}

/** The texts of the repository: all programs, and the inputs of all cases, programs or not. */
function texts(): { name: string; text: string }[] {
  return ["programs", "test"].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
      .toSorted()
      .flatMap((name) => {
        if (!/\.(?:dl|txt)$/.test(name)) return [];
        const text = readFileSync(`${root}/${folder}/${name}`, "utf8");
        if (name.endsWith(".dl")) return [{ name, text }];
        if (!name.startsWith("cases/")) return [];
        return readCases(text, name).map(({ title, input }) => ({ name: title, text: input }));
      }),
  );
}
