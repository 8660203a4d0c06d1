import { render } from "../../base/render.ts";
import {
  counting,
  fails,
  type CheckReport,
  type FileReport,
  type Finding,
} from "../check-report.ts";
import { explained } from "./explained.ts";
import { xmlText } from "./xml.ts";

/** Returns the report as JUnit's XML: a suite for each file, in it a case for the program and one
 * for each relation, so that a file in which nothing is found counts as passed. */
export function junit({ files, failLevel }: CheckReport): string {
  const suites = files.map((file) =>
    suite(file, (finding) => fails(finding.diagnostic.severity, failLevel)),
  );
  const sum = (of: "tests" | "failures"): number =>
    suites.reduce((total, counts) => total + counts[of], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="calm check" tests="${sum("tests")}" failures="${sum("failures")}">`,
    ...suites.map(({ text }) => text),
    "</testsuites>\n",
  ].join("\n");
}

function suite(
  { path, findings, relations = [] }: FileReport,
  failing: (finding: Finding) => boolean,
): { readonly tests: number; readonly failures: number; readonly text: string } {
  const counted = counting(findings);
  const names = relations.map(({ name }) => name);
  const of = ({ diagnostic: { subject } }: Finding): string | undefined =>
    subject !== undefined && names.includes(subject) ? subject : undefined;
  const cases = [undefined, ...names].map((relation) => {
    const own = counted.filter((finding) => of(finding) === relation);
    const failed = own.filter(failing);
    const others = own.filter((finding) => !failing(finding));
    const name = relation === undefined ? "program" : `relation ${relation}`;
    const parts = [
      ...(failed.length === 0
        ? []
        : [`<failure ${attributesOf(failed)}>${framed(failed)}</failure>`]),
      ...(others.length === 0 ? [] : [`<system-out>${framed(others)}</system-out>`]),
    ];
    const head = `    <testcase classname="${xmlText(path)}" name="${xmlText(name)}"`;
    const body = parts.map((part) => `      ${part}\n`).join("");
    return {
      failed: failed.length > 0,
      text: parts.length === 0 ? `${head}/>` : `${head}>\n${body}    </testcase>`,
    };
  });
  const failures = cases.filter(({ failed }) => failed).length;
  const numbers = `tests="${cases.length}" failures="${failures}"`;
  const head = `  <testsuite name="${xmlText(path)}" ${numbers}>`;
  const text = [head, ...cases.map((one) => one.text), "  </testsuite>"].join("\n");
  return { tests: cases.length, failures, text };
}

function attributesOf(failed: readonly Finding[]): string {
  const codes = [...new Set(failed.map(({ diagnostic }) => diagnostic.code))];
  const messages = failed.map(({ diagnostic }) => diagnostic.message);
  return `type="${xmlText(codes.join(" "))}" message="${xmlText(messages.join("; "))}"`;
}

function framed(findings: readonly Finding[]): string {
  return xmlText(render(findings.map(explained), { color: false }));
}
