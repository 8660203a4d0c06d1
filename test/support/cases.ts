/** The runner of case files, the form in which most of our tests are written.
 *
 * A file holds cases, separated by blank lines. A case is an optional comment (`#` lines, the
 * first sentence is the test's name), a line `command [arguments]`, input lines, a line `----`,
 * and the expected output up to the next blank line. Only `----` ends the input, so it may hold
 * blank lines and lines with `#`. Output with blank lines stands between doubled `----` lines:
 *
 *     # A relation is printed in value order.
 *     run --quiet
 *     p(2). p(1).
 *     ----
 *     ----
 *     p
 *
 *     1
 *     2
 *     ----
 *     ----
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

/** What a case's first word names: from the input, without a newline at its end, and the rest of
 * the first line's words to the output. */
export type Command = (input: string, args: string[]) => string | Promise<string>;

/** One case of a file; line numbers count from 0. The output's lines run from `outputFrom` up to
 * but without `outputTo`, the doubled `----` lines included. */
export type Case = {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly expected: string;
  readonly line: number;
  readonly outputFrom: number;
  readonly outputTo: number;
};

const casesFolder = fileURLToPath(new URL("../cases", import.meta.url));
const rule = "----";

/** Registers one test for each case of `test/cases/DIR/*.txt`. With `UPDATE=1` the files are
 * rewritten with what the commands answer. A folder without cases is an error. */
export function runCases(dir: string, commands: Readonly<Record<string, Command>>): void {
  const folder = resolve(casesFolder, dir);
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  if (files.length === 0) throw new Error(`no case files in ${folder}`);
  for (const name of files.toSorted()) runFile(join(folder, name), commands);
}

function runFile(path: string, commands: Readonly<Record<string, Command>>): void {
  const text = readFileSync(path, "utf8");
  const cases = readCases(text, basename(path));
  if (cases.length === 0) throw new Error(`no cases in ${path}`);
  const updating = process.env["UPDATE"] === "1";
  const outputs = new Map<Case, string>();

  describe(basename(path, ".txt"), () => {
    for (const one of cases) {
      it(one.title, async () => {
        const command = commands[one.command];
        if (command === undefined) {
          const known = Object.keys(commands).join(", ");
          throw new Error(`${path}:${one.line + 1}: no command ${one.command} (known: ${known})`);
        }
        const output = withoutEndingNewlines(await command(one.input, [...one.args]));
        if (updating) outputs.set(one, output);
        else expect(output, `${path}:${one.line + 1}`).to.equal(one.expected);
      });
    }
    if (updating) {
      after(() => {
        const rewritten = withOutputs(text, outputs);
        if (rewritten !== text) writeFileSync(path, rewritten);
      });
    }
  });
}

/** The cases of a file's text, in order. Throws where a case has no `----`. */
export function readCases(text: string, name: string): Case[] {
  const lines = linesOf(text);
  const cases: Case[] = [];
  let at = 0;
  for (;;) {
    const comment: string[] = [];
    for (; at < lines.length && /^\s*(#|$)/.test(lineAt(lines, at)); at++) {
      if (lineAt(lines, at).trim() === "") comment.length = 0;
      else comment.push(lineAt(lines, at).replace(/^\s*#\s*/, ""));
    }
    if (at >= lines.length) return cases;

    const line = at;
    const [command = "", ...args] = lineAt(lines, line).trim().split(/\s+/);
    const ruleAt = lines.indexOf(rule, line + 1);
    if (ruleAt < 0) throw new Error(`${name}:${line + 1}: the case has no line ${rule}`);
    const input = lines.slice(line + 1, ruleAt).join("\n");
    const { expected, to } = readOutput(lines, ruleAt + 1, name);
    const title = firstSentence(comment) ?? `${lineAt(lines, line).trim()} (line ${line + 1})`;
    cases.push({
      title,
      command,
      args,
      input,
      expected,
      line,
      outputFrom: ruleAt + 1,
      outputTo: to,
    });
    at = to;
  }
}

function readOutput(lines: string[], from: number, name: string): { expected: string; to: number } {
  if (lines[from] !== rule) {
    const blankAt = lines.indexOf("", from);
    const to = blankAt < 0 ? lines.length : blankAt;
    return { expected: lines.slice(from, to).join("\n"), to };
  }
  for (let at = from + 1; at + 1 < lines.length; at++) {
    if (lines[at] === rule && lines[at + 1] === rule) {
      return { expected: lines.slice(from + 1, at).join("\n"), to: at + 2 };
    }
  }
  throw new Error(`${name}:${from + 1}: the doubled ${rule} is not closed by another`);
}

/** The text with the outputs of these cases put in place of the ones it expects; everything else
 * stays as it is. */
export function withOutputs(text: string, outputs: ReadonlyMap<Case, string>): string {
  const lines = linesOf(text);
  const rewritten: string[] = [];
  let at = 0;
  for (const [one, output] of [...outputs].toSorted(([a], [b]) => a.line - b.line)) {
    rewritten.push(...lines.slice(at, one.outputFrom), ...outputLines(output));
    at = one.outputTo;
    if (at < lines.length && lines[at] !== "") rewritten.push("");
  }
  rewritten.push(...lines.slice(at));
  return rewritten.join("\n") + "\n";
}

function outputLines(output: string): string[] {
  if (output === "") return [];
  const lines = output.split("\n");
  const doubled = lines.includes("") || lines[0] === rule;
  if (!doubled) return lines;
  if (lines.some((line, at) => line === rule && lines[at + 1] === rule)) {
    throw new Error(`the output holds two lines ${rule} in a row, which no case file can hold`);
  }
  return [rule, ...lines, rule, rule];
}

function linesOf(text: string): string[] {
  return withoutEndingNewlines(text.replaceAll("\r\n", "\n")).split("\n");
}

function lineAt(lines: readonly string[], at: number): string {
  return lines[at] ?? "";
}

function firstSentence(comment: readonly string[]): string | undefined {
  const text = comment.join(" ").trim();
  return text === ""
    ? undefined
    : (/^.*?[.:?!](?=\s|$)/.exec(text)?.[0] ?? text).replace(/[.:]$/, "");
}

function withoutEndingNewlines(text: string): string {
  return text.replace(/\n+$/, "");
}
