import type { Program } from "../../analysis/program.ts";
import type { LockKeys } from "../../calvin/footprint.ts";
import { PlannedTransaction } from "../../calvin/planned-transaction.ts";
import type { Row, TransactionCode } from "../../calvin/transaction.ts";
import type { EvaluateOptions } from "../../engine/run.ts";
import { isBase, keyColumns, transactionPlan } from "../../plan/transaction.ts";

/** What the ordered plane carries out of a program. */
export type OrderedProgram = {
  readonly program: Program;
  /** How its rules are evaluated. */
  readonly evaluation: EvaluateOptions;
  readonly keys: LockKeys;
  readonly codes: ReadonlyMap<string, TransactionCode>;
  /** What the text states of base relations: there before the first epoch. */
  readonly stated: readonly Row[];
  /** Whether transactions read the tuples of a relation from storage. */
  readonly base: (relation: number) => boolean;
};

/** Returns what the ordered plane carries out of a program. */
export function orderedProgram(program: Program, evaluation: EvaluateOptions): OrderedProgram {
  const bases = program.relations.map((_, at) => isBase(program, at));
  return {
    ...{ program, evaluation },
    keys: program.relations.map((_, at) => keyColumns(program, at)),
    codes: new Map(
      program.transactions.map((of) => [
        of.name,
        new PlannedTransaction(transactionPlan(program, of), evaluation),
      ]),
    ),
    stated: program.facts
      .filter(({ relation }) => bases[relation] === true)
      .map(({ relation, values }) => ({ relation, values })),
    base: (relation) => bases[relation] === true,
  };
}
