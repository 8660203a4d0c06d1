import { expect } from "chai";

import { compiled, interpreted, type Backend } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Maintained, type Maintenance } from "../../src/engine/maintained.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Word } from "../../src/value/word.ts";
import { runCases } from "../support/cases.ts";
import { testFunctors } from "../support/functors.ts";

describe("a program that is kept up", () => {
  runCases("maintained", {
    keep: (input, args) => {
      const [byCode, byPlan] = [compiled, interpreted].map((backend) =>
        session(input, args.includes("grows"), backend),
      );
      expect(byPlan).to.equal(byCode);
      return byCode ?? "";
    },
  });
});

/** A program, and from the first line that begins with `+` or `-` on what is inserted and removed,
 * all of a line before one run. Of each run the strata that were evaluated are shown, with how many
 * tuples their rules derived, and what changed. */
function session(input: string, grows: boolean, backend: Backend): string {
  const lines = input.split("\n");
  const begin = lines.findIndex((line) => /^[+-]/.test(line));
  const { compiled: program } = compile(lines.slice(0, begin).join("\n"));
  if (program === undefined) return "the program has errors";
  const { plan } = program;
  const database = new Database(plan);
  const functors = testFunctors();
  const kept = new Maintained(plan, database, { backend, functors, grows: () => grows });
  const nameOf = (relation: number): string => plan.relations[relation]?.name ?? "";
  const said = ({ evaluation, changes }: Maintenance): string[] => {
    const strata = evaluation.strata.map(
      ({ relations, derived }) => `${relations.map(nameOf).join(" and ")} by ${derived}`,
    );
    const codes = evaluation.diagnostics.map(({ code }) => `  ${code}`);
    return [
      ...[...strata].map((of) => `  rules of ${of}`),
      ...codes,
      ...changes.map((change) => {
        const { kind, relation } = change;
        const columns =
          change.kind === "replaced"
            ? plan.relations[relation]!.attributes.map((_, at) =>
                database.relations[relation]!.column(at),
              )
            : change.columns();
        const count =
          change.kind === "replaced" ? database.relations[relation]!.size : change.count;
        const rows = Array.from({ length: count }, (_, row) => tupleText(relation, columns, row));
        return `  ${nameOf(relation)} ${kind}: ${rows.join(" ")}`;
      }),
    ];
  };
  const tupleText = (relation: number, columns: readonly Int32Array[], row: number): string => {
    const values = plan.relations[relation]!.attributes.map(({ kind }, at) =>
      printValue(database.values.decode(kind, columns[at]![row]!)),
    );
    return `(${values.join(", ")})`;
  };
  const wordsOf = (relation: number, text: string): Word[] =>
    (JSON.parse(`[${text}]`) as (number | string)[]).map((value, at) =>
      database.values.encode(
        plan.relations[relation]!.attributes[at]!.kind,
        typeof value === "number" ? BigInt(value) : value,
      ),
    );
  return lines
    .slice(begin)
    .filter((line) => line !== "")
    .flatMap((line) => {
      for (const [, sign, name, text = ""] of line.matchAll(/([+-])(\w+)\(([^)]*)\)/g)) {
        const relation = plan.relations.findIndex((of) => of.name === name);
        if (sign === "+") kept.insert(relation, wordsOf(relation, text));
        else kept.remove(relation, wordsOf(relation, text));
      }
      return [line, ...said(kept.run())];
    })
    .join("\n");
}
