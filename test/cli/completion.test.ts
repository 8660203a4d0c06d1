import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { calm, inFolder } from "../programs/calm.ts";

/** How each shell is asked what completes a line, in a folder with the script; it prints a line for
 * each word. */
const shells = {
  bash: (line: string): readonly string[] => {
    const split = line.replaceAll("=", " = ").split(/ (?=\S|$)/);
    const words = split.map((word) => `'${word.replaceAll("'", "'\\''").trim()}'`).join(" ");
    const ask = `COMP_WORDS=(${words}) COMP_CWORD=${String(split.length - 1)}; _calm`;
    return ["bash", "--norc", "-c", `. ./script; ${ask}; printf '%s\\n' "\${COMPREPLY[@]}"`];
  },
  fish: (line: string): readonly string[] => [
    "fish",
    "--no-config",
    "-c",
    `source script; complete -C ${JSON.stringify(line)} | string replace -r '\\t.*' ''`,
  ],
  zsh: (line: string): readonly string[] => ["zsh", "-f", "-c", zshAsking, "zsh", line],
};

/** Types a line and a tab into a zsh on a terminal of its own, which says what it would add. Its
 * prompt is there when it reads keys. */
const zshAsking = `
zmodload zsh/zpty
zpty child zsh -f -i
zpty -w child 'PROMPT= RPROMPT=; stty -echo; setopt no_beep; autoload -Uz compinit; compinit -D -u'
zpty -w child '. ./script'
zpty -w child 'compadd() {
  if [[ " \${(j: :)@[1,(i)(-|--)]}" == *" -"[a-zA-Z]#[OAD](|" "*) ]]; then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -A hits "$@"; print -rl -- "" "HIT "$^hits; builtin compadd "$@"
}; setopt extendedglob; PROMPT=RE""ADY'
zpty -r -m child said '*READY*'
zpty -w -n child "$2$1"$'\\t'$'\\C-u''print -r -- DO""NE'$'\\n'
zpty -r -m child said '*DONE*'
print -r -- "$said" | tr -d '\\r' | sed -n 's/^HIT //p'
`;

describe("calm completion", () => {
  for (const [shell, asking] of Object.entries(shells)) {
    describe(shell, () => {
      const there = spawnSync(shell, ["--version"]).status === 0;

      /** What completes the last word of each line. */
      async function completed(lines: readonly string[]): Promise<(readonly string[])[]> {
        const { code, stdout: script } = await calm(["completion", shell]);
        expect(code).to.equal(0);
        return inFolder((folder) => {
          writeFileSync(join(folder, "script"), script);
          writeFileSync(
            join(folder, "reach.dl"),
            ".decl edge(x: number)\n  .decl path(x: number)\n.decl pair(x: number)\n",
          );
          writeFileSync(join(folder, "notes.md"), "");
          mkdirSync(join(folder, "facts"));
          return lines.map((line) => {
            const [command = "", ...args] = asking(line);
            const { stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
            expect(stderr, line).to.equal("");
            const words = stdout.split("\n").map((word) => word.trim());
            return [...new Set(words.filter((word) => word !== ""))].toSorted();
          });
        });
      }

      before(function () {
        // A machine need not have all shells, but one that runs CI; bash every one has that runs
        // these tests.
        if (there || shell === "bash") return;
        expect(process.env["CI"], `${shell} is to be installed`).to.equal(undefined);
        console.error(`      ${shell} is not installed`);
        this.skip();
      });

      it("completes commands and flags", async () => {
        const [commands, why, flags, below] = await completed([
          "calm c",
          "calm why",
          "calm run --fo",
          "calm node st",
        ]);
        expect(commands).to.deep.equal(["check", "completion"]);
        expect(why).to.deep.equal(["why", "whynot"]);
        expect(flags).to.deep.equal(["--format"]);
        expect(below).to.deep.equal(["status"]);
      }).timeout(180_000);

      it("completes what stands behind a flag", async () => {
        const [choices, near, folders, after, below] = await completed([
          "calm run reach.dl --format ",
          "calm check --format j",
          "calm run -F ",
          "calm run --format csv re",
          "calm node status --format ",
        ]);
        expect(choices).to.deep.equal(["csv", "json", "jsonl", "markdown", "table", "tsv"]);
        expect(near).to.deep.equal(["json", "junit"]);
        expect(folders?.map((name) => name.replace("/", ""))).to.deep.equal(["facts"]);
        expect(after).to.deep.equal(["reach.dl"]);
        expect(below).to.deep.equal(["json", "text"]);
      }).timeout(180_000);

      it("completes programs, and relations in goals", async () => {
        const [programs, goals, shellNames] = await completed([
          "calm run ",
          "calm why reach.dl pa",
          "calm completion ",
        ]);
        expect(programs).to.include("reach.dl").and.not.include("notes.md");
        // Quotes and the parenthesis are added where the shell needs them.
        expect(goals?.map((goal) => goal.replace(/\W/g, ""))).to.deep.equal(["pair", "path"]);
        expect(shellNames).to.deep.equal(["bash", "fish", "zsh"]);
      }).timeout(180_000);
    });
  }

  it("completes a value behind an equals sign, and within quotes, in bash", async () => {
    const { stdout: script } = await calm(["completion", "bash"]);
    await inFolder((folder) => {
      writeFileSync(join(folder, "script"), script);
      writeFileSync(join(folder, "a b.dl"), ".decl edge(x: number)\n");
      const ask = (words: string, at: number): string => {
        const command = `. ./script; COMP_WORDS=(${words}) COMP_CWORD=${String(at)}; _calm`;
        const args = ["--norc", "-c", `${command}; printf '%s\\n' "\${COMPREPLY[@]}"`];
        return spawnSync("bash", args, { cwd: folder, encoding: "utf8" }).stdout;
      };
      expect(ask("calm run --format = ts", 4)).to.equal("tsv\n");
      expect(ask("calm run --format =", 3)).to.equal("csv\ntsv\njson\njsonl\ntable\nmarkdown\n");
      expect(ask(`calm why 'a b.dl' "'ed"`, 3)).to.equal("edge(\n");
      expect(ask("calm why 'a b.dl' ed", 3)).to.equal("'edge(\n");
    });
  });

  it("refuses another shell", async () => {
    const { code, stderr } = await calm(["completion", "tcsh"]);
    expect(code).to.equal(2);
    expect(stderr).to.include("bash, zsh, fish");
  });
});
