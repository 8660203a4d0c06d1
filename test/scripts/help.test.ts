// The scripts of package.json, as whoever has not used them before asks them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Those that are one file of this project. */
const own = Object.entries(scripts).flatMap(([name, command]) => {
  const [, loads = "", file] = /^node (--import tsx )?(\S+\.(?:ts|mjs))$/.exec(command) ?? [];
  const short = /^(test|start)$/.test(name) ? `npm ${name}` : `npm run ${name}`;
  return file === undefined ? [] : [{ name: short, args: [...loads.split(" "), file] }];
});

function run(args: readonly string[]) {
  const given = args.filter((arg) => arg !== "");
  return spawnSync(process.execPath, given, { cwd: root, encoding: "utf8" });
}

describe("scripts", () => {
  for (const { name, args } of own)
    it(`say what they are for: ${name}`, () => {
      const { status, stdout, stderr } = run([...args, "--help"]);
      expect(stderr).to.equal("");
      expect(stdout).to.include(name);
      expect(status).to.equal(0);
    });

  it("are all asked", () => {
    expect(own.map(({ name }) => name)).to.include.members(["npm test", "npm run sim"]);
    expect(own.length).to.be.greaterThan(20);
  });

  it("say what is wrong with an option, and what they are for", () => {
    const { status, stdout, stderr } = run(["--import", "tsx", "scripts/sim.ts", "--sed", "1"]);
    expect(stderr).to.match(/^npm run sim: Unknown option '--sed'[^]*npm run sim -- --seeds 1000/);
    expect([status, stdout]).to.deep.equal([2, ""]);
  });

  it("say which number is none", () => {
    const { status, stderr } = run(["--import", "tsx", "scripts/sim.ts", "--seeds", "many"]);
    expect(stderr).to.equal('--seeds takes a whole number, not "many"\n');
    expect(status).to.equal(2);
  });
});
