import Ajv from "ajv";
import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";

import type { Profile } from "../../src/cli/profile/profile.ts";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";
import { barriers } from "../support/barriers.ts";
import { browser, needBrowser } from "../support/browser.ts";

const program = `.decl edge(x: number, y: number)
.decl path(x: number, y: number)
.decl s(name: symbol)
edge(x, (x * 7 + 3) % 60) :- x = range(0, 60).
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
s("a < b & \\"c\\"") :- path(1, _).
.printsize path
`;

function run(folder: string, text: string, ...flags: string[]): Promise<Outcome> {
  const file = join(folder, "program.dl");
  writeFileSync(file, text);
  return calm(["run", file, "-F", folder, "-D", "-", ...flags]);
}

async function profileOf(folder: string, text: string, ...flags: string[]): Promise<Profile> {
  const path = join(folder, "profile.json");
  await run(folder, text, "--profile", path, ...flags);
  return JSON.parse(readFileSync(path, "utf8")) as Profile;
}

describe("calm run --profile", () => {
  it("tells time, tuples, look-ups and memory by rule, stratum and iteration", () =>
    inFolder(async (folder) => {
      const { strata, rules, memory, relations, bytesMax } = await profileOf(folder, program);
      const closure = rules.findIndex(({ line }) => line === 6);
      const { probes, firings, derived, runs, ms } = rules[closure]!;
      expect(firings).to.equal(probes).and.to.be.at.least(derived);
      const stratum = strata.find((one) => one.relations.includes("path"))!;
      expect(stratum.iterations.map(({ round }) => round)).to.deep.equal([
        ...Array.from({ length: runs + 1 }, (_, round) => round),
      ]);
      const ofClosure = stratum.iterations.flatMap((one) =>
        one.rules.filter(({ rule }) => rule === closure),
      );
      const sum = (of: (typeof ofClosure)[number][], key: "probes" | "firings" | "derived") =>
        of.reduce((so, one) => so + one[key], 0);
      expect(sum(ofClosure, "probes")).to.equal(probes);
      expect(sum(ofClosure, "firings")).to.equal(firings);
      expect(sum(ofClosure, "derived")).to.equal(derived);
      expect(ofClosure.reduce((so, one) => so + one.ms, 0)).to.be.closeTo(ms, 0.001);
      expect(bytesMax).to.equal(Math.max(...memory.map(({ bytes }) => bytes)));
      expect(relations.map(({ form }) => form)).to.include("table");
    }));

  it("writes JSON as the schema says", () =>
    inFolder(async (folder) => {
      const schema = JSON.parse(
        readFileSync(join(project, "docs/schema/profile.schema.json"), "utf8"),
      ) as object;
      const validate = new Ajv({ allErrors: true }).compile(schema);
      const programs = ["10-points-to.dl", "16-shortest-paths.dl"].map((name) => {
        return readFileSync(join(project, "programs", name), "utf8");
      });
      expect(programs).to.have.length(2);
      const profiles: unknown[] = [];
      for (const text of [program, ...programs]) profiles.push(await profileOf(folder, text));
      profiles.push(await profileOf(folder, program, "--max-tuples", "70"));
      for (const profile of profiles)
        expect(validate(profile), JSON.stringify(validate.errors)).to.equal(true);
      expect(validate({ ...(profiles[0] as Profile), rules: [{}] })).to.equal(false);
    }));

  it("tells the same when plans are interpreted", () =>
    inFolder(async (folder) => {
      const counted = ({ rules }: Profile): unknown[] =>
        rules.map(({ rule, runs, derived, firings, probes }) => [
          ...[rule, runs, derived, firings, probes],
        ]);
      const interpreted = await profileOf(folder, program, "--no-codegen");
      expect(counted(interpreted)).to.deep.equal(counted(await profileOf(folder, program)));
    }));

  it("is written also of a run that a limit stopped", () =>
    inFolder(async (folder) => {
      const { complete, strata } = await profileOf(folder, program, "--max-tuples", "100");
      expect(complete).to.equal(false);
      expect(strata.at(-1)!.relations).to.deep.equal(["path"]);
      expect(strata.reduce((so, { derived }) => so + derived, 0)).to.equal(101);
      const path = join(folder, "profile.html");
      await run(folder, program, "--profile", path, "--max-tuples", "100");
      expect(readFileSync(path, "utf8")).to.contain("stopped before its end");
    }));
});

describe("the page of a profile", () => {
  let chrome: Browser | undefined;

  before(async function () {
    needBrowser(this);
    chrome = await browser();
  });
  after(() => chrome?.close());

  for (const colorScheme of ["light", "dark"] as const)
    it(`is whole by itself and can be read by everybody (${colorScheme})`, () =>
      inFolder(async (folder) => {
        const path = join(folder, "profile.html");
        await run(folder, program, "--profile", path);
        const page = await chrome!.newPage({ colorScheme });
        const asked: string[] = [];
        const wrong: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("pageerror", (error) => wrong.push(error.message));
        page.on("console", (message) => wrong.push(message.text()));
        const url = pathToFileURL(path).href;
        await page.goto(url);
        expect([asked, wrong]).to.deep.equal([[url], []]);
        for (const details of await page.locator("summary").all()) await details.click();
        expect(await barriers(page)).to.deep.equal([]);
        await page.close();
      }));

  it("sorts its tables, and leads from a rule to its line", () =>
    inFolder(async (folder) => {
      const path = join(folder, "profile.html");
      await run(folder, program, "--profile", path);
      const page = await chrome!.newPage();
      await page.goto(pathToFileURL(path).href);
      const rules = page.getByRole("region", { name: "Rules" });
      const firings = (): Promise<string[]> =>
        rules.locator("tbody td:nth-child(5)").allInnerTexts();
      const numbers = (texts: string[]): number[] =>
        texts.map((text) => Number(text.replaceAll(",", "")));
      const sorted = numbers(await firings()).toSorted((a, b) => a - b);
      await rules.getByRole("button", { name: "firings" }).click();
      expect(numbers(await firings())).to.deep.equal(sorted.toReversed());
      await rules.getByRole("button", { name: "firings" }).click();
      expect(numbers(await firings())).to.deep.equal(sorted);
      await rules.getByRole("link", { name: "path(x, z)" }).click();
      expect(await page.locator("div:target code").innerText()).to.equal(
        "path(x, z) :- path(x, y), edge(y, z).",
      );
      expect(await page.locator(".source").innerText()).to.contain('s("a < b & \\"c\\"")');
      await page.close();
    }));
});
