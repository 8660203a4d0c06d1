import { runCases } from "../support/cases.ts";
import { fixedText, floatText } from "../../src/value/float.ts";

describe("the text of a float", () => {
  runCases("value", {
    "%.17g": (input) => each(input, (value) => floatText(value, 64)),
    "%.9g": (input) => each(input, (value) => floatText(Math.fround(value), 32)),
    to_string: (input) => each(input, fixedText),
  });
});

function each(input: string, text: (value: number) => string): string {
  // A quotient writes exactly what lies between two decimals: 1/128.
  const value = (line: string): number => {
    const [numerator = "", denominator = "1"] = line.split("/");
    return Number(numerator) / Number(denominator);
  };
  return input
    .split("\n")
    .map((line) => text(value(line)))
    .join("\n");
}
