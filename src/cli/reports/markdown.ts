import {
  allCounting,
  worstFirst,
  type CheckReport,
  type FileReport,
  type Finding,
} from "../check-report.ts";
import { summary } from "../check-summary.ts";
import { remarksOn } from "./level-table.ts";
import { placeOf } from "./place.ts";

/** Returns the report as Markdown: a table of findings, and one of outputs with their levels. */
export function markdown(report: CheckReport): string {
  const findings = worstFirst(allCounting(report));
  return [
    `### calm check: ${inline(summary(report))}`,
    ...(findings.length === 0 ? [] : [tableOf(findings)]),
    ...report.files.flatMap(levelsOf),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ diagnostic }) => {
    const { severity, code, message, span, hint } = diagnostic;
    const remedy = hint === undefined ? "" : `<br>_${inline(hint)}_`;
    return `| ${severity} | \`${code}\` | ${inline(placeOf(span))} | ${inline(message)}${remedy} |`;
  });
  return ["| | code | place | finding |", "|---|---|---|---|", ...rows].join("\n");
}

function levelsOf({ path, relations = [] }: FileReport): string[] {
  const shown = relations.filter(({ output, snapshot }) => output || snapshot);
  if (shown.length === 0) return [];
  const rows = shown.map((relation) => {
    const { name, level } = relation;
    return `| \`${name}\` | ${level} | ${inline(remarksOn(relation))} |`;
  });
  return [[`| ${inline(path)} | level | |`, "|---|---|---|", ...rows].join("\n")];
}

/** Text within a cell of a table; what stands in backquotes is code. */
function inline(text: string): string {
  const parts = text.split(/(`[^`\n]*`)/);
  return parts
    .map((part, at) => (at % 2 === 1 ? part.replaceAll("|", "\\|") : plain(part)))
    .join("")
    .replace(/\r?\n/g, "<br>");
}

function plain(text: string): string {
  return text
    .replace(/[\\|*_[\]`]/g, (sign) => `\\${sign}`)
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
