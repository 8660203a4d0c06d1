import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { inFolder } from "../programs/calm.ts";
import { convert, shipped } from "../programs/folder.ts";
import { factsIn } from "./facts.ts";
import { verdict } from "./ways.ts";

describe("the programs in programs/", () => {
  for (const { name, path, facts: folder, whole: text } of shipped) {
    for (const domain of [64, 32] as const) {
      it(`have the same answers in all ways: ${name} in ${domain} bits`, () =>
        inFolder(async (converted) => {
          const { compiled } = compile({ path, text }, { domain });
          if (compiled === undefined) expect.fail("the program has errors");
          const lock = name.startsWith("dependencies/");
          if (lock) convert(converted, ["lodash-es"]);
          const facts = await factsIn(lock ? converted : folder, compiled);
          const found = verdict({ text, domain, facts });
          expect(found, JSON.stringify(found)).to.include({ kind: "agreed", referenced: true });
        }));
    }
  }
});
