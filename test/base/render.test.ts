import { expect } from "chai";

import type { Diagnostic, Label } from "../../src/base/diagnostic.ts";
import { render, renderConcise } from "../../src/base/render.ts";
import type { Source } from "../../src/base/source.ts";
import { runCases } from "../support/cases.ts";

/** Input: a text, then a line `@ needle | label` for each place, the primary one first; in a needle
 * `\n` and `\t` are escapes, `$` is the text's end. After a line `== path` goes another file. */
function diagnosticOf(input: string): Diagnostic {
  const lines = input.split("\n");
  const labels: Label[] = [];
  const files = lines
    .filter((line) => !line.startsWith("@ "))
    .join("\n")
    .split(/^== /m);
  const sources = files.map((file, at): Source => {
    const [path = "", ...rest] = at === 0 ? ["a.dl", file] : file.split("\n");
    return { path, text: rest.join("\n") };
  });
  for (const line of lines.filter((line) => line.startsWith("@ "))) {
    const [pattern = "", text = ""] = line.slice(2).split(" | ");
    const needle = pattern.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
    const source = sources.find((candidate) => candidate.text.includes(needle)) ?? sources[0]!;
    const start = needle === "$" ? source.text.length : source.text.indexOf(needle);
    const end = needle === "$" ? start : start + needle.length;
    labels.push({ span: { source, start, end }, text });
  }
  const [primary, ...related] = labels;
  return {
    severity: "error",
    code: "test",
    message: 'thing "x" is wrong',
    span: primary!.span,
    label: primary!.text,
    related,
  };
}

describe("render", () => {
  runCases("base", {
    render: (input, args) => {
      const width = Number(args[0] ?? 100);
      return render([diagnosticOf(input)], { color: false, width });
    },
    concise: (input) => renderConcise([diagnosticOf(input)]),
  });

  it("shows notes and the hint below the excerpt, further lines of them indented", () => {
    const finding = {
      ...diagnosticOf("a(x).\n@ x | here"),
      notes: ["one", "two\nlines"],
      hint: "do",
    };
    expect(render([finding], { color: false }).split("\n").slice(-5)).to.deep.equal([
      "   = note: one",
      "   = note: two",
      "           lines",
      "   = hint: do",
      "",
    ]);
  });

  it("separates findings by an empty line, and is empty for none", () => {
    const finding = diagnosticOf("a(x).\n@ x | here");
    expect(render([], { color: false })).to.equal("");
    expect(render([finding, finding], { color: false }).match(/\n\nerror/g)).to.have.length(1);
  });

  it("gives the same text in colour, once the colours are taken out", () => {
    const input = "a(x, y).\nb(y).\n@ x | here\n@ y | there\n@ b(y) | and there";
    const plain = render([diagnosticOf(input)], { color: false });
    const colored = render([diagnosticOf(input)], { color: true });
    expect(colored).to.include("\x1b[31merror[test]\x1b[0m");
    expect(colored.replaceAll(/\x1b\[\d+m/g, "")).to.equal(plain);
  });
});
