import type { Expectation, Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import type { Word } from "../value/word.ts";
import { rowsOf, valueText } from "./rows.ts";

/** How many missing and how many unexpected tuples are shown of one relation. */
const tuplesShownMax = 5;

/** Returns an error for each `.expect` of `program` that `database` does not meet. */
export function unmetExpectations(program: Program, database: Database): Diagnostic[] {
  return program.expectations.flatMap((expectation) => {
    const relation = database.relation(expectation.relation);
    return relation === undefined ? [] : judged(expectation, relation, database);
  });
}

function judged(expectation: Expectation, relation: Relation, database: Database): Diagnostic[] {
  const { schema } = relation;
  const { values } = database;
  const expected = expectation.tuples.map((tuple) =>
    tuple.map((value, at) => values.encode(schema.attributes[at]?.kind ?? "number", value)),
  );
  const keys = new Set(expected.map((words) => words.join()));
  const missing = expected.filter((words) => !relation.has(words));
  const unexpected = rowsOf(relation).filter((words) => !keys.has(words.join()));
  if (missing.length === 0 && unexpected.length === 0) return [];
  const text = (words: readonly Word[]): string =>
    `(${words.map((word, at) => valueText(relation, at, word, database)).join(", ")})`;
  const message = `relation "${schema.name}" does not hold what is expected`;
  const notes = [
    ...listed("missing", missing.map(text)),
    ...listed("not expected", unexpected.map(text)),
  ];
  return [{ severity: "error", code: "unmet-expectation", message, span: expectation.span, notes }];
}

function listed(what: string, tuples: readonly string[]): string[] {
  if (tuples.length === 0) return [];
  const more = tuples.length - tuplesShownMax;
  const shown = tuples.slice(0, tuplesShownMax).join(", ");
  return [`${what}: ${shown}${more > 0 ? ` and ${more} more` : ""}`];
}
