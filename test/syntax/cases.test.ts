import { render } from "../../src/base/render.ts";
import { format } from "../../src/syntax/format.ts";
import { preprocess } from "../../src/syntax/preprocess.ts";
import { parse } from "../../src/syntax/parse.ts";
import { print } from "../../src/syntax/print.ts";
import { runCases } from "../support/cases.ts";
import { dumpTree } from "../support/tree.ts";

// An input may hold several files: the program, then for each included one a line `== path`.
function filesOf(input: string): { text: string; load: (path: string) => string | undefined } {
  const [text = "", ...parts] = input.split(/^== /m);
  const files = new Map(
    parts.map((part): [string, string] => {
      const [path = "", ...lines] = part.split("\n");
      return [path.trim(), lines.join("\n")];
    }),
  );
  return { text, load: (path) => files.get(path) };
}

/** `-I folder` and `-M NAME=VALUE`, without a space between. */
function optionsOf(args: string[]): {
  includeDirectories: string[];
  macros: Record<string, string>;
} {
  const values = (flag: string): string[] =>
    args.filter((arg) => arg.startsWith(flag)).map((arg) => arg.slice(2));
  const macros = values("-M").map((macro): [string, string] => {
    const [name = "", value = ""] = macro.split("=");
    return [name, value];
  });
  return { includeDirectories: values("-I"), macros: Object.fromEntries(macros) };
}

describe("syntax", () => {
  runCases("syntax", {
    // The text in canonical layout, or the errors.
    format: (input, args) => {
      const { text, load } = filesOf(input);
      const formatted = format({ path: "a.dl", text }, { load, ...optionsOf(args) });
      return render(formatted.diagnostics, { color: false }) + (formatted.text ?? "");
    },
    // The tree in full, or the errors.
    parse: (input, args) => {
      const { text, load } = filesOf(input);
      const { tree, diagnostics } = parse(text, { load, ...optionsOf(args), path: "a.dl" });
      return render(diagnostics, { color: false }) + dumpTree(tree);
    },
    // The canonical text, and the errors before it.
    print: (input, args) => {
      const { text, load } = filesOf(input);
      const { tree, diagnostics } = parse(text, { load, ...optionsOf(args), path: "a.dl" });
      return render(diagnostics, { color: false }) + print(tree);
    },
    // The errors, and the canonical text of what was understood in spite of them.
    errors: (input, args) => {
      const { text, load } = filesOf(input);
      const { tree, diagnostics } = parse(text, { load, ...optionsOf(args), path: "a.dl" });
      return `${render(diagnostics, { color: false })}understood:\n${print(tree)}`;
    },
    // The expanded text, lines without anything left out.
    preprocess: (input, args) => {
      const { text, load } = filesOf(input);
      const expansion = preprocess({ path: "a.dl", text }, { load, ...optionsOf(args) });
      const lines = expansion.text.split("\n").map((line) => line.replaceAll(/ +/g, " ").trim());
      const kept = lines.filter((line) => line !== "").join("\n");
      return render(expansion.diagnostics, { color: false }) + kept;
    },
  });
});
