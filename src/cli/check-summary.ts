import { allCounting, plural, type CheckReport } from "./check-report.ts";

/** Returns a line that says what came of a check. */
export function summary(report: CheckReport): string {
  const { files } = report;
  const findings = allCounting(report);
  const known = files.flatMap(({ relations = [] }) => relations);
  const monotone = known.filter(({ level }) => level === "M").length;
  const rules = files.reduce((sum, file) => sum + file.rules, 0);
  const where = files.length === 1 ? (files[0]?.path ?? "") : plural(files.length, "file");
  const of = [
    ...(known.length === 0
      ? []
      : [`${plural(known.length, "relation")}, ${monotoneOf(monotone, known.length)}`]),
    plural(rules, "rule"),
  ].join(", ");
  const count = (severity: "error" | "warning" | "note"): string[] => {
    const found = findings.filter(({ diagnostic }) => diagnostic.severity === severity).length;
    return found === 0 ? [] : [plural(found, severity)];
  };
  const counts = [...count("error"), ...count("warning"), ...count("note")];
  const passed = files.reduce(
    (sum, file) => sum + file.findings.filter(({ suppression }) => suppression).length,
    0,
  );
  const let1 = passed === 0 ? "" : `, ${String(passed)} let pass`;
  return `${counts.length === 0 ? "ok" : counts.join(", ")}${let1}: ${of} in ${where}`;
}

function monotoneOf(count: number, all: number): string {
  if (count === all) return "all monotone, no coordination needed";
  return `${String(count)} of them monotone`;
}
