import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Ajv from "ajv";
import { expect } from "chai";

import { levelColors, pointColor } from "../../src/cli/graph/model.ts";
import { calm, inFolder } from "../programs/calm.ts";
import { shipped } from "../programs/folder.ts";
import { runCases } from "../support/cases.ts";

async function drawn(form: string, text: string): Promise<string> {
  const { stdout, stderr } = await calm(["check", "-", "--graph", form], text);
  return (stdout + stderr).trimEnd();
}

describe("calm check --graph", () => {
  runCases("check-graphs", {
    dot: (text) => drawn("dot", text),
    mermaid: (text) => drawn("mermaid", text),
  });

  const negating = `.decl link(x: number, y: number)
.input link
.decl end(x: number)
end(y) :- link(_, y), !link(y, _).
.output end
`;

  it("gives JSON that names relations, edges and points", async () => {
    const graph = JSON.parse(await drawn("json", negating)) as Record<string, unknown>;
    expect(graph).to.deep.include({
      path: "<stdin>",
      strata: [
        { relations: ["link"], recursive: false },
        { relations: ["end"], recursive: false },
      ],
      edges: [
        { from: "link", to: "end", reads: "positive", points: [] },
        { from: "link", to: "end", reads: "negation", points: [0] },
      ],
    });
    const [point] = graph["points"] as Record<string, unknown>[];
    expect(point).to.include({ kind: "negation", relation: "end", reads: "link", path: "<stdin>" });
    expect(point?.["start"]).to.deep.equal({ line: 4, column: 24 });
    const [link, end] = graph["relations"] as Record<string, unknown>[];
    expect(link).to.include({ name: "link", level: "M", input: true, output: false });
    expect(end).to.include({ name: "end", input: false, output: true });
    expect(end?.["level"]).not.to.equal("M");
  });

  it("gives JSON as the schema says, and forms that declare what they use", async () => {
    const path = new URL("../../docs/schema/graph.schema.json", import.meta.url);
    const schema = JSON.parse(readFileSync(path, "utf8")) as object;
    const validate = new Ajv({ allErrors: true }).compile(schema);
    expect(shipped.length).to.be.greaterThan(10);
    for (const { whole: text } of shipped) {
      const json = JSON.parse(await drawn("json", text)) as object;
      expect(validate(json), JSON.stringify(validate.errors)).to.equal(true);
      const dot = await drawn("dot", text);
      const mermaid = await drawn("mermaid", text);
      const declared = namesIn(dot, /^ {4}(v\d+) \[/gm);
      expect(declared).to.deep.equal(namesIn(mermaid, /^ {4}(v\d+)\[/gm));
      const used = [...namesIn(dot, /^ {2}(v\d+) ->/gm), ...namesIn(dot, / -> (v\d+)/g)];
      expect(used.filter((name) => !declared.includes(name))).to.deep.equal([]);
      expect(dot.match(/->/g)?.length).to.equal(mermaid.match(/(?:-->|-\.->)/g)?.length);
    }
    expect(validate({ path: "a.dl" })).to.equal(false);
  });

  it("writes no text in a colour on which black is not legible", () => {
    for (const color of [...Object.values(levelColors), pointColor])
      expect(contrastToBlack(color), color).to.be.greaterThan(4.5);
    expect(new Set(Object.values(levelColors)).size).to.equal(5);
  });

  it("goes to a file", () =>
    inFolder(async (folder) => {
      const file = join(folder, "graph.dot");
      const args = ["check", "-", "--graph", "dot", "--output-file", file];
      expect(await calm(args, negating)).to.deep.equal({ code: 0, stdout: "", stderr: "" });
      expect(readFileSync(file, "utf8")).to.match(/^digraph program \{/);
    }));

  it("is of one program, and of none that has errors", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "a.dl"), negating);
      writeFileSync(join(folder, "b.dl"), negating);
      const { code, stderr } = await calm(["check", folder, "--graph", "dot"]);
      expect(code).to.equal(2);
      expect(stderr).to.match(/a graph is of one program, and these are 2/);
    });
    const { code, stdout, stderr } = await calm(["check", "-", "--graph", "dot"], "r(1).\n");
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.match(/error\[unknown-relation\]/);
    expect((await calm(["check", "-", "--graph", "png"], negating)).code).to.equal(2);
  });
});

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** The contrast of a colour to black, as WCAG defines it. */
function contrastToBlack(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) / 0.05;
}
