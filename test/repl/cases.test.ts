import { runCases } from "../support/cases.ts";
import { answers } from "./typed.ts";

describe("sessions", () => {
  runCases("repl", { repl: (input) => answers(input) });
});
