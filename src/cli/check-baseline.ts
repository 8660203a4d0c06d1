import { statSync } from "node:fs";
import { resolve } from "node:path";
import { baselined, readBaseline, writeBaseline } from "./baseline.ts";
import type { FileReport } from "./check-report.ts";
import { fingerprints } from "./fingerprint.ts";

/** The file that is written where none is named. */
const baselineDefault = "calm-baseline.json";

/** Returns the files with the findings marked that the baseline lets pass, and what is stale in it
 * at the end; writes it anew before if `updating`. */
export function withBaseline(
  files: readonly FileReport[],
  named: string | undefined,
  updating: boolean,
): readonly FileReport[] {
  const before = readBaseline(named ?? baselineDefault, updating);
  const paths = new Set(files.map(({ path }) => resolve(path)));
  const checked = (path: string): boolean => paths.has(path) || !isFile(path);
  const all = files.flatMap((file) =>
    file.findings
      .filter(({ stops, suppression }) => !stops && suppression === undefined)
      .map((finding) => ({ ...finding, path: file.path })),
  );
  if (updating) writeBaseline(before, all, checked);
  const { passed, stale } = baselined(
    updating ? readBaseline(before.path, false) : before,
    all,
    checked,
  );
  const entryOf = new Map(all.map(({ diagnostic }, at) => [diagnostic, passed[at]]));
  const marked = files.map((file) => ({
    ...file,
    findings: file.findings.map((finding) => {
      const entry = entryOf.get(finding.diagnostic);
      if (entry === undefined) return finding;
      const { reason } = entry;
      return {
        ...finding,
        suppression: { by: "baseline", ...(reason !== undefined && { reason }) } as const,
      };
    }),
  }));
  if (stale.length === 0) return marked;
  const names = fingerprints(stale, []);
  const findings = stale.map((diagnostic, at) => ({
    diagnostic,
    fingerprint: names[at] ?? "",
    stops: false,
    witnesses: [],
  }));
  return [...marked, { path: before.path, findings, rules: 0 }];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
