import { inputOptions, outputOptions } from "../../src/io/parameters.ts";
import { runCases } from "../support/cases.ts";
import { schemaOf } from "./tools.ts";

describe("the parameters of directives", () => {
  // The input has a parameter on each line, its value with JSON's escapes.
  const take = (word: "input" | "output" | "printsize") => (input: string) => {
    const lines = input.split("\n").filter((line) => line !== "");
    const parameters = new Map(
      lines.map((line) => {
        const at = line.indexOf("=");
        const value = JSON.parse(`"${line.slice(at + 1).replaceAll('"', '\\"')}"`) as string;
        return [line.slice(0, at), value];
      }),
    );
    const span = { source: { path: "", text: "" }, start: 0, end: 0 };
    const directive = { word, parameters, span };
    const schema = schemaOf("number", "symbol");
    const taken = word === "input" ? inputOptions : outputOptions;
    const { options, diagnostics } = taken(directive, schema);
    const findings = diagnostics.map(({ severity, code, message, hint }) =>
      [`${severity}[${code}] ${message}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join(
        "\n",
      ),
    );
    return [...(options === undefined ? [] : [JSON.stringify(options, null, 1)]), ...findings].join(
      "\n",
    );
  };
  runCases("io/parameters", {
    input: take("input"),
    output: take("output"),
    printsize: take("printsize"),
  });
});
