// The extension of VS Code: its parts are there, and its grammar has the words of the language.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { directiveWords, reservedWords } from "../../src/syntax/tokens.ts";
import { qualifierWords } from "../../src/syntax/tree.ts";

const folder = fileURLToPath(new URL("../../editors/vscode/", import.meta.url));

function json(name: string): unknown {
  return JSON.parse(readFileSync(folder + name, "utf8"));
}

type Pattern = {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly name?: string;
  readonly patterns?: readonly Pattern[];
};

type Grammar = Pattern & {
  readonly scopeName: string;
  readonly repository: Readonly<Record<string, Pattern>>;
};

describe("the extension of VS Code", () => {
  const { contributes, main } = json("package.json") as {
    readonly main: string;
    readonly contributes: {
      readonly languages: readonly { readonly configuration: string }[];
      readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
      readonly problemMatchers: readonly { readonly pattern: object }[];
    };
  };
  const grammar = json("syntaxes/calm.tmLanguage.json") as Grammar;

  const all = (pattern: Pattern): Pattern[] => [pattern, ...(pattern.patterns ?? []).flatMap(all)];
  const patterns = [grammar, ...Object.values(grammar.repository)].flatMap(all);

  it("names files that are there", () => {
    const [language] = contributes.languages;
    const [own] = contributes.grammars;
    for (const path of [main, language!.configuration, own!.path])
      expect(existsSync(folder + path), path).to.equal(true);
    expect(own!.scopeName).to.equal(grammar.scopeName);
  });

  it("has the problem matcher of the other files", () => {
    const tasks = JSON.parse(readFileSync(`${folder}../vscode-tasks.json`, "utf8")) as {
      readonly tasks: readonly { readonly problemMatcher: { readonly pattern: object } }[];
    };
    expect(contributes.problemMatchers[0]!.pattern).to.deep.equal(
      tasks.tasks[0]!.problemMatcher.pattern,
    );
  });

  it("has a grammar of regular expressions, and of parts that there are", () => {
    for (const { match, begin, end, include } of patterns) {
      for (const text of [match, begin, end]) if (text !== undefined) new RegExp(text);
      if (include !== undefined) expect(grammar.repository).to.have.property(include.slice(1));
    }
  });

  it("knows every word and directive of the language", () => {
    const words = patterns.filter(({ name = "" }) =>
      /^(?:keyword|support|constant|storage)/.test(name),
    );
    const known = (word: string, around: string): boolean =>
      words.some(({ match }) => {
        const found = match === undefined ? null : new RegExp(match).exec(around);
        return found?.[0].trim() === word;
      });
    const missing = [
      ...[...reservedWords].filter((word) => !known(word, ` ${word} `)),
      ...directiveWords.filter((word) => !known(word, `${word} x`)),
      ...qualifierWords.filter((word) => !known(word, `) ${word}`)),
    ];
    expect(missing).to.deep.equal([]);
  });
});
