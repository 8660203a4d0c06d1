import type { Diagnostic } from "../base/diagnostic.ts";
import { render, renderConcise } from "../base/render.ts";
import { positionAt } from "../base/source.ts";
import { exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { colored, counts, loadProgram, type ProgramOptions } from "./program.ts";

/** The options of `calm check`. */
export type CheckOptions = ProgramOptions & { readonly format?: "pretty" | "concise" | "json" };

/** Prints all that is wrong with a program to stdout, a summary to stderr. */
export function check(file: string, options: CheckOptions, host: Host): ExitCode {
  const { diagnostics, compiled } = loadProgram(file, options, host);
  const format = options.format ?? (host.stdout.terminal ? "pretty" : "concise");
  if (format === "json") host.stdout.write(`${json(diagnostics)}\n`);
  else if (format === "concise") host.stdout.write(renderConcise(diagnostics));
  else host.stdout.write(render(diagnostics, { color: colored(options, host, "stdout") }));
  if (compiled === undefined) {
    host.stderr.write(`${counts(diagnostics)} in ${file}\n`);
    return exitCodes.problem;
  }
  const { relations, rules } = compiled.program;
  const found = diagnostics.length === 0 ? "ok" : counts(diagnostics);
  host.stderr.write(`${found}: ${relations.length} relations, ${rules.length} rules in ${file}\n`);
  return exitCodes.ok;
}

function json(diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify({ diagnostics: diagnostics.map(asJson) }, null, 2);
}

/** A diagnostic with places as lines and columns, both from 1, ends exclusive. */
function asJson(diagnostic: Diagnostic): object {
  const { severity, code, message, span, label, related, notes, hint } = diagnostic;
  return {
    severity,
    code,
    message,
    ...place(span),
    label,
    related: related?.map((other) => ({ ...place(other.span), text: other.text })),
    notes,
    hint,
  };
}

function place({ source, start, end }: Diagnostic["span"]): object {
  return { path: source.path, start: positionAt(source, start), end: positionAt(source, end) };
}
