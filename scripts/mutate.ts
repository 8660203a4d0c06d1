// Mutation testing (Stryker): a file is changed in small ways, one at a time, and its tests have to
// fail: those of the file, `test/STAGE/FILE.test.ts`, or, where it has none, those of the whole stage,
// or those that are named.
//
//     npm run mutate -- calvin lock-table frontier          (files of a stage)
//     npm run mutate -- analysis strata --at-least 80       (exits 1 where one scores below)
//     npm run mutate -- analysis monotone monotone-values --tests test/analysis/levels.test.ts
//     npm run mutate -- engine relation:1-200 --slack-ms 5000  (lines of a file; ends mutants sooner)
//     npm run mutate -- engine                              (all files of a stage: hours)
//
// Prints each change that no test noticed, and a table of scores. What V8 runs once, when a module is
// loaded, is left out. `npm run mutants` plants larger bugs, which were thought of by hand.
import { existsSync, readdirSync } from "node:fs";

import { Stryker } from "@stryker-mutator/core";
import { scriptOptions } from "./script-options.mjs";

const stages = ["analysis", "engine", "calvin"];
const { values, positionals } = scriptOptions({
  allowPositionals: true,
  options: {
    "at-least": { type: "string", default: "0" },
    "slack-ms": { type: "string", default: "20000" },
    tests: { type: "string", multiple: true, default: [] },
  },
});
const [stage = "", ...named] = positionals;
const atLeast = Number(values["at-least"]);
/** A mutant that takes this much longer than its tests do is caught: it does not end. */
const slackMs = Number(values["slack-ms"]);
if (!stages.includes(stage) || !(atLeast >= 0 && atLeast <= 100) || !(slackMs > 0)) {
  const usage = `npm run mutate -- ${stages.join("|")} [FILE[:FROM-TO] …] [--tests TEST …]`;
  process.stderr.write(`usage: ${usage} [--at-least 80] [--slack-ms 20000]\n`);
  process.exit(2);
}
const sources = readdirSync(`src/${stage}`).map((file) => file.replace(/\.ts$/, ""));
const parts = named.map(part);
const unknown = parts.filter(({ name }) => !sources.includes(name));
if (unknown.length > 0) {
  const files = unknown.map(({ name }) => `src/${stage}/${name}.ts`);
  process.stderr.write(`there is no ${files.join(", ")}\n`);
  process.exit(2);
}
for (const one of named.length === 0 ? sources.map(part) : parts) await mutate(one);

/** A file, and its lines where it is named with some: `relation:1-200` are the first 200. */
function part(text: string): { name: string; lines: string } {
  const [, name = text, lines = ""] = /^(.*?)(:\d+-\d+)$/.exec(text) ?? [];
  return { name, lines };
}

async function mutate({ name, lines }: { name: string; lines: string }): Promise<void> {
  const own = `test/${stage}/${name}.test.ts`;
  const usual = existsSync(own) ? own : `test/${stage}/*.test.ts`;
  const stryker = new Stryker({
    testRunner: "mocha",
    testRunnerNodeArgs: ["--import", "tsx"],
    mochaOptions: {
      config: ".mocharc.json",
      spec: values.tests.length === 0 ? [usual] : values.tests,
    },
    mutate: [`src/${stage}/${name}.ts${lines}`],
    coverageAnalysis: "perTest",
    ignoreStatic: true,
    concurrency: 1,
    timeoutMS: slackMs,
    thresholds: { high: 90, low: 80, break: atLeast },
    reporters: ["clear-text", "progress-append-only"],
    clearTextReporter: { allowColor: process.stdout.isTTY, logTests: false, reportTests: false },
    tempDirName: "coverage/stryker",
  });
  await stryker.runMutationTest();
}
