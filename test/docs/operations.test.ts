import { expect } from "chai";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

import { sources, vertices } from "../architecture/sources.ts";

const page = readFileSync(
  fileURLToPath(new URL("../../docs/operations.md", import.meta.url)),
  "utf8",
);

/** The metrics that the code names: by a call that makes one, or as a property `name` of one. */
const made = sources
  .filter(({ path }) => path.startsWith("server/"))
  .flatMap(({ path, tree }) => {
    const ordered = path === "server/ordered/ordered-metrics.ts";
    return [...vertices(tree)].flatMap((vertex) => {
      if (ts.isPropertyAssignment(vertex) && vertex.name.getText() === "name")
        return named(vertex.initializer, "", "").filter((name) => name.startsWith("calm_"));
      if (!ts.isCallExpression(vertex) || vertex.arguments[0] === undefined) return [];
      const by = vertex.expression.getText();
      if (by !== "gauge" && by !== "counter") return [];
      return ordered
        ? named(vertex.arguments[0], "calm_ordered_", by === "counter" ? "_total" : "")
        : named(vertex.arguments[0], "", "");
    });
  })
  .toSorted();

describe("docs/operations.md", () => {
  it("has every metric that nodes have, and no other", () => {
    expect(made.length).to.be.greaterThan(30);
    const rows = [...page.matchAll(/^\| `((?:calm|process|nodejs)_\w+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(rows.toSorted()).to.deep.equal(made);
  });

  it("names no metric elsewhere that there is not", () => {
    const said = [...page.matchAll(/`((?:calm|process|nodejs)_\w+)`/g)].map(
      ([, name]) => name ?? "",
    );
    expect(said.filter((name) => !made.includes(name))).to.deep.equal([]);
  });

  it("has the formats that are written now", () => {
    const formats = [
      ["the folder of a node", "runtime/node/log-folder.ts", "format"],
      ["the segments of its log", "runtime/node/segment.ts", "format"],
      ["the ordered log in files", "runtime/node/ordered-folder.ts", "format"],
      ["a record of the ordered log", "runtime/epoch-bytes.ts", "format"],
      ["a checkpoint", "runtime/node/checkpoint-frames.ts", "format"],
      ["rows on disk", "runtime/node/lmdb-storage.ts", "format"],
      ["long batches", "server/ordered/batch-folder.ts", "format"],
      ["what nodes say to each other", "runtime/node/handshake.ts", "wireVersion"],
    ];
    for (const [what = "", file, constant = ""] of formats) {
      const text = sources.find(({ path }) => path === file)?.text ?? "";
      const [, now] = new RegExp(`^(?:export )?const ${constant} = (\\d+);`, "m").exec(text) ?? [];
      const [, said] = new RegExp(`^\\| ${what}[^|]*\\| (\\d+) \\|`, "m").exec(page) ?? [];
      expect([what, said]).to.deep.equal([what, now]);
      expect(now).to.match(/^\d+$/);
    }
  });
});

function named(expression: ts.Expression, before: string, behind: string): string[] {
  return ts.isStringLiteralLike(expression) ? [before + expression.text + behind] : [];
}
