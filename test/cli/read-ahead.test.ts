import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { builtCommand } from "../support/built-command.ts";

/** What is in the file that is long enough for a second thread, and what it gives is short. The
 * number of a symbol tells in which order symbols came. */
const program = `
  .decl big(name: symbol, at: number, of: number)  .input big
  .decl last(name: symbol, order: number, at: number)  .output last
  last(name, ord(name), at) :- big(name, at, _), at % 5003 = 0.
  .printsize big`;
const rows = 700_000;
const line = (at: number): string => `some name ${(at * 7919) % 30_011}\t${at}\t${at % 97}\n`;

describe("a long file of facts", function () {
  this.timeout(120_000);
  let folder = "";
  const file = (): string => join(folder, "big.facts");
  const run = (...flags: string[]) => {
    const paths = [join(folder, "p.dl"), "-F", folder, "-D", folder];
    const args = [builtCommand(), "run", ...paths, ...flags];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const lines = Array.from({ length: rows }, (_, at) => line(at));

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-ahead-"));
    writeFileSync(join(folder, "p.dl"), program);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("is read by two threads as by one, from where the second one has started", () => {
    const text = lines.join("");
    expect(text.length).to.be.greaterThan(1 << 24);
    writeFileSync(file(), text.slice(0, -1));
    const alone = run();
    expect(alone.status, alone.stderr).to.equal(0);
    expect(alone.stdout).to.equal(`big\t${rows}\n`);
    const wanted = readFileSync(join(folder, "last.csv"), "utf8");
    const { status, stdout, stderr } = run("-j", "2", "--stats");
    expect([status, stdout]).to.deep.equal([0, alone.stdout]);
    expect(readFileSync(join(folder, "last.csv"), "utf8")).to.equal(wanted);
    const ahead = Number(/([\d,]+) rows of facts were read/.exec(stderr)?.[1]?.replaceAll(",", ""));
    expect(ahead).to.be.within(rows / 3, (2 * rows) / 3);
  });

  it("says the same of the line that is wrong", () => {
    for (const at of [10, 300_000, rows - 1]) {
      const text = [...lines.slice(0, at), "broken\n", ...lines.slice(at + 1)].join("");
      writeFileSync(file(), text);
      const [alone, two] = [run(), run("-j", "2")];
      expect(alone.status).to.equal(1);
      expect(alone.stderr).to.include(`:${at + 1}:`);
      expect(two).to.deep.equal(alone);
    }
  });

  it("meets a limit where one thread meets it", () => {
    writeFileSync(file(), lines.join(""));
    const { status, stderr } = run("-j", "2", "--max-memory", "8");
    expect(status).to.equal(3);
    expect(stderr).to.include("out-of-memory");
  });
});
