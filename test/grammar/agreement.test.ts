// The normative grammar (grammar/datalog.ne, by nearley) and the parser (src/syntax, by Chevrotain)
// were written apart from each other. Here they are held together: both accept a text or both
// refuse it, and what is accepted is derived in one way only.
// SEED=n takes another seed, COUNT=n makes more programs.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { readCases } from "../support/cases.ts";
import {
  mutatedText,
  mutatedTokens,
  programGenerator,
  spacedText,
} from "../support/generate-text.ts";
import { verdict } from "./verdict.ts";

const seed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["COUNT"] ?? 1200);
const mutationsOfEach = 2;

type Program = { readonly tokens: readonly string[]; readonly text: string };

const source = random(seed);
const generator = programGenerator();
const programs = Array.from({ length: count }, (): Program => {
  const tokens = generator.tokens(source, source.between(1, 3), 90);
  return { tokens, text: spacedText(tokens, source) };
});

/** What our own words are, in any of the four places where a word can name something. */
const ownWords =
  `message event memory system partition snapshot ordered seal transaction calm expect abort
  monotone coordinating level`.split(/\s+/);

describe("the grammar and the parser", () => {
  it("agree on every program and every case of the repository", () => {
    const texts = repositoryTexts();
    for (const { text, name } of texts) verdict(text, name);
    expect(texts.length).to.be.greaterThan(10);
  });

  it(`agree on ${count} generated programs, which use every production (SEED=${seed})`, () => {
    for (const [at, { text }] of programs.entries()) {
      expect(verdict(text, `SEED=${seed}, program ${at}`), text).to.equal("program");
    }
    expect(generator.unused()).to.deep.equal([]);
  });

  it(`agree on ${count * mutationsOfEach} mutations of them (SEED=${seed})`, () => {
    let accepted = 0;
    for (const [at, program] of programs.entries()) {
      for (let mutation = 0; mutation < mutationsOfEach; mutation++) {
        const name = `SEED=${seed}, program ${at}, mutation ${mutation}`;
        if (verdict(mutated(program), name) === "program") accepted++;
      }
    }
    // Else the mutations would be too coarse to find the edges of the language.
    expect(accepted).to.be.within(count / 10, (count * mutationsOfEach * 9) / 10);
  });

  for (const word of ownWords) {
    it(`take ${word} as a relation, a type, an attribute and a variable`, () => {
      const text = `.type ${word} <: number
        .decl ${word}(${word}: ${word}, other: ${word}) ${word === "ordered" ? "ordered(other)" : ""}
        ${word}(1, 2).
        ${word}(${word}, 1) :- ${word}(_, ${word}), !a.${word}(${word}), ${word} > 1.
        .comp ${word}<${word}> { .decl ${word}() ${word}() . }
        .init ${word} = ${word}<${word}>
        .output ${word}, ${word}.${word}(${word}=${word})`;
      expect(verdict(text)).to.equal("program");
    });
  }
});

/** One or two mutations of a program: of its tokens, or of its characters. */
function mutated({ tokens, text }: Program): string {
  const once = source.chance(0.5)
    ? mutatedText(text, source)
    : spacedText(mutatedTokens(tokens, source), source);
  return source.chance(0.2) ? mutatedText(once, source) : once;
}

/** All programs, and the inputs of all cases whatever they are cases of. */
function repositoryTexts(): { text: string; name: string }[] {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  return ["programs", "test", "bench", "scripts"].flatMap((folder) =>
    filesBelow(join(root, folder)).flatMap((name) => {
      const text = (): string => readFileSync(name, "utf8");
      if (name.endsWith(".dl")) return [{ text: text(), name }];
      if (!name.includes("cases") || !name.endsWith(".txt")) return [];
      return readCases(text(), name).map(({ input, line }) => ({
        text: input,
        name: `${name}:${line + 1}`,
      }));
    }),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
