// From a run that fails to a small one that fails the same way.
import type { CheckKind } from "./checker.ts";
import type { Outcome } from "./outcome.ts";
import type { SimulatedProgram } from "./program.ts";
import type { Schedule, TimedFault } from "./schedule.ts";
import { simulate } from "./simulate.ts";

/** Returns a run with as few nodes, inserts, facts and faults as can be found in so many runs,
 * which violates what `failed` violates. */
export function shrunk(program: SimulatedProgram, failed: Outcome, runsMax = 1_000): Outcome {
  const check = failed.failure?.check;
  if (check === undefined) return failed;
  const search = new Search(program, failed, check, runsMax);
  for (let before = -1; before !== search.size;) {
    before = search.size;
    search.round();
  }
  return search.smallest;
}

class Search {
  smallest: Outcome;
  private readonly program: SimulatedProgram;
  private readonly check: CheckKind;
  private runsLeft: number;

  constructor(program: SimulatedProgram, failed: Outcome, check: CheckKind, runsMax: number) {
    this.program = program;
    this.smallest = failed;
    this.check = check;
    this.runsLeft = runsMax;
  }

  /** How much there is in the smallest run. */
  get size(): number {
    const { schedule } = this;
    const facts = schedule.inserts.reduce((sum, insert) => sum + insert.facts.length, 0);
    return (
      schedule.names.length +
      schedule.inserts.length +
      schedule.faults.length +
      schedule.gone.length +
      (schedule.joins ?? []).length +
      facts +
      this.fates.length +
      (schedule.convergedMs === undefined ? 0 : 1)
    );
  }

  round(): void {
    // What fails during the faults need not be run to the end.
    const { convergedMs, ...faultsOnly } = this.schedule;
    if (convergedMs !== undefined) this.attempt(faultsOnly);
    for (const name of this.schedule.names) this.attempt(without(this.schedule, name));
    this.attempt({ ...this.schedule, gone: [] });
    this.attempt({ ...this.schedule, joins: [] });
    // Who waits for a seal that never comes waits for ever, whatever else went wrong.
    const inserted = this.schedule.inserts.filter(({ seals }) => seals === undefined);
    this.reduce(inserted, (some) => ({
      ...this.schedule,
      inserts: this.schedule.inserts.filter((one) => some.includes(one) || one.seals !== undefined),
    }));
    this.reduce(this.schedule.faults, (faults) => ({ ...this.schedule, faults }));
    this.reduce(this.fates, (fates) => ({
      ...this.schedule,
      fates: { kind: "fixed", fates: new Map(fates) },
    }));
    for (const { request } of this.schedule.inserts) {
      const insert = this.schedule.inserts.find((other) => other.request === request);
      this.reduce(insert?.facts ?? [], (facts) => ({
        ...this.schedule,
        inserts: this.schedule.inserts.flatMap((other) => {
          if (other.request !== request) return [other];
          return facts.length === 0 ? [] : [{ ...other, facts }];
        }),
      }));
    }
  }

  private get schedule(): Schedule {
    return this.smallest.schedule;
  }

  private get fates(): (readonly [string, readonly number[]])[] {
    const { fates } = this.schedule;
    return fates.kind === "fixed" ? [...fates.fates] : [];
  }

  /** Leaves out of a list what can be: large parts first, then smaller ones. */
  private reduce<T>(list: readonly T[], scheduleOf: (list: readonly T[]) => Schedule): void {
    let items = list;
    for (let size = items.length; size >= 1; size = Math.floor(size / 2))
      for (let at = 0; at < items.length;) {
        const fewer = [...items.slice(0, at), ...items.slice(at + size)];
        if (this.attempt(scheduleOf(fewer))) items = fewer;
        else at += size;
      }
  }

  private attempt(schedule: Schedule): boolean {
    if (this.runsLeft === 0) return false;
    this.runsLeft--;
    const outcome = simulate(this.program, schedule);
    if (outcome.failure?.check !== this.check) return false;
    const before = this.size;
    const smallest = this.smallest;
    this.smallest = outcome;
    if (this.size < before) return true;
    this.smallest = smallest;
    return false;
  }
}

/** A schedule without a node, and all that happens to it. */
function without(schedule: Schedule, name: string): Schedule {
  const others = (names: readonly string[]): string[] => names.filter((other) => other !== name);
  return {
    ...schedule,
    names: others(schedule.names),
    links: schedule.links.filter((ends) => !ends.includes(name)),
    gone: others(schedule.gone),
    joins: (schedule.joins ?? []).filter(({ node }) => node !== name),
    inserts: schedule.inserts.filter(({ node }) => node !== name),
    faults: schedule.faults.flatMap((fault): TimedFault[] => {
      if ("by" in fault && fault.by === name) return [];
      if (fault.kind !== "cut") return fault.node === name ? [] : [fault];
      return [{ ...fault, from: others(fault.from), to: others(fault.to) }];
    }),
  };
}
