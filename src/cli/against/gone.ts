// Programs that were there in the earlier version and are gone, with what they answered.
import { existsSync, statSync } from "node:fs";
import { hasErrors, type Diagnostic } from "../../base/diagnostic.ts";
import { understand, type CompileOptions } from "../../understand.ts";
import { severityOf } from "../check-file.ts";
import type { FileReport } from "../check-report.ts";
import type { Config } from "../config.ts";
import { fingerprints } from "../fingerprint.ts";
import type { Code } from "../codes.ts";
import type { EarlierTexts } from "./versions.ts";

const code: Code = "output-removed";

/** Returns a report for each program that was in one of the folders and is gone, if it stated what
 * its outputs are. What a new program has is not missed: that is likely the same one. */
export function goneFrom(
  folders: readonly string[],
  files: readonly FileReport[],
  texts: EarlierTexts,
  {
    config,
    named,
    compile,
  }: {
    readonly config: Config;
    readonly named: string;
    readonly compile: CompileOptions;
  },
): FileReport[] {
  const moved = new Set(
    files
      .filter(({ path }) => texts.program(path) === undefined)
      .flatMap(({ relations = [] }) => relations.filter(({ output }) => output))
      .map(({ name }) => name),
  );
  const before = new Set(folders.filter(isFolder).flatMap((folder) => texts.programs(folder)));
  return [...before].flatMap((path): FileReport[] => {
    const text = existsSync(path) ? undefined : texts.program(path);
    if (text === undefined) return [];
    const load = (included: string) => texts.included(included, path);
    const { program, diagnostics } = understand({ path, text }, { ...compile, load });
    if (program === undefined || hasErrors(diagnostics)) return [];
    const lost = program.directives
      .filter(({ word }) => word !== "input")
      .map(({ relation }) => program.relations[relation]?.name ?? "")
      .filter((name) => !moved.has(name));
    const span = { source: { path, text: "" }, start: 0, end: 0 };
    const found = [...new Set(lost)].flatMap((subject): Diagnostic[] => {
      const finding: Diagnostic = {
        severity: "error",
        code,
        message: `output "${subject}" is gone with its program: who reads it finds nothing`,
        span,
        notes: [`the program was there in ${named}`],
        hint: "keep it until nothing needs it",
        subject,
      };
      const severity = severityOf(finding, config);
      return severity === "off" ? [] : [{ ...finding, severity }];
    });
    const prints = fingerprints(found, []);
    const findings = found.map((diagnostic, at) => ({
      diagnostic,
      fingerprint: prints[at] ?? "",
      stops: false,
      witnesses: [],
    }));
    return found.length === 0 ? [] : [{ path, findings, rules: 0 }];
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
