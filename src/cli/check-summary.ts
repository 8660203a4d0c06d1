import { allCounting, plural, type CheckReport } from "./check-report.ts";

/** Returns a line that says what came of a check: `1 error, 1 let pass: 4 relations, …`. */
export function summary(report: CheckReport): string {
  const { files } = report;
  const relations = files.flatMap((file) => file.relations ?? []);
  const rules = files.reduce((sum, file) => sum + file.rules, 0);
  const known = [
    ...(relations.length === 0 ? [] : [plural(relations.length, "relation")]),
    ...(relations.length === 0
      ? []
      : [monotoneOf(relations.filter(({ level }) => level === "M").length, relations.length)]),
    ...(rules === 0 ? [] : [plural(rules, "rule")]),
  ];
  const where = files.length === 1 ? (files[0]?.path ?? "") : plural(files.length, "file");
  const of = known.length === 0 ? ` in ${where}` : `: ${known.join(", ")} in ${where}`;
  return `${found(report).join(", ")}${of}`;
}

/** What was found, by severity, and how much of it is let pass. */
function found(report: CheckReport): string[] {
  const findings = allCounting(report);
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter(({ diagnostic }) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity)];
  });
  const all = report.files.reduce((sum, file) => sum + file.findings.length, 0);
  const passing = all - findings.length;
  return [
    ...(counts.length === 0 ? ["ok"] : counts),
    ...(passing === 0 ? [] : [`${String(passing)} let pass`]),
  ];
}

function monotoneOf(count: number, all: number): string {
  if (count === all) return "all monotone, no coordination needed";
  return `${String(count)} of them monotone`;
}
