import type { Plan, StratumPlan, Upkeep } from "../plan/plan.ts";
import type { Run } from "./run.ts";
import { linked, type LinkedStratum } from "./stratum.ts";

/** A relation that grew by this factor, and some rows, has its readers planned anew. */
const growthMax = 8;
const rowsMin = 64;

/** Whether relations have not outgrown the sizes that they had. */
export function fits(before: readonly number[], now: readonly number[]): boolean {
  return before.every((size, at) => stillFits(size, now[at]!));
}

function stillFits(before: number, now: number): boolean {
  return now <= growthMax * before + rowsMin;
}

/** The plans of strata as code, for evaluations that follow each other: each is made when it is
 * first needed, and again when relations have outgrown the sizes that it was made for. */
export class KeptPlans {
  private readonly plan: Plan;
  /** The relations that each stratum reads, and these with those that it computes. */
  private readonly reads: readonly (readonly number[])[];
  private readonly readsAndOwn: readonly (readonly number[])[];
  /** By stratum, what it is for, and what is the matter with the rows that it reads. */
  private readonly kept: (Kept | undefined)[] = [];

  constructor(plan: Plan, upkeeps: readonly Upkeep[]) {
    this.plan = plan;
    this.reads = upkeeps.map(({ joins, wholes }) => [...joins, ...wholes]);
    this.readsAndOwn = this.reads.map((reads, at) => [...reads, ...plan.strata[at]!]);
  }

  /** Returns what evaluates a stratum as a whole. */
  whole(run: Run, at: number): LinkedStratum {
    return this.current(3 * at, run, this.reads[at]!, (losing) =>
      this.plan.stratum(at, run.sizes, losing ? "losing" : "maintained"),
    );
  }

  /** Returns what adds to a stratum what follows from what is new; rules that negate or aggregate
   * are run on all there is where `wholes` says so. */
  upkeep(run: Run, at: number, wholes: boolean): LinkedStratum {
    return this.current(3 * at + (wholes ? 1 : 2), run, this.readsAndOwn[at]!, () =>
      this.plan.maintenance(at, run.sizes, wholes),
    );
  }

  private current(
    purpose: number,
    run: Run,
    relations: readonly number[],
    planned: (losing: boolean) => StratumPlan,
  ): LinkedStratum {
    const { sizes, database } = run;
    let holes = false;
    let losing = false;
    for (const at of relations) {
      const relation = database.relations[at]!;
      holes ||= relation.holes;
      losing ||= relation.losing;
    }
    const key = 4 * purpose + (holes ? 2 : 0) + (losing ? 1 : 0);
    const found = this.kept[key];
    if (found?.sizes.every((size, of) => stillFits(size, sizes[relations[of]!]!)) === true)
      return found.stratum;
    const stratum = linked(run, { ...planned(losing), ...(holes ? { holes } : {}) });
    this.kept[key] = { stratum, sizes: relations.map((at) => sizes[at]!) };
    return stratum;
  }
}

type Kept = { readonly stratum: LinkedStratum; readonly sizes: readonly number[] };
