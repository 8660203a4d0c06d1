// The table of what begins each alternative of the grammar, held against Chevrotain's own analysis.
// UPDATE=1 rewrites it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import type { TokenType } from "chevrotain";

import { Parser } from "../../src/syntax/parser.ts";
import { placeOf } from "../../src/syntax/prepared-parser.ts";
import { vocabulary } from "../../src/syntax/tokens.ts";

const file = fileURLToPath(new URL("../../src/syntax/lookahead.ts", import.meta.url));

/** What Chevrotain made of the grammar: a function for each place at which the parser chooses. */
type Analysed = {
  readonly shortRuleNameToFull: Readonly<Record<number, string>>;
  readonly lookAheadFuncsCache: ReadonlyMap<number, Choice>;
};

type Choice = (
  this: { LA_FAST(): { readonly tokenTypeIdx: number | undefined } },
  alternatives: readonly { GATE?: () => boolean }[],
) => number | boolean | undefined;

const alternativesMax = 32;

describe("the lookahead of the parser", () => {
  it("is what Chevrotain's analysis of the grammar finds", () => {
    const { shortRuleNameToFull, lookAheadFuncsCache } = new Parser({
      validated: true,
    }) as unknown as Analysed;
    const lines = [...lookAheadFuncsCache].map(([key, choice]) => {
      const starts = startsOf(choice).map((types) => withoutMembers(types).join(" "));
      return wrapped(`${placeOf(key, shortRuleNameToFull)}: ${starts.join(" | ")}`);
    });
    const text = readFileSync(file, "utf8");
    const analysed = text.replace(/`\n[^`]*`;/, `\`\n${lines.sort().join("\n")}\n\`;`);
    if (process.env["UPDATE"] === "1") writeFileSync(file, analysed);
    else expect(text, "UPDATE=1 rewrites it").to.equal(analysed);
  });
});

/** Returns what may begin each alternative at a place. One token may begin several, between which
 * their gates decide: each is asked for with the gates of those before it closed. */
function startsOf(choice: Choice): TokenType[][] {
  const starts: TokenType[][] = [];
  for (const type of vocabulary) {
    const closed = new Set<number>();
    for (;;) {
      const alternatives = Array.from({ length: alternativesMax }, (_, at) => ({
        GATE: () => !closed.has(at),
      }));
      const found = choice.call(
        { LA_FAST: () => ({ tokenTypeIdx: typeIndex(type) }) },
        alternatives,
      );
      if (found === undefined || found === false) break;
      const at = found === true ? 0 : found;
      if (closed.has(at)) break;
      closed.add(at);
      for (let before = starts.length; before <= at; before++) starts.push([]);
      starts[at]?.push(type);
    }
  }
  return starts;
}

function typeIndex(type: TokenType): number | undefined {
  return type.tokenTypeIdx;
}

/** The names of types without those that belong to another one of them. */
function withoutMembers(types: readonly TokenType[]): string[] {
  return types
    .filter((type) => !type.CATEGORIES?.some((category) => types.includes(category)))
    .map(({ name }) => name)
    .sort();
}

/** Breaks a line after 100 columns at most, and indents what follows. */
function wrapped(line: string): string {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 100)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.join("\n");
}
