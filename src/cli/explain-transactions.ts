// `calm explain --transactions`: what transactions read, lock and change.
import { hasErrors } from "../base/diagnostic.ts";
import { understand } from "../understand.ts";
import { dumpTransactions, explainedTransactions } from "../plan/transaction-dump.ts";
import { exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { compileOptions, printDiagnostics, sourceOf, type ProgramOptions } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** Prints what the transactions of a program touch. */
export function explainTransactions(
  file: string,
  options: ProgramOptions & { readonly format?: "text" | "json" },
  host: Host,
): ExitCode {
  const { program, diagnostics } = understand(sourceOf(file, host), compileOptions(options));
  printDiagnostics(withoutSilenced(diagnostics, options), options, host);
  if (program === undefined || hasErrors(diagnostics)) return exitCodes.problem;
  const explained = explainedTransactions(program);
  if (options.format === "json")
    host.stdout.write(`${JSON.stringify({ transactions: explained }, undefined, 2)}\n`);
  else
    host.stdout.write(
      explained.length === 0 ? "the program has no transactions\n" : dumpTransactions(explained),
    );
  return exitCodes.ok;
}
