// Runs a program on the facts of its one input relation in the reference evaluator; prints sizes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../src/compile.ts";
import { reference } from "../test/support/reference.ts";

const [file = "", facts = ""] = process.argv.slice(2);
const { compiled } = compile(readFileSync(file, "utf8"));
if (compiled === undefined) throw new Error(`${file} does not compile`);
const { program } = compiled;
const input = program.directives.find(({ word }) => word === "input");
const name = program.relations[input?.relation ?? -1]?.name ?? "";
const lines = readFileSync(join(facts, `${name}.facts`), "utf8")
  .trimEnd()
  .split("\n");
const rows = lines.map((line) => line.split("\t").map(BigInt));
const relations = reference(program, new Map([[name, rows]]));
for (const { word, relation } of program.directives) {
  const { name: printed } = program.relations[relation] ?? { name: "" };
  if (word === "printsize") console.log(`${printed}\t${relations.get(printed)?.size ?? 0}`);
}
