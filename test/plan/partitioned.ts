import { printRule } from "../../src/analysis/dump.ts";
import { partition } from "../../src/plan/partition.ts";
import { programOf } from "./demanded.ts";

/** The rules of a case's program as its nodes evaluate them: those of a step, and, further in, what
 * is sent; or why the program cannot be evaluated in parts. */
export function partitionedText(text: string): string {
  const { diagnostics, partitioned } = partition(programOf(text));
  if (partitioned === undefined)
    return diagnostics
      .map(({ severity, code, message, hint }) => {
        const hinted = hint === undefined ? "" : `\n  ${hint}`;
        return `${severity} ${code}: ${message}${hinted}`;
      })
      .join("\n");
  const { relations, rules } = partitioned.program;
  return rules
    .map((rule) => `${rule.when === undefined ? "" : "  "}${printRule(relations, rule)}`)
    .join("\n");
}
