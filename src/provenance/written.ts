import type { Program } from "../analysis/program.ts";

/** Returns what one step of a program computes, with its rules and facts as they were written: so
 * they are shown. */
export function asWritten({ rules, facts }: Program, step: Program): Program {
  // What a step makes of a rule has its very body.
  const written = new Map(rules.map((rule) => [rule.body, rule]));
  return { ...step, facts, rules: step.rules.map((rule) => written.get(rule.body) ?? rule) };
}
