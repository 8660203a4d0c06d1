// The bugs that `npm run mutants` plants, which takes long, can be planted in what the sources are now.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { plantedBugs } from "../../scripts/planted-bugs.ts";
import { project } from "../programs/folder.ts";

describe("planted bugs", () => {
  it("have names of their own", () => {
    const names = plantedBugs.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).to.deep.equal([]);
    expect(names.length).to.be.greaterThan(50);
  });

  it("take the place of a text that is there once, and are noticed by what there is", () => {
    const wrong: string[] = [];
    for (const { name, patches, noticedBy } of plantedBugs) {
      const texts = new Map<string, string>();
      for (const { file, from, to } of patches) {
        const text = texts.get(file) ?? readFileSync(join(project, file), "utf8");
        if (text.split(from).length !== 2)
          wrong.push(`${name}: ${file} does not have once: ${from}`);
        texts.set(
          file,
          text.replace(from, () => to),
        );
      }
      const { file } = noticedBy;
      if (file !== undefined && !existsSync(join(project, file)))
        wrong.push(`${name}: ${file} is not there`);
    }
    expect(wrong).to.deep.equal([]);
  });
});
