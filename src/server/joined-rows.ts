import { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import { joiningProgram } from "../plan/joining.ts";
import { plan } from "../plan/program.ts";
import type { Plan } from "../plan/plan.ts";
import type { Program } from "../analysis/program.ts";
import { insertFact, tuplesIn } from "../transducer/stored.ts";
import { StepFault } from "../transducer/transducer.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";

type Tuple = readonly Value[];

/** Joins rows with lattice values that several nodes, or lives of a node, have of one key. */
export class JoinedRows {
  private readonly program: Program;
  private readonly options: EvaluateOptions;
  private readonly plans = new Map<number, Plan>();

  constructor(program: Program, options: EvaluateOptions) {
    this.program = program;
    this.options = options;
  }

  /** Returns the tuples each once; of a relation with lattices one row for each key, the least that
   * is above all. Throws a `StepFault` where a lattice's functor fails. */
  of(relation: number, tuples: readonly Tuple[]): readonly Tuple[] {
    const { attributes = [], lattices = [] } = this.program.relations[relation] ?? {};
    const fixed = attributes.length - lattices.length;
    const byKey = new Map<string, Tuple[]>();
    for (const tuple of tuples) {
      const key = tuple.slice(0, fixed).map(printValue).join(", ");
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [tuple]);
      else if (lattices.length > 0) known.push(tuple);
    }
    if (byKey.size === tuples.length) return tuples;
    return [...byKey.values()].flatMap((rows) =>
      rows.length === 1 ? rows : this.joined(relation, rows),
    );
  }

  private joined(relation: number, rows: readonly Tuple[]): readonly Tuple[] {
    const planned = this.plans.get(relation) ?? plan(joiningProgram(this.program, relation));
    this.plans.set(relation, planned);
    const database = new Database(planned);
    for (const values of rows) insertFact(database, { relation: 0, values });
    const { complete, diagnostics } = evaluate(planned, database, this.options);
    if (!complete) throw new StepFault(diagnostics);
    return tuplesIn(database, 1);
  }
}
