import type { Program, RelationAt, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { strataOf } from "./demand-strata.ts";

/** Returns a program that joins rows of a relation with lattices: it derives from what is in its
 * first relation, where a key may have several, the one row of each key in its second. */
export function joiningProgram(program: Program, at: RelationAt): Program {
  const relation = program.relations[at];
  assert(relation !== undefined, "rows of a relation are joined");
  const { lattices: _, place: __, ...plain } = relation;
  const rows = { ...plain, name: `#rows of ${relation.name}` };
  const variables = relation.attributes.map(({ name, kind }) => ({ name, kind }));
  const terms = variables.map((___, variable): Term => ({ kind: "variable", variable }));
  const { span } = relation;
  const rules = [
    {
      ...{ head: { relation: 1, terms }, variables, span },
      body: [{ kind: "atom", relation: 0, terms, span } as const],
    },
  ];
  const relations = [rows, relation];
  return {
    ...{ ...program, relations, rules, facts: [], directives: [], contracts: [] },
    ...{ expectations: [], strata: strataOf(relations, rules, []) },
  };
}
