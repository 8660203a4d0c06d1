import { expect } from "chai";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import sqlite from "node-sqlite3-wasm";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";

const next = `
.decl edge(x: number, y: symbol)
.decl next(x: number, y: symbol)
next(x + 1, y) :- edge(x, y).
`;

async function run(folder: string, program: string, ...flags: string[]): Promise<Outcome> {
  const file = join(folder, "program.dl");
  writeFileSync(file, program);
  return await calm(["run", file, "-F", folder, "-D", join(folder, "out"), ...flags]);
}

function sql(path: string, text: string): unknown[] {
  const database = new sqlite.Database(path);
  try {
    if (!text.startsWith("SELECT")) database.exec(text);
    return text.startsWith("SELECT") ? database.all(text) : [];
  } finally {
    database.close();
  }
}

describe("files of facts", () => {
  it("are JSON, packed or not, and results are written as JSON", () =>
    inFolder(async (folder) => {
      const program = `${next}.input edge(IO=jsonfile)
        .output next(IO=jsonfile, format=object)
        .output edge(IO=jsonfile, compress=true)`;
      const text = '[[1, "a"], {"y": "b", "x": 2}]';
      for (const bytes of [text, gzipSync(text)]) {
        writeFileSync(join(folder, "edge.json"), bytes);
        const { code, stderr } = await run(folder, program);
        expect([code, stderr]).to.deep.equal([0, ""]);
        const written = readFileSync(join(folder, "out", "next.json"), "utf8");
        expect(written).to.equal('[\n{"x":2,"y":"a"},\n{"x":3,"y":"b"}\n]\n');
        const packed = readFileSync(join(folder, "out", "edge.json.gz"));
        expect(gunzipSync(packed).toString()).to.equal('[\n[1,"a"],\n[2,"b"]\n]\n');
      }
    }));

  it("print JSON to the standard output without a frame", () =>
    inFolder(async (folder) => {
      const program = `${next}edge(1, "a").\n.output next(IO=json)\n.output edge(IO=jsonfile)`;
      const { stdout } = await run(folder, program, "-D", "-");
      expect(stdout).to.equal('[\n[2,"a"]\n]\n[\n[1,"a"]\n]\n');
    }));

  it("refuse JSON that is wrong, with its place, and write nothing", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "edge.json"), '[[1, "a"],\n [2, 3]]');
      const program = `${next}.input edge(IO=jsonfile)\n.output next`;
      const { code, stderr } = await run(folder, program);
      expect(code).to.equal(1);
      expect(stderr).to.match(/edge\.json:2:6: error\[bad-value\] column "y" is no string/);
      expect(existsSync(join(folder, "out"))).to.equal(false);
    }));

  it("are tables and views of a database, packed or not", () =>
    inFolder(async (folder) => {
      const path = join(folder, "facts.db");
      sql(path, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
      sql(path, "CREATE VIEW edge AS SELECT * FROM t WHERE a > 1");
      const program = `${next}.input edge(IO=sqlite, dbname="facts.db")\n.output next(IO=stdout)`;
      const plain = await run(folder, program);
      expect([plain.code, plain.stderr]).to.deep.equal([0, ""]);
      expect(plain.stdout).to.match(/===\n3\ttwo\n===/);
      writeFileSync(path, gzipSync(readFileSync(path)));
      expect(await run(folder, program)).to.deep.equal(plain);
      expect(readdirSync(folder).toSorted()).to.deep.equal(["facts.db", "program.dl"]);
    }));

  it("become tables of a database, whose other tables stay", () =>
    inFolder(async (folder) => {
      const path = join(folder, "out", "all.db");
      mkdirSync(join(folder, "out"));
      sql(path, "CREATE TABLE other(a); CREATE TABLE next(z); INSERT INTO other VALUES (7)");
      const program = `${next}edge(1, "a").
        .output next, edge(IO=sqlite, filename="all.db")`;
      const { code, stderr } = await run(folder, program);
      expect([code, stderr]).to.deep.equal([0, ""]);
      expect(sql(path, "SELECT * FROM next")).to.deep.equal([{ x: 2, y: "a" }]);
      expect(sql(path, "SELECT * FROM edge")).to.deep.equal([{ x: 1, y: "a" }]);
      expect(sql(path, "SELECT * FROM other")).to.deep.equal([{ a: 7 }]);
      expect(readdirSync(join(folder, "out"))).to.deep.equal(["all.db"]);
    }));

  it("leave a file that is no database as it is", () =>
    inFolder(async (folder) => {
      const path = join(folder, "next.sqlite");
      writeFileSync(path, "this is a text and no database ".repeat(100));
      const before = readFileSync(path);
      const program = `${next}.output next(IO=sqlite)\n.output edge(filename="edge.csv")`;
      const { code, stderr } = await run(folder, program, "-D", folder);
      expect(code).to.equal(1);
      expect(stderr).to.match(/cannot write outputs: file is not a database/);
      expect(readFileSync(path).equals(before)).to.equal(true);
      expect(readdirSync(folder).toSorted()).to.deep.equal(["next.sqlite", "program.dl"]);
      const read = await run(folder, `${next}.input edge(IO=sqlite, filename="next.sqlite")`);
      expect(read.code).to.equal(1);
      expect(read.stderr).to.match(/error\[unreadable-facts\].*edge.*not a database/);
    }));

  it("are not taken from a database that somebody writes", () =>
    inFolder(async (folder) => {
      sql(join(folder, "edge.sqlite"), "CREATE TABLE edge(a, b)");
      writeFileSync(join(folder, "edge.sqlite-wal"), "x");
      const { code, stderr } = await run(folder, `${next}.input edge(IO=sqlite)\n.output next`);
      expect(code).to.equal(1);
      expect(stderr).to.match(/another program is writing to it/);
    }));

  it("are refused where there is no database, unless with -w", () =>
    inFolder(async (folder) => {
      const program = `${next}.input edge(IO=sqlite)\n.printsize next`;
      const { code, stderr } = await run(folder, program);
      expect(code).to.equal(1);
      expect(stderr).to.match(/edge\.sqlite: there is no such file/);
      expect((await run(folder, program, "-w")).stdout).to.equal("next\t0\n");
    }));

  it("may not be one for two outputs", () =>
    inFolder(async (folder) => {
      const twice = `${next}.output next(filename="x.csv")\n.output edge(filename="x.csv")`;
      const { code, stderr } = await run(folder, twice);
      expect(code).to.equal(1);
      expect(stderr).to.match(/outputs "next" and "edge" both go to .*x\.csv/);
      const tables = `${next}.output next(IO=sqlite, name=r, filename="x.db")
        .output edge(IO=sqlite, name="R", filename="x.db")`;
      expect((await run(folder, tables)).code).to.equal(1);
      const mixed = `${next}.output next(IO=sqlite, filename=x)\n.output edge(filename=x)`;
      expect((await run(folder, mixed)).code).to.equal(1);
      const same = `${next}edge(1, "a").\n.output next\n.output next`;
      expect((await run(folder, same)).code).to.equal(0);
      expect(readdirSync(join(folder, "out"))).to.deep.equal(["next.csv"]);
    }));

  it("find nothing on a standard input that was read before, which is said", () =>
    inFolder(async (folder) => {
      const { code, stderr } = await run(
        folder,
        `${next}.input edge(IO=stdin, delimiter=",")\n.input next(IO=json)`,
      );
      expect(code).to.equal(1);
      expect(stderr).to.match(/warning\[useless-input\]: relation "next" finds nothing/);
    }));

  it("cannot be a database on the standard output", () =>
    inFolder(async (folder) => {
      const { code, stderr } = await run(folder, `${next}.output next(IO=sqlite)`, "-D", "-");
      expect(code).to.equal(2);
      expect(stderr).to.match(/name a folder with -D/);
    }));
});
