import type { Program } from "../analysis/program.ts";
import type { Database } from "../engine/database.ts";
import { writeResult, type ResultFormat } from "../io/write.ts";
import { writeJson } from "../io/write-json.ts";
import type { Host } from "./host.ts";
import { checkListed } from "./listed.ts";

/** How results are shown. */
export type Show = {
  /** A table unless given. */
  readonly format: ResultFormat | undefined;
  readonly rowsMax: number;
  readonly width: number;
};

/** Prints the relations that the program puts out, or all that it derives where it puts out none.
 * JSON is one object with a member for each relation. */
export function showResults(
  program: Program,
  database: Database,
  { format = "table", rowsMax, width }: Show,
  host: Host,
): void {
  const size = { widthMax: width, rowsMax };
  const asked = relationsToShow(program);
  for (const at of asked) {
    const relation = database.relation(at);
    if (relation !== undefined) checkListed(relation);
  }
  if (format === "json") {
    showJson(asked, database, host);
    return;
  }
  for (const [place, at] of asked.entries()) {
    const relation = database.relation(at);
    if (relation === undefined) continue;
    if (place > 0) host.stdout.write("\n");
    // A table says by itself which relation it shows.
    if (format !== "table" && asked.length > 1) host.stdout.write(`# ${relation.schema.name}\n`);
    for (const chunk of writeResult(relation, database.values, format, size))
      host.stdout.write(chunk);
  }
}

function showJson(asked: readonly number[], database: Database, host: Host): void {
  host.stdout.write("{");
  for (const [place, at] of asked.entries()) {
    const relation = database.relation(at);
    if (relation === undefined) continue;
    host.stdout.write(`${place === 0 ? "" : ","}\n${JSON.stringify(relation.schema.name)}: `);
    for (const chunk of writeJson(relation, database.values)) host.stdout.write(chunk);
  }
  host.stdout.write("}\n");
}

function relationsToShow({ directives, rules, relations }: Program): number[] {
  const put = directives.filter(({ word }) => word === "output").map(({ relation }) => relation);
  const asked = put.length > 0 ? put : rules.map(({ head }) => head.relation);
  return [...new Set(asked)].filter((at) => relations[at]?.inlined === false);
}
