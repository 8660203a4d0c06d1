// What an evaluation records of itself when it is profiled: what each iteration of each stratum
// took, and how much memory there was when.
import type { Tally } from "../codegen/code.ts";
import type { RulePlan } from "../plan/plan.ts";

/** What a stretch of evaluation took. */
export type Effort = {
  /** New tuples. */
  readonly derived: number;
  /** Keys that were looked up, and tuples that were come to; see `Tally`. */
  readonly probes: number;
  readonly firings: number;
  /** 0 where there is no clock. */
  readonly ms: number;
  /** By how much memory grew, or shrank. */
  readonly grownBytes: number;
};

/** What one iteration of a stratum took, or several that follow each other. */
export type Iteration = Effort & {
  /** The first: 0 is what runs once, before the rounds. */
  readonly round: number;
  /** How many there are from `round` on. */
  readonly rounds: number;
  /** What relations, indexes and values held in the end. */
  readonly bytes: number;
  /** What rules took of it, in the order in which they ran. The rest went into indexes. */
  readonly rules: ReadonlyMap<RulePlan, Effort>;
};

/** How much there was at one time. */
export type Sample = {
  /** Since the evaluation began. */
  readonly ms: number;
  /** What relations, indexes and values held. */
  readonly bytes: number;
  /** What rules had derived, in all relations together. */
  readonly derived: number;
};

/** So many iterations of a stratum are kept: from then on two become one, again and again. */
export const iterationsMax = 512;

/** So many samples are kept: from then on of two the one with more bytes. */
export const samplesMax = 512;

/** What there is to read of an evaluation while it runs. */
export type Meter = {
  readonly derived: number;
  readonly bytes: number;
  readonly ms: number;
};

/** Records an evaluation. */
export class Recording {
  /** Where code counts. */
  readonly tally: Tally = { probes: 0, firings: 0 };
  private readonly read: () => Meter;
  private startMs = 0;
  private current = new Iterations();
  private rules = new Map<RulePlan, Effort>();
  private iterationBegan: Reading | undefined;
  private readonly sampled: Sample[] = [];
  private perSample = 1;
  private sinceSample = 0;

  constructor(read: () => Meter) {
    this.read = read;
  }

  /** Begins an evaluation. */
  begin(): void {
    this.startMs = this.read().ms;
    this.sample();
  }

  /** In the order of time. */
  get samples(): readonly Sample[] {
    return this.sampled;
  }

  /** What there is now; `since` says what came of it. */
  now(): Reading {
    return { ...this.read(), ...this.tally };
  }

  /** What a stretch took that began when `before` was read. */
  since(before: Reading): Effort {
    const now = this.now();
    return {
      derived: now.derived - before.derived,
      probes: now.probes - before.probes,
      firings: now.firings - before.firings,
      ms: now.ms - before.ms,
      grownBytes: now.bytes - before.bytes,
    };
  }

  /** Begins the iterations of a stratum. */
  beginStratum(): void {
    this.current = new Iterations();
    this.iterationBegan = this.now();
  }

  /** Counts what a rule took in the present iteration in. */
  addRule(rule: RulePlan, effort: Effort): void {
    this.rules.set(rule, sum(this.rules.get(rule), effort));
  }

  /** Ends the present iteration, and begins the next. */
  endIteration(round: number): void {
    const { rules } = this;
    const now = this.now();
    const effort = this.since(this.iterationBegan ?? now);
    this.current.add({ ...effort, round, rounds: 1, bytes: now.bytes, rules });
    this.rules = new Map();
    this.iterationBegan = now;
    this.sample();
  }

  /** Ends the iterations of a stratum, at a fault in the middle of one, too; returns them. */
  endStratum(round: number): readonly Iteration[] {
    if (this.rules.size > 0) this.endIteration(round);
    return this.current.kept;
  }

  /** Takes note of how much there is now. */
  sample(): void {
    const { ms, bytes, derived } = this.read();
    const sample = { ms: ms - this.startMs, bytes, derived };
    const { sampled, perSample } = this;
    if (sampled.length === 0 || this.sinceSample === perSample) {
      sampled.push(sample);
      this.sinceSample = 0;
    } else if (bytes >= sampled.at(-1)!.bytes) {
      sampled[sampled.length - 1] = sample;
    }
    this.sinceSample++;
    if (sampled.length < samplesMax) return;
    const halved = pairs(sampled).map(([a, b]) => (b === undefined || b.bytes < a.bytes ? a : b));
    sampled.splice(0, sampled.length, ...halved);
    this.perSample *= 2;
  }
}

/** What there is at one moment. */
export type Reading = Meter & Tally;

/** The iterations of one stratum, in a bounded number of entries. What runs once is one of its
 * own. */
class Iterations {
  readonly kept: Iteration[] = [];
  private perEntry = 1;

  add(iteration: Iteration): void {
    const { kept } = this;
    const last = kept.at(-1);
    if (last !== undefined && last.round > 0 && last.rounds < this.perEntry) {
      kept[kept.length - 1] = merged(last, iteration);
      return;
    }
    kept.push(iteration);
    if (kept.length < iterationsMax) return;
    const [once, ...rounds] = kept;
    const halved = pairs(rounds).map(([a, b]) => (b === undefined ? a : merged(a, b)));
    kept.splice(0, kept.length, once!, ...halved);
    this.perEntry *= 2;
  }
}

function merged(a: Iteration, b: Iteration): Iteration {
  const rules = new Map(a.rules);
  for (const [rule, effort] of b.rules) rules.set(rule, sum(rules.get(rule), effort));
  return {
    ...sum(a, b),
    ...{ round: a.round, rounds: a.rounds + b.rounds, bytes: b.bytes, rules },
  };
}

/** What two stretches took together. */
export function sum(a: Effort | undefined, b: Effort): Effort {
  if (a === undefined) return b;
  return {
    derived: a.derived + b.derived,
    probes: a.probes + b.probes,
    firings: a.firings + b.firings,
    ms: a.ms + b.ms,
    grownBytes: a.grownBytes + b.grownBytes,
  };
}

function pairs<Item>(items: readonly Item[]): (readonly [Item, Item | undefined])[] {
  return items.flatMap((item, at) => (at % 2 === 0 ? [[item, items[at + 1]] as const] : []));
}
