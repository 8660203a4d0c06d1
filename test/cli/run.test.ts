import { expect } from "chai";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";

const closure = `
.decl edge(x: number, y: number)
.input edge
.decl path(x: number, y: number)
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
`;

/** Runs a program that stands in a folder with other files. */
async function runIn(
  folder: string,
  program: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  ...flags: string[]
): Promise<Outcome> {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const file = join(folder, "program.dl");
  writeFileSync(file, program);
  return await calm(["run", file, "-F", folder, "-D", join(folder, "out"), ...flags]);
}

describe("calm run", () => {
  it("reads facts, derives, and writes outputs in value order", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "2\t10\n10\t-1\n1\t2\n" };
      const { code, stderr } = await runIn(folder, `${closure}.output path`, facts);
      expect(stderr).to.equal("");
      expect(code).to.equal(0);
      const written = readFileSync(join(folder, "out", "path.csv"), "utf8");
      expect(written).to.equal("1\t-1\n1\t2\n1\t10\n2\t-1\n2\t10\n10\t-1\n");
    }));

  it("gives the same answers without generated code", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "1\t2\n2\t3\n3\t1\n" };
      const program = `${closure}.output path`;
      const compiled = await runIn(folder, program, facts, "-D", "-");
      const interpreted = await runIn(folder, program, facts, "-D", "-", "--no-codegen");
      expect(compiled.stdout).to.match(/^-+\npath\nx\ty\n=+\n1\t1\n1\t2\n(\d\t\d\n){7}=+\n$/);
      expect(interpreted).to.deep.equal(compiled);
    }));

  it("reads packed facts and writes packed outputs with headers", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": gzipSync("1\t2\n") };
      const output = `.output path(compress=true, headers=true, delimiter=";")`;
      expect((await runIn(folder, closure + output, facts)).code).to.equal(0);
      const written = gunzipSync(readFileSync(join(folder, "out", "path.csv.gz"))).toString();
      expect(written).to.equal("x;y\n1;2\n");
    }));

  it("prints sizes where .printsize asks", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "1\t2\n2\t3\n" };
      const { stdout } = await runIn(folder, `${closure}.printsize path`, facts);
      expect(stdout).to.equal("path\t3\n");
    }));

  it("names file, line, column and reason of bad facts, and writes nothing", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "1\t2\n3\tx\n4\n" };
      const { code, stderr } = await runIn(folder, `${closure}.output path`, facts);
      expect(code).to.equal(1);
      expect(stderr).to.match(/edge\.facts:2:3: error\[bad-value\]/);
      expect(stderr).to.match(/edge\.facts:3:\d+: error\[missing-columns\]/);
      expect(existsSync(join(folder, "out"))).to.equal(false);
    }));

  it("writes no output at all where one of them cannot be written", () =>
    inFolder(async (folder) => {
      const program = `${closure}.output path\n.output edge(filename="program.dl/edge.csv")`;
      const facts = { "edge.facts": "1\t2\n" };
      const { code, stderr } = await runIn(folder, program, facts, "-D", folder);
      expect(code).to.equal(1);
      expect(stderr).to.match(/cannot write outputs/);
      expect(readdirSync(folder).toSorted()).to.deep.equal(["edge.facts", "program.dl"]);
    }));

  it("takes a missing file for no facts only with -w", () =>
    inFolder(async (folder) => {
      const program = `${closure}.printsize path`;
      const refused = await runIn(folder, program, {});
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(/edge\.facts.*no such file/);
      expect((await runIn(folder, program, {}, "-w")).stdout).to.equal("path\t0\n");
    }));

  it("defines macros from -M and finds includes in -I", () =>
    inFolder(async (folder) => {
      const program = `#include "decl.dl"\n#ifdef TWICE\nr(N + N).\n#endif\nr(N).\n.output r(IO=stdout)`;
      const files = { "decl.dl": ".decl r(x: number)\n" };
      const { stdout } = await runIn(folder, program, files, "-I", folder, "-M", "N=7 TWICE");
      expect(stdout).to.match(/\n7\n14\n/);
    }));

  it("computes with 32 bits on request", () =>
    inFolder(async (folder) => {
      const program = ".decl r(x: number)\nr(2147483647 + 1).\n.output r(IO=stdout)";
      expect((await runIn(folder, program, {}, "--domain", "32")).stdout).to.match(/-2147483648/);
      expect((await runIn(folder, program, {})).stdout).to.match(/\n2147483648\n/);
    }));

  it("prints results in the asked format", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "1\t2\n" };
      const { stdout } = await runIn(folder, closure, facts, "--format", "json");
      expect(JSON.parse(stdout)).to.deep.equal({ path: [{ x: 1, y: 2 }] });
      const table = await runIn(folder, closure, facts, "--format", "table");
      expect(table.stdout).to.match(/^path: 1 tuple\n┌/);
    }));

  it("stops at a limit with its own exit code", () =>
    inFolder(async (folder) => {
      const endless = ".decl r(x: number)\nr(0).\nr(x + 1) :- r(x).\n.output r";
      const tuples = await runIn(folder, endless, {}, "--max-tuples", "1000");
      expect(tuples.code).to.equal(3);
      expect(tuples.stderr).to.match(/too-many-tuples/);
      const rounds = await runIn(folder, endless, {}, "--max-rounds", "50");
      expect(rounds.code).to.equal(3);
      expect(existsSync(join(folder, "out"))).to.equal(false);
    }));

  it("fails where an expectation is not met, and says how", () =>
    inFolder(async (folder) => {
      const program = ".decl r(x: number)\nr(1).\nr(2).\n.expect r { (1), (3) }";
      const { code, stderr } = await runIn(folder, program, {});
      expect(code).to.equal(1);
      expect(stderr).to.match(/missing: \(3\)/);
      expect(stderr).to.match(/not expected: \(2\)/);
    }));

  it("counts the pairs of a long chain, and does not try to list them", () =>
    inFolder(async (folder) => {
      const program =
        ".decl same(x: number, y: number) eqrel\nsame(x, x + 1) :- x = range(0, 100000).\n";
      const counted = await runIn(folder, `${program}.printsize same`, {});
      expect(counted).to.deep.equal({ code: 0, stdout: "same\t10000200001\n", stderr: "" });
      const { code, stderr } = await runIn(folder, `${program}.output same`, {});
      expect(code).to.equal(3);
      expect(stderr).to.match(/"same" has 10000200001 pairs.*too many[^]*\.printsize same/);
      expect(existsSync(join(folder, "out"))).to.equal(false);
    }));

  it("places a fault of evaluation at its rule", () =>
    inFolder(async (folder) => {
      const program = ".decl r(x: number)\nr(0).\n.decl s(x: number)\ns(1 / x) :- r(x).\n.output s";
      const { code, stderr } = await runIn(folder, program, {});
      expect(code).to.equal(1);
      expect(stderr).to.match(/error\[division-by-zero\][^]*program\.dl:4:/);
    }));

  it("stops reading facts at the limit of memory", () =>
    inFolder(async (folder) => {
      const names = Array.from({ length: 50_000 }, (_, at) => `the name of vertex ${at}\n`);
      const program = ".decl name(x: symbol)\n.input name\n.printsize name";
      const facts = { "name.facts": names.join("") };
      const { code, stderr } = await runIn(folder, program, facts, "--max-memory", "1");
      expect(code).to.equal(3);
      expect(stderr).to.match(/error\[out-of-memory\] facts of relation "name" from .*name\.facts/);
      expect((await runIn(folder, program, facts, "--max-memory", "8")).stdout).to.equal(
        "name\t50000\n",
      );
    }));

  it("prints statistics to stderr and leaves stdout alone", () =>
    inFolder(async (folder) => {
      const facts = { "edge.facts": "1\t2\n" };
      const { stdout, stderr } = await runIn(folder, `${closure}.printsize path`, facts, "--stats");
      expect(stdout).to.equal("path\t1\n");
      expect(stderr).to.match(/evaluate \d+ ms/);
      expect(stderr).to.match(/path\(x, z\) :- path\(x, y\), edge\(y, z\)/);
    }));
});
