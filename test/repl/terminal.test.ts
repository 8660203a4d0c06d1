import { expect } from "chai";
import { PassThrough } from "node:stream";

import { runTerminal } from "../../src/repl/terminal.ts";
import { shellInto } from "./typed.ts";

/** What somebody sees who types these lines, each when a prompt asks for it, and then ^D; or all of
 * them with ^D at once, whatever is being worked on. */
async function typed(lines: readonly string[], atOnce = false): Promise<string> {
  const seen: string[] = [];
  const shell = shellInto(seen);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = lines.map((line) => `${line}\n`);
  output.on("data", (chunk: Buffer) => {
    seen.push(chunk.toString());
    if (atOnce || !/(?:> |\.\.\. )$/.test(seen.join(""))) return;
    const line = left.shift();
    setImmediate(() => (line === undefined ? input.end() : input.write(line)));
  });
  const ended = runTerminal(shell, { input, output, keys: false });
  if (atOnce) input.end(left.join(""));
  await ended;
  return seen.join("");
}

describe("a session at a terminal", () => {
  it("prompts, asks for more where an entry goes on, and leaves by a command", async () => {
    const seen = await typed([
      "edge(1, 2).",
      "edge(1,",
      "X)?",
      ".mode facts",
      "edge(X, 2)?",
      ".exit",
    ]);
    expect(seen).to.include("calm> note: declared: .decl edge(x1: number, x2: number)\ncalm> ");
    expect(seen).to.include("  ... edge(1, X): 1 tuple\n");
    expect(seen).to.include("calm> calm> answer(1).\ncalm> ");
  });

  it("has directives of the language, beginnings of commands, and unknown ones", async () => {
    const seen = await typed([".decl p(x: number)", "p(1).", ".sch p", ".bax", "p(X)?"]);
    expect(seen).to.include(".decl p(x: number)\n");
    expect(seen).to.include('error: there is no command ".bax"');
    expect(seen).to.include("p(X): 1 tuple");
  });

  it("ends an entry that nothing would end by an empty line", async () => {
    const seen = await typed(["edge(1, 2", "", "edge(3, 4).", "edge(X, _)?"]);
    expect(seen).to.include("error[unclosed-bracket]");
    expect(seen).to.include("edge(X, _): 1 tuple");
  });

  it("carries out what was typed before the end", async () => {
    const seen = await typed(["p(1).", ".mode facts", ".sch p", "p(X)?", ".sch p"], true);
    expect(seen.match(/^(?:calm> )*\.decl p\(x1: number\)$/gm)).to.have.length(2);
    expect(seen).to.include("answer(1).");
  });

  it("reloads nothing where no file was loaded, and goes on", async () => {
    const seen = await typed([".watch on", ".watch off", ".reload", "1 = 1?", "p(1).", "1 = 1?"]);
    expect(seen).to.include("error: no program was loaded");
    expect(seen).to.include("1 = 1: holds");
  });
});
