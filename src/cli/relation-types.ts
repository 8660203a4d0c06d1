// From a program to a TypeScript module that says what its relations hold, for rows of the library.
import type { Program } from "../analysis/program.ts";
import { understand } from "../understand.ts";
import { kindClass } from "../value/schema.ts";
import { exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { compileOptions, printDiagnostics, sourceOf, type ProgramOptions } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** Prints what the relations of a program hold, as the library takes it. */
export function relationTypes(file: string, options: ProgramOptions, host: Host): ExitCode {
  const { program, diagnostics } = understand(sourceOf(file, host), compileOptions(options));
  // Who uses the library inserts facts, where others read them.
  const found = diagnostics.filter(({ code }) => code !== "no-rules-nor-facts");
  printDiagnostics(withoutSilenced(found, options), options, host);
  if (program === undefined) return exitCodes.problem;
  host.stdout.write(moduleOf(program));
  return exitCodes.ok;
}

function moduleOf({ relations }: Program): string {
  const lines = relations
    .filter(({ inlined, place }) => !inlined && place?.arguments !== true)
    .map(({ name, attributes }) => {
      const columns = attributes.map(
        (attribute) => `${property(attribute.name)}: "${kindClass(attribute.kind)}"`,
      );
      return `  ${property(name)}: {${columns.length === 0 ? "" : ` ${columns.join(", ")} `}},\n`;
    });
  const head = "/** What the relations of the program hold; made by `calm types`. */\n";
  return `${head}export const relations = {\n${lines.join("")}} as const;\n`;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
