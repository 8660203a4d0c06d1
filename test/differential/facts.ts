import type { CompiledProgram } from "../../src/compile.ts";
import { channelsOf } from "../../src/cli/channels.ts";
import { readInputs } from "../../src/cli/inputs.ts";
import { processHost } from "../../src/cli/host.ts";
import { Database } from "../../src/engine/database.ts";
import type { Facts } from "../support/reference.ts";
import { tuplesOf } from "./ways.ts";

/** What a program reads from a folder, as `calm run -F` reads it. */
export async function factsIn(factDir: string, { program, plan }: CompiledProgram): Promise<Facts> {
  const database = new Database(plan);
  const { inputs } = channelsOf(program);
  const settings = { factDir, missingIsEmpty: false };
  const well = await readInputs(inputs, database, settings, processHost());
  if (!well) throw new Error(`the facts in ${factDir} cannot be read`);
  return new Map(
    inputs.map(({ relation }) => [
      program.relations[relation]!.name,
      tuplesOf(database, relation)
        .toArray()
        .map((tuple) => tuple.toArray()),
    ]),
  );
}
