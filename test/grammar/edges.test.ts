import { runCases } from "../support/cases.ts";
import { verdict } from "./verdict.ts";

describe("the grammar and the parser at the edges of the language", () => {
  runCases("grammar", { verdict: (input) => verdict(input) });
});
