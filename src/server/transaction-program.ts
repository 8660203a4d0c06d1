import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { type CompileOptions, understand } from "../understand.ts";
import { programHash } from "../runtime/node/program-hash.ts";
import { print } from "../syntax/print.ts";

/** A program whose transactions are carried out, and nothing else of it. */
export type TransactionProgram = {
  readonly program: Program;
  /** Tells whether two nodes run the same. */
  readonly hash: string;
};

/** Returns what was found in a text that has transactions, and the program, unless any of that is
 * an error; undefined where it has none. */
export function transactionProgram(
  source: Source | string,
  options: CompileOptions,
  modules: readonly Uint8Array[] = [],
):
  | { readonly diagnostics: readonly Diagnostic[]; readonly program?: TransactionProgram }
  | undefined {
  const { diagnostics: found, tree, program } = understand(source, options);
  if (program === undefined || program.transactions.length === 0) return undefined;
  const judged = levelFindings(program, monotonicity(program), { accept: "ordered" });
  const diagnostics = sorted([...found, ...judged]);
  if (hasErrors(diagnostics)) return { diagnostics };
  const hash = programHash(`${print(tree)}\n// transactions ${program.domain}\n`, modules);
  return { diagnostics, program: { program, hash } };
}
