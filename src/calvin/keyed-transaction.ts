import { KeyedRun } from "../engine/keyed-run.ts";
import type { KeyedPlan } from "../plan/keyed.ts";
import type { Plan } from "../plan/plan.ts";
import type { Value } from "../value/schema.ts";
import {
  type Footprint,
  keyConflict,
  type Outcome,
  type Pattern,
  type Row,
  type View,
} from "./transaction.ts";

/** A transaction that looks up rows by their keys: these follow from its arguments. */
export class KeyedTransaction {
  private readonly plan: KeyedPlan;
  private readonly keyed: KeyedRun;
  private readonly isUniform: boolean;

  constructor(plan: KeyedPlan, { domain, structures }: Pick<Plan, "domain" | "structures">) {
    this.plan = plan;
    this.keyed = new KeyedRun(plan, domain, structures);
    this.isUniform = plan.lookups.every(({ reads, writes }) => reads && writes);
  }

  footprint(args: readonly Value[]): KeyedFootprint {
    const { lookups } = this.plan;
    const keys = this.keyed.keys(args);
    const patterns = lookups.map(({ relation, columns }, at): Pattern => {
      return { relation, columns, values: keys[at] ?? [] };
    });
    if (this.isUniform) return new KeyedFootprint(patterns, patterns, patterns);
    const reads = patterns.filter((_, at) => lookups[at]?.reads);
    const writes = patterns.filter((_, at) => lookups[at]?.writes);
    return new KeyedFootprint(reads, writes, patterns);
  }

  run(view: View, args: readonly Value[], footprint?: Footprint): Outcome {
    const { patterns } = footprint instanceof KeyedFootprint ? footprint : this.footprint(args);
    const rows = patterns.map((pattern) => firstOf(view.tuples(pattern)));
    const keys = patterns.map(({ values }) => values);
    const outcome = this.keyed.run(args, keys, rows);
    if (outcome.kind === "conflict") return { kind: "aborted", reason: keyConflict };
    if (outcome.kind === "aborted") return outcome;
    const row = ({ lookup, values }: (typeof outcome.removed)[number]): Row => {
      return { relation: patterns[lookup]?.relation ?? 0, values };
    };
    return { kind: "done", removed: outcome.removed.map(row), inserted: outcome.inserted.map(row) };
  }
}

/** What lookups touch, with the pattern of each. */
class KeyedFootprint implements Footprint {
  readonly reads: readonly Pattern[];
  readonly writes: readonly Pattern[];
  readonly patterns: readonly Pattern[];

  constructor(reads: readonly Pattern[], writes: readonly Pattern[], patterns: readonly Pattern[]) {
    this.reads = reads;
    this.writes = writes;
    this.patterns = patterns;
  }
}

/** The one tuple that has a key. */
function firstOf(tuples: Iterable<readonly Value[]>): readonly Value[] | undefined {
  for (const tuple of tuples) return tuple;
  return undefined;
}
