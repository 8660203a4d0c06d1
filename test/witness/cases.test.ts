import { renderConcise } from "../../src/base/render.ts";
import { understand } from "../../src/understand.ts";
import { printWitness } from "../../src/witness/print.ts";
import { witness } from "../../src/witness/witness.ts";
import { runCases } from "../support/cases.ts";

// `witness [STEPS]` looks for a witness for each output of a program.
runCases("witness", {
  witness: (input, [stepsMax]) => {
    const { program, diagnostics } = understand(input);
    if (program === undefined) return renderConcise(diagnostics);
    const options = stepsMax === undefined ? {} : { stepsMax: Number(stepsMax) };
    const outputs = program.directives.filter(({ word }) => word === "output");
    return outputs
      .flatMap(({ relation }) => [
        `${program.relations[relation]?.name ?? ""}:`,
        ...printWitness(program, relation, witness(program, relation, options)).map(
          (line) => `  ${line}`,
        ),
      ])
      .join("\n");
  },
});
