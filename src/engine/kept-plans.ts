import type { Plan, Upkeep } from "../plan/plan.ts";
import type { Run } from "./run.ts";
import { linked, type LinkedStratum } from "./stratum.ts";

/** A relation that grew by this factor, and some rows, has its readers planned anew. */
const growthMax = 8;
const rowsMin = 64;

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
    const plan = (): LinkedStratum => linked(run, this.plan.stratum(at, run.sizes, true));
    return this.current(`whole ${at}`, run, this.reads(at), plan);
  }

  /** Returns what adds to a stratum what follows from what is new; rules that negate or aggregate
   * are run on all there is where `wholes` says so. */
  upkeep(run: Run, at: number, wholes: boolean): LinkedStratum {
    const relations = [...this.reads(at), ...this.plan.strata[at]!];
    const plan = (): LinkedStratum => linked(run, this.plan.maintenance(at, run.sizes, wholes));
    return this.current(`${wholes ? "on all" : "on new"} ${at}`, run, relations, plan);
  }

  private reads(at: number): readonly number[] {
    const { joins, wholes } = this.upkeeps[at]!;
    return [...joins, ...wholes];
  }

  private current(
    name: string,
    { sizes }: Run,
    relations: readonly number[],
    made: () => LinkedStratum,
  ): LinkedStratum {
    const found = this.kept.get(name);
    const fits = found?.sizes.every(
      (size, place) => sizes[relations[place]!]! <= growthMax * size + rowsMin,
    );
    if (found !== undefined && fits === true) return found.stratum;
    const kept = { stratum: made(), sizes: relations.map((at) => sizes[at]!) };
    this.kept.set(name, kept);
    return kept.stratum;
  }
}

type Kept = { readonly stratum: LinkedStratum; readonly sizes: readonly number[] };
