import type { Program, Relation, Term, Transaction } from "../analysis/program.ts";
import { undeterminedRelations } from "../analysis/transaction-reads.ts";
import { assert } from "../base/assert.ts";
import { type TransactionPlan, transactionPlan } from "./transaction.ts";

/** What answers a question on a state of base relations, asked with other values each time: it
 * fetches rows as a transaction does. */
export type CutQuestion = {
  /** Its arguments are the values of the question. */
  readonly planned: TransactionPlan;
  /** The relation of the plan that holds the tuples found, all columns of each. */
  readonly answer: number;
};

/** Returns the plan of a question on base relations, for all tuples of a relation that have given
 * values in some of its columns. */
export function cutQuestion(
  program: Program,
  relation: number,
  columns: readonly number[],
): CutQuestion {
  const of = program.relations[relation];
  assert(of !== undefined, "what is asked for is a relation");
  const { span } = of;
  const given = columns.flatMap((column) => of.attributes[column] ?? []);
  const asked: Relation = { name: "#asked", attributes: given, inlined: false, span };
  const answer: Relation = { ...asked, name: "#answer", attributes: of.attributes };
  const relations = [...program.relations, asked, answer];
  const terms = of.attributes.map((_, variable): Term => ({ kind: "variable", variable }));
  const question: Transaction = {
    ...{ name: asked.name, parameters: given, span },
    rules: [
      {
        given: columns.flatMap((column) => terms[column] ?? []),
        head: { kind: "insert", relation: relations.length - 1, terms },
        body: [{ kind: "atom", relation, terms, span }],
        variables: of.attributes.map(({ name, kind }) => ({ name, kind })),
        span,
      },
    ],
  };
  const planned = transactionPlan({ ...program, relations }, question);
  const [change] = planned.changes;
  assert(change !== undefined, "the answer is what the question would insert");
  return { planned, answer: change.rows };
}

/** Returns why a relation has no answer at a cut: it depends on more than the facts of it, such as
 * what steps keep in memory. Undefined where it has one. */
export function cutRefusal(program: Program, relation: number): string | undefined {
  const { relations, rules, strata } = program;
  return undeterminedRelations(relations, rules, strata).get(relation);
}
