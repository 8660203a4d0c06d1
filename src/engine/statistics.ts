import type { Diagnostic } from "../base/diagnostic.ts";
import type { RulePlan } from "../plan/plan.ts";
import { sum, type Effort, type Iteration, type Sample } from "./profile.ts";

/** What came of an evaluation, beside the tuples. */
export type Evaluation = {
  readonly diagnostics: readonly Diagnostic[];
  /** Of the strata that were begun, in order. */
  readonly strata: readonly StratumStatistics[];
  /** In the order in which rules ran first. */
  readonly rules: readonly RuleStatistic[];
  /** Whether the fixpoint was reached: no error was met. */
  readonly complete: boolean;
  /** How much memory there was when, where that was asked for. */
  readonly samples?: readonly Sample[];
};

/** What a stratum took. */
export type StratumStatistics = {
  /** What it computes: places in the plan's relations. */
  readonly relations: readonly number[];
  readonly rounds: number;
  /** New tuples. */
  readonly derived: number;
  readonly ms?: number;
  /** What each iteration took, where that was asked for. */
  readonly iterations?: readonly Iteration[];
};

/** What one variant of a rule took. */
export type RuleStatistic = {
  readonly rule: RulePlan;
  /** New tuples. */
  readonly derived: number;
  /** How often it ran: once for each round. */
  readonly runs: number;
  readonly ms?: number;
  /** All that it took, where that was asked for. */
  readonly effort?: Effort;
  /** Whether it went on in WebAssembly. */
  readonly wasm?: true;
};

/** The statistics of rules while an evaluation runs. */
export class RuleStatistics {
  private readonly byRule = new Map<RulePlan, Counted>();

  get all(): readonly RuleStatistic[] {
    return [...this.byRule.values()];
  }

  /** The variant that derived most. */
  get most(): RuleStatistic | undefined {
    return this.all.reduce<RuleStatistic | undefined>(
      (most, one) => (most !== undefined && most.derived >= one.derived ? most : one),
      undefined,
    );
  }

  /** Takes note that a rule goes on in WebAssembly. */
  inWasm(rule: RulePlan): void {
    this.of(rule).wasm = true;
  }

  /** Counts one more run of a rule in, with all that it took where that is known. */
  add(rule: RulePlan, derived: number, ms: number | undefined, effort?: Effort): void {
    const counted = this.of(rule);
    counted.derived += derived;
    counted.runs++;
    if (ms !== undefined) counted.ms = (counted.ms ?? 0) + ms;
    if (effort !== undefined) counted.effort = sum(counted.effort, effort);
  }

  private of(rule: RulePlan): Counted {
    let counted = this.byRule.get(rule);
    if (counted === undefined) {
      counted = { rule, derived: 0, runs: 0 };
      this.byRule.set(rule, counted);
    }
    return counted;
  }
}

type Counted = { -readonly [name in keyof RuleStatistic]: RuleStatistic[name] };
