import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import Ajv from "ajv";
import { expect } from "chai";

import { reportFormats } from "../../src/cli/reports/print.ts";
import { meanings } from "../../src/cli/meanings.ts";
import { calm, inFolder } from "../programs/calm.ts";
import { readCases, runCases, type Command } from "../support/cases.ts";

const require = createRequire(import.meta.url);
const folder = new URL("../cases/check-formats/", import.meta.url);

/** Checks a program that comes from standard input under a name; gives what is printed and, below a
 * line, the exit code and the summary. */
async function checked(program: string, args: readonly string[]): Promise<string> {
  const argv = ["check", "-", "--stdin-filename", "shop.dl", "--no-config", ...args];
  const { code, stdout, stderr } = await calm(argv, `${program}\n`);
  // The pages of codes are not what this is about.
  const shown = stdout.replace(/"markdown": "(# [\w-]+).*"/g, '"markdown": "$1 …"');
  return `${shown.replace(/\n$/, "")}\n==> exit ${code}\n${stderr}`;
}

describe("calm check --format", () => {
  const commands: Record<string, Command> = {};
  for (const format of reportFormats)
    commands[format] = (program, args) => checked(program, ["--format", format, ...args]);
  runCases("check-formats", commands);
});

/** What a format prints of the programs in its case file. */
function printed(format: "json" | "sarif"): Promise<unknown[]> {
  const text = readFileSync(new URL(`${format}.txt`, folder), "utf8");
  return Promise.all(
    readCases(text, format).map(async ({ input, args }) => {
      const argv = ["check", "-", "--stdin-filename", "shop.dl", "--no-config", "--format", format];
      const { stdout } = await calm([...argv, ...args], `${input}\n`);
      return JSON.parse(stdout) as unknown;
    }),
  );
}

describe("the machine formats of calm check", () => {
  const schema = (name: string): object =>
    JSON.parse(
      readFileSync(fileURLToPath(new URL(`../../docs/schema/${name}`, import.meta.url)), "utf8"),
    ) as object;

  it("are as docs/schema/check.schema.json says", async () => {
    const validate = new Ajv({ allErrors: true }).compile(schema("check.schema.json"));
    const reports = await printed("json");
    expect(reports).to.have.length.above(1);
    for (const report of reports)
      expect(validate(report), JSON.stringify(validate.errors, null, 1)).to.equal(true);
    expect(validate({ version: "1", files: [] })).to.equal(false);
  });

  it("are as the schema of SARIF 2.1.0 says", async () => {
    const validator = new Ajv({
      allErrors: true,
      meta: false,
      schemaId: "id",
      unknownFormats: "ignore",
    });
    validator.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json") as object);
    const sarif = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as object;
    const validate = validator.compile(sarif);
    const logs = await printed("sarif");
    expect(logs).to.have.length.above(1);
    for (const log of logs)
      expect(validate(log), JSON.stringify(validate.errors, null, 1)).to.equal(true);
    expect(validate({ version: "2.1.0", runs: [{}] })).to.equal(false);
  });
});

describe("docs/schema/config.schema.json", () => {
  const path = new URL("../../docs/schema/config.schema.json", import.meta.url);
  const validate = new Ajv().compile(JSON.parse(readFileSync(path, "utf8")) as object);
  const accepted = (config: object): Promise<boolean> =>
    inFolder(async (home) => {
      const file = join(home, "calm.config.json");
      writeFileSync(file, JSON.stringify(config));
      return (await calm(["check", "-", "--config", file, "--print-config"])).code === 0;
    });

  it("accepts what calm check accepts, and no more", async () => {
    const [code = ""] = Object.keys(meanings);
    const configs: [boolean, object][] = [
      [true, {}],
      [true, { $schema: "x", files: ["a"], ignore: [], baseline: "b.json" }],
      [true, { rules: { [code]: "off" }, ignoreOnly: { [code]: ["a/**"] } }],
      [true, { failLevel: "warning", level: "F2" }],
      [false, { level: "coordinating" }],
      [false, { failLevel: "warn" }],
      [false, { files: "a" }],
      [false, { files: [1] }],
      [false, { rules: { [code]: "fatal" } }],
      [false, { ignoreOnly: { [code]: "a" } }],
      [false, { baseline: false }],
      [false, { rule: {} }],
    ];
    for (const [good, config] of configs) {
      expect(validate(config), JSON.stringify(config)).to.equal(good);
      expect(await accepted(config), JSON.stringify(config)).to.equal(good);
    }
  });

  it("accepts the example of docs/check.md", async () => {
    const manual = readFileSync(new URL("../../docs/check.md", import.meta.url), "utf8");
    const [, text = ""] = /^```json\n([^]*?)^```$/m.exec(manual) ?? [];
    const config = JSON.parse(text) as object;
    expect(validate(config)).to.equal(true);
    expect(await accepted(config)).to.equal(true);
  });
});
