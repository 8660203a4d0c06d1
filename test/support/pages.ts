// Pages of the manual that are followed as they are written: in one folder, from top to bottom, by a
// shell, with the command built from the source. A block says by its first line what it is:
//
//     ```dl reach.dl          any language and a name: a file with that text
//     ```console              lines after "$ " are commands, the others what they print; `exit 1`
//                             behind it says how the last one ends
//     ```sh terminal NAME     a command in a terminal of its own: it runs until the page ends, or
//                             ends it; the page goes on once it listens
//     <!-- kill NAME -->      what the reader is told to do there: kill -9
//     <!-- stop NAME -->      and Ctrl-C
//
// Ports in the text stand for ports that are free. With `UPDATE=1` pages are rewritten with what
// their commands print; read every changed line.
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { assert } from "../../src/base/assert.ts";
import { project } from "../programs/folder.ts";
import { builtCommand } from "./built-command.ts";

/** The ports that pages speak of. */
const ports = /\b(?:74|80)\d\d\b/g;

/** A fenced block of a page, or a comment that says what becomes of a terminal, whose language is
 * `kill` or `stop`. */
export type PageBlock = {
  readonly language: string;
  /** What follows the language. */
  readonly what: string;
  readonly text: string;
  readonly line: number;
  /** Where the text begins in the page. */
  readonly from: number;
};

/** Returns the fenced blocks of a text. */
export function pageBlocks(text: string): PageBlock[] {
  const parts = /^```(\w*)(?: ([^\n]*))?\n([^]*?)^```$|^<!-- (kill|stop) (\w+) -->$/gm;
  return [...text.matchAll(parts)].map((match) => {
    const [all, language = "", what = "", block = "", act, terminal = ""] = match;
    const from = match.index + all.indexOf("\n") + 1;
    const line = text.slice(0, match.index).split("\n").length;
    if (act !== undefined) return { language: act, what: terminal, text: "", line, from };
    return { language, what, text: block, line, from };
  });
}

/** A page that is being followed: what a reader has in front of him. */
export class FollowedPage {
  readonly blocks: readonly PageBlock[];
  private readonly path: string;
  private readonly text: string;
  private folder = "";
  private readonly ports = new Map<string, string>();
  private readonly terminals = new Map<string, ChildProcess>();
  private readonly printed = new Map<PageBlock, string>();

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(path, "utf8");
    this.blocks = pageBlocks(this.text);
  }

  /** Makes the folder, with the command on its path and the shipped programs in it, and finds ports for those of the text. */
  async begin(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), "calm-page-"));
    const bin = join(this.folder, ".bin");
    mkdirSync(bin);
    const command = `#!/bin/sh\nexec "${process.execPath}" "${builtCommand()}" "$@"\n`;
    writeFileSync(join(bin, "calm"), command);
    chmodSync(join(bin, "calm"), 0o755);
    symlinkSync(join(project, "programs"), join(this.folder, "programs"));
    for (const [port] of this.text.matchAll(ports))
      if (!this.ports.has(port)) this.ports.set(port, await freePort());
  }

  /** Writes the file of a block. */
  write({ what, text }: PageBlock): void {
    const path = join(this.folder, what);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.ours(text));
  }

  /** Starts what runs in a terminal of its own; returns once it listens. */
  async open({ what, text }: PageBlock): Promise<void> {
    const terminal = spawn("sh", ["-c", `exec ${this.ours(text).replaceAll("\\\n", " ")}`], {
      ...this.place(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.terminals.set(what, terminal);
    const said: string[] = [];
    const lines = createInterface({ input: terminal.stderr });
    const listens = new Promise<boolean>((resolve) => {
      lines.on("line", (line) => {
        said.push(line);
        if (/\blistens\b/.test(line)) resolve(true);
      });
      terminal.once("exit", () => resolve(false));
    });
    assert(await listens, `the terminal ended:\n${said.join("\n")}`);
  }

  /** Ends what runs in the terminal that a block names. */
  async end({ language, what }: PageBlock): Promise<void> {
    const terminal = this.terminals.get(`terminal ${what}`);
    assert(terminal !== undefined, `terminal ${what} was opened`);
    await ended(terminal, language === "kill" ? "SIGKILL" : "SIGINT");
  }

  /** Runs the commands of a block; returns it with what they print in place of what stands there,
   * and how the last one ended. */
  async run(block: PageBlock): Promise<{ readonly text: string; readonly code: number }> {
    let text = "";
    let code = 0;
    for (const [, command = ""] of block.text.matchAll(/^\$ ((?:.*\\\n)*.*)$/gm)) {
      const shell = spawn("sh", ["-c", `exec 2>&1; ${this.ours(command)}`], {
        ...this.place(),
        stdio: ["ignore", "pipe", "ignore"],
      });
      let output = "";
      shell.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
      const [status] = (await once(shell, "close")) as [number | null];
      code = status ?? -1;
      if (output !== "" && !output.endsWith("\n")) output += "\n";
      text += `$ ${command}\n${this.theirs(output)}`;
    }
    this.printed.set(block, text);
    return { text, code };
  }

  /** Ends what runs, removes the folder, and rewrites the page where that is asked for. */
  async close(): Promise<void> {
    for (const terminal of this.terminals.values()) await ended(terminal, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
    if (process.env["UPDATE"] !== "1") return;
    let updated = this.text;
    for (const [{ from, text }, printed] of [...this.printed].toReversed())
      updated = updated.slice(0, from) + printed + updated.slice(from + text.length);
    if (updated !== this.text) writeFileSync(this.path, updated);
  }

  private place(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
    const bin = join(this.folder, ".bin");
    const path = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
    return { cwd: this.folder, env: { ...process.env, PATH: path, NO_COLOR: "1" } };
  }

  private ours(text: string): string {
    return text.replace(ports, (port) => this.ports.get(port) ?? port);
  }

  /** What is printed, with the ports of the text. */
  private theirs(text: string): string {
    return [...this.ports].reduce((shown, [said, port]) => shown.replaceAll(port, said), text);
  }
}

async function ended(terminal: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (terminal.exitCode !== null || terminal.signalCode !== null) return;
  const end = once(terminal, "exit");
  terminal.kill(signal);
  await end;
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}
