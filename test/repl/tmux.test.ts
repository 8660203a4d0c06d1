// A session in a real terminal, through all its commands. What its screen shows is kept in
// `tmux.transcript.txt`, which UPDATE=1 writes anew: read every changed line.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { commands } from "../../src/repl/commands.ts";
import { inFolder } from "../programs/calm.ts";
import { closure, TestNodes } from "../server/nodes.ts";
import { until } from "../support/cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const transcript = join(root, "test/repl/tmux.transcript.txt");
const waitMs = 30_000;

const prompt = /(?:^|\n)(?:calm>|127\.0\.0\.1:\d+>| {2}\.\.\.)$/;

/** What is typed, line by line; a tabulator is the key of that name. */
const typed = [
  ".help undo",
  ".load graph.dl",
  ".load edge.csv",
  ".sch\t path",
  ".rels",
  ".rules",
  "path(1,",
  "X)?",
  "edge(4, 5).",
  "-edge(1, 2).",
  ".undo",
  ".redo",
  ".undo",
  "edge(9, 9",
  "^C",
  ".explain path(1, 5) depth 1",
  ".expand 2",
  ".collapse 1",
  ".whynot path(5, 1)",
  ".calm path",
  ".plan path(1, X)",
  ".mode facts",
  ".limit 2",
  "path(1, X)?",
  ".mode table",
  "path(X, Y)?",
  ".limit 100",
  ".once answers.csv",
  "path(1, X)?",
  ".output all.txt",
  "path(1, X)?",
  ".output",
  ".set N 3",
  "path(N, X)?",
  ".dump edge",
  ".dump",
  ".save saved",
  ".timer on",
  "path(5, 1)?",
  ".timer off",
  ".watch on",
  ".watch off",
  ".reload",
  ".profile",
  ".connect URL",
  "edge(1, 2). edge(2, 3).",
  ".live path",
  "path(1, X)?",
  "-edge(1, 2).",
  ".explain path(1, 3) depth 1",
  ".node",
  ".live",
  ".disconnect",
  ".nothing",
  ".help",
  ".quit",
];

/** A terminal of its own. */
class Terminal {
  private readonly socket = `calm-test-${process.pid}`;
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    const config = join(folder, "tmux.conf");
    writeFileSync(config, "set -g history-limit 20000\nset -g remain-on-exit on\n");
    const loader = join(root, "node_modules/tsx/dist/loader.mjs");
    const bin = join(root, "src/cli/bin.ts");
    const environment = { HOME: folder, PAGER: "sed s/^/page:/", CALM_TOKEN: "" };
    const variables = Object.entries(environment).flatMap(([name, value]) => [
      ...["-e", `${name}=${value}`],
    ]);
    const command = `${process.execPath} --import ${loader} ${bin} repl --color never`;
    const size = ["-x", "140", "-y", "30"];
    this.tmux("-f", config, "new-session", "-d", ...size, "-c", folder, ...variables, command);
  }

  tmux(...line: readonly string[]): string {
    const { stdout, stderr, status } = spawnSync("tmux", ["-u", "-L", this.socket, ...line], {
      encoding: "utf8",
    });
    expect([status, stderr], line.join(" ")).to.deep.equal([0, ""]);
    return stdout;
  }

  /** All that was shown. */
  screen(): string {
    return this.tmux("capture-pane", "-p", "-J", "-S", "-")
      .replace(/[ \t]+$/gm, "")
      .trimEnd();
  }

  /** Types a line, and waits until another is asked for. */
  async type(line: string): Promise<void> {
    const before = this.screen();
    for (const [at, part] of line.split("\t").entries()) {
      if (at > 0) {
        const unfinished = this.screen();
        this.tmux("send-keys", "Tab");
        await this.soon("the word is completed", () => this.screen() !== unfinished);
      }
      if (part === "^C") this.tmux("send-keys", "C-c");
      else this.tmux("send-keys", "-l", "--", part);
    }
    if (line !== "^C") this.tmux("send-keys", "Enter");
    await this.soon(`the prompt after ${line}`, () => {
      const now = this.screen();
      return now !== before && (prompt.test(now) || this.ended);
    });
  }

  /** Whether the session has ended. */
  get ended(): boolean {
    return this.tmux("display-message", "-p", "#{pane_dead}").trim() === "1";
  }

  async soon(what: string, holds: () => boolean): Promise<void> {
    await until(what, Date.now() + waitMs, () => Promise.resolve(holds()));
  }

  end(): void {
    spawnSync("tmux", ["-L", this.socket, "kill-server"]);
  }
}

describe("a session in a terminal", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("goes through all commands", async function () {
    this.timeout(10 * waitMs);
    if (spawnSync("tmux", ["-V"]).error !== undefined) {
      expect(process.env["CI"], "tmux is to be installed: apt-get install -y tmux").to.equal(
        undefined,
      );
      console.error("      tmux is not installed: apt-get install -y tmux");
      this.skip();
    }
    const { url } = await nodes.start(closure);
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "edge.csv"), "2,3\n3,4\n");
      writeFileSync(
        join(folder, "graph.dl"),
        `.decl edge(x: number, y: number)
edge(1, 2).
.decl path(x: number, y: number)
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
`,
      );
      const terminal = new Terminal(folder);
      try {
        await terminal.soon("the first prompt", () => terminal.screen().endsWith("calm>"));
        for (const line of typed) await terminal.type(line.replace("URL", url));
        const shown = terminal
          .screen()
          .replaceAll(folder, "FOLDER")
          .replaceAll(new URL(url).host, "HOST")
          .replace(/time: [\d.]+ ms/g, "time: N ms")
          .replace(/ of a\/\d+/g, " of a/1")
          .replace(/[\da-f]{64}/g, "HASH")
          .replace(/^(.* \d+ +\d+ +)[\d.]+$/gm, "$1N")
          // Rules stand by how long they took.
          .replace(/^(?:.* \d+ +\d+ +N\n)+/gm, (rules) =>
            rules
              .split(/(?<=\n)/)
              .toSorted()
              .join(""),
          )
          .replace(/\nPane is dead[^]*$/, "");
        if (process.env["UPDATE"] === "1") writeFileSync(transcript, `${shown}\n`);
        expect(`${shown}\n`).to.equal(readFileSync(transcript, "utf8"));
        expect(readFileSync(join(folder, "answers.csv"), "utf8")).to.contain("path(1, X)");
        expect(readFileSync(join(folder, "saved/session.dl"), "utf8")).to.contain("edge(4, 5).");
      } finally {
        terminal.end();
      }
    });
  });

  it("has a transcript of every command", () => {
    const words = typed.map((line) => /^\.(\w+)/.exec(line)?.[1] ?? "");
    const missing = commands.filter(
      ({ name }) => name !== "exit" && !words.some((word) => word !== "" && name.startsWith(word)),
    );
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });
});
