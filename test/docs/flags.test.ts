import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { calm } from "../programs/calm.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const flag = /(?<![\w-])--[a-z][\w-]*/g;

/** Flags that pages name of programs that are not ours. */
const others: Readonly<Record<string, readonly string[]>> = {
  curl: ["--data-urlencode", "--retry"],
  etcd: ["--client-cert-auth", "--prefix", "--quota-backend-bytes"],
  maelstrom: [
    ...["--bin", "--concurrency", "--consistency-models", "--nemesis", "--node-count"],
    "--time-limit",
  ],
  node: ["--cpu-prof", "--expose-gc", "--import", "--max-semi-space-size"],
  npm: ["--omit"],
  souffle: [
    ...["--emit-statistics", "--live-profile", "--preprocessor", "--profile-frequency"],
    "--show",
  ],
  vscode: ["--allow-missing-repository", "--install-extension", "--skip-license"],
};

const pages = ["", "docs", "docs/errors", "bench", "programs", "editors", "editors/vscode"]
  .concat(readdirSync(join(root, "templates")).map((name) => `templates/${name}`))
  .flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md")
      .map((name) => join(folder, name)),
  );

describe("the flags that pages name", () => {
  const known = new Set(Object.values(others).flat());
  before(async () => {
    for (const name of commandsOf(await helpOf())) {
      for (const part of commandsOf(await helpOf(name))) await helpOf(name, part);
    }
    for (const folder of ["scripts", "bench"])
      for (const file of readdirSync(join(root, folder)).filter((name) => /\.m?[tj]s$/.test(name)))
        for (const one of flagsOfScript(readFileSync(join(root, folder, file), "utf8")))
          known.add(one);
  });

  /** What a command says of itself, whose flags are known from then on. */
  async function helpOf(...words: readonly string[]): Promise<string> {
    const { stdout } = await calm([...words, "--help"]);
    for (const [name] of stdout.matchAll(flag)) known.add(name);
    return stdout;
  }

  for (const page of pages)
    it(`are there: ${page}`, () => {
      const named = [...readFileSync(join(root, page), "utf8").matchAll(flag)];
      const unknown = named.map(([name]) => name).filter((name) => !known.has(name));
      expect([...new Set(unknown)]).to.deep.equal([]);
    });

  it("of other programs are named somewhere", () => {
    const all = pages.map((page) => readFileSync(join(root, page), "utf8")).join("\n");
    const named = new Set([...all.matchAll(flag)].flat());
    const unnamed = Object.values(others).flatMap((flags) =>
      flags.filter((one) => !named.has(one)),
    );
    expect(unnamed).to.deep.equal([]);
  });

  it("would be seen not to be", () => {
    expect(pages).to.include.members(["README.md", "docs/node.md", "bench/README.md"]);
    expect(known.has("--no-such-flag")).to.equal(false);
    for (const name of ["--etcd-user", "--await-ready", "--at-least", "--faults"])
      expect(known.has(name), name).to.equal(true);
    expect([..."a --b-c, `--d=1` x--y ---z".matchAll(flag)].flat()).to.deep.equal(["--b-c", "--d"]);
  });
});

/** The commands that a help lists. */
function commandsOf(help: string): string[] {
  return [...help.matchAll(/^ {2}([a-z]+)[ |]/gm)].map(([, name = ""]) => name);
}

/** The flags of a script: what it gives `parseArgs`, or looks for itself. */
function flagsOfScript(text: string): string[] {
  const parsed = [...text.matchAll(/^\s*"?([a-z][a-z-]+)"?: \{ type:/gm)];
  return [...parsed.map(([, name = ""]) => `--${name}`), ...[...text.matchAll(flag)].flat()];
}
