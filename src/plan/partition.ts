// From a program whose relations are partitioned to one whose rules say what is sent where, which
// `networkProgram` takes. Each rule is evaluated at the owner of some values, where all that it
// joins is at hand: tuples that live there, and copies of others that are sent there.
//
//     .decl edge(x: number, y: number) partition(x)
//     .decl path(x: number, y: number) partition(x)
//     path(x, z) :- path(x, y), edge(y, z).
//
// is evaluated at the owner of y, and what it derives is sent to the owner of x:
//
//     #copy path by y(x, y)@#owner(y) :~ path(x, y).
//     path(x, z)@#owner(x) :~ #copy path by y(x, y), edge(y, z).
import type { Program } from "../analysis/program.ts";
import { type Diagnostic, hasErrors, sorted } from "../base/diagnostic.ts";
import { partitionMistakes } from "./partition-mistakes.ts";
import { placementsOf } from "./partition-placement.ts";
import { rewritten } from "./partition-rewriting.ts";
import { split } from "./partition-splitting.ts";
import type { PartitionedProgram } from "./partitioned-program.ts";

/** Returns how a program is evaluated in parts, or why it cannot be. The union of what the nodes
 * have in the end is the answer of one machine that has all input. */
export function partition(program: Program): {
  readonly diagnostics: readonly Diagnostic[];
  readonly partitioned?: PartitionedProgram;
} {
  const mistakes = partitionMistakes(program);
  if (hasErrors(mistakes)) return { diagnostics: sorted(mistakes) };
  const source = split(program);
  const { diagnostics, partitioned } = rewritten(source, placementsOf(source));
  if (hasErrors(diagnostics)) return { diagnostics: sorted([...mistakes, ...diagnostics]) };
  return { diagnostics: sorted([...mistakes, ...diagnostics]), partitioned };
}
