import type { Plan, StratumPlan, Upkeep } from "../plan/plan.ts";
import type { Run } from "./run.ts";
import { linked, type LinkedStratum } from "./stratum.ts";

/** A relation that grew by this factor, and some rows, has its readers planned anew. */
const growthMax = 8;
const rowsMin = 64;

/** Whether relations have not outgrown the sizes that they had. */
export function fits(before: readonly number[], now: readonly number[]): boolean {
  return before.every((size, at) => now[at]! <= growthMax * size + rowsMin);
}

/** The plans of strata as code, for evaluations that follow each other: each is made when it is
 * first needed, and again when relations have outgrown the sizes that it was made for. */
export class KeptPlans {
  private readonly plan: Plan;
  private readonly upkeeps: readonly Upkeep[];
  private readonly kept = new Map<string, Kept>();

  constructor(plan: Plan, upkeeps: readonly Upkeep[]) {
    this.plan = plan;
    this.upkeeps = upkeeps;
  }

  /** Returns what evaluates a stratum as a whole. */
  whole(run: Run, at: number): LinkedStratum {
    const relations = this.reads(at);
    return this.current(`whole ${at}`, run, relations, (losing) =>
      this.plan.stratum(at, run.sizes, losing ? "losing" : "maintained"),
    );
  }

  /** Returns what adds to a stratum what follows from what is new; rules that negate or aggregate
   * are run on all there is where `wholes` says so. */
  upkeep(run: Run, at: number, wholes: boolean): LinkedStratum {
    const relations = [...this.reads(at), ...this.plan.strata[at]!];
    const name = `${wholes ? "on all" : "on new"} ${at}`;
    return this.current(name, run, relations, () => this.plan.maintenance(at, run.sizes, wholes));
  }

  private reads(at: number): readonly number[] {
    const { joins, wholes } = this.upkeeps[at]!;
    return [...joins, ...wholes];
  }

  private current(
    name: string,
    run: Run,
    relations: readonly number[],
    planned: (losing: boolean) => StratumPlan,
  ): LinkedStratum {
    const { sizes, database } = run;
    const read = relations.map((at) => database.relations[at]!);
    const holes = read.some((relation) => relation.holes);
    const losing = read.some((relation) => relation.losing);
    const key = [name, ...(holes ? ["with holes"] : []), ...(losing ? ["losing"] : [])].join(" ");
    const found = this.kept.get(key);
    const now = relations.map((at) => sizes[at]!);
    if (found !== undefined && fits(found.sizes, now)) return found.stratum;
    const stratum = linked(run, { ...planned(losing), ...(holes ? { holes } : {}) });
    this.kept.set(key, { stratum, sizes: now });
    return stratum;
  }
}

type Kept = { readonly stratum: LinkedStratum; readonly sizes: readonly number[] };
