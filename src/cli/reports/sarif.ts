// Findings as SARIF 2.1.0, the format of code scanning, which an OASIS standard describes.
import type { Diagnostic, Label, Severity } from "../../base/diagnostic.ts";
import type { Span } from "../../base/source.ts";
import type { CheckReport, Finding, Suppression } from "../check-report.ts";
import { exitCodes } from "../exit.ts";
import { pageOf } from "../explain-code.ts";
import { meanings } from "../meanings.ts";
import { rangeOf, uriOf } from "./place.ts";

const kinds = { comment: "inSource", baseline: "external" } as const satisfies Record<
  Suppression["by"],
  string
>;

/** Returns the report as a SARIF log with one run, for the repository at `root`; what is let pass
 * is in it, as suppressed. */
export function sarif({ version, files, exitCode }: CheckReport, root: string): string {
  const findings = files.flatMap((file) => file.findings);
  const codes = [...new Set(findings.map(({ diagnostic }) => diagnostic.code))].toSorted();
  const run = {
    tool: {
      driver: {
        name: "calm",
        version,
        semanticVersion: version,
        rules: codes.map((code) => ruleOf(code, findings)),
      },
    },
    automationDetails: { id: "calm/check" },
    columnKind: "utf16CodeUnits",
    originalUriBaseIds: { "%SRCROOT%": { description: { text: "the folder of the repository" } } },
    invocations: [{ executionSuccessful: exitCode !== exitCodes.limit, exitCode }],
    artifacts: files.map(({ path }) => ({ location: artifactOf(path, root) })),
    results: findings.map((finding) => resultOf(finding, codes, root)),
  };
  const schema = "https://json.schemastore.org/sarif-2.1.0.json";
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function ruleOf(code: Diagnostic["code"], findings: readonly Finding[]): object {
  const meaning = meanings[code] ?? code;
  const sentence = `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1)}.`;
  const severity = findings.find(({ diagnostic }) => diagnostic.code === code)?.diagnostic.severity;
  const named = code.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return {
    id: code,
    name: named,
    shortDescription: { text: sentence },
    fullDescription: { text: sentence },
    help: { text: sentence, ...page(code) },
    defaultConfiguration: { level: severity },
    properties: {
      tags: ["datalog"],
      precision: "very-high",
      "problem.severity": severity === "note" ? "recommendation" : severity,
    },
  };
}

/** The page of a code; what is found is reported also where the pages are not installed. */
function page(code: Diagnostic["code"]): { readonly markdown?: string } {
  try {
    return { markdown: pageOf(code) };
  } catch {
    return {};
  }
}

function resultOf(finding: Finding, codes: readonly string[], root: string): object {
  const { diagnostic, fingerprint, suppression } = finding;
  const { code, severity, span, flow = [], related = [] } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity satisfies Severity,
    message: { text: messageOf(finding) },
    locations: [locationOf(span, root)],
    ...(related.length > 0 && {
      relatedLocations: related.map((label, at) => ({ id: at + 1, ...labelled(label, root) })),
    }),
    ...(flow.length > 0 && {
      codeFlows: [
        {
          threadFlows: [{ locations: flow.map((label) => ({ location: labelled(label, root) })) }],
        },
      ],
    }),
    partialFingerprints: { primaryLocationLineHash: fingerprint },
    suppressions: suppression === undefined ? [] : [suppressionOf(suppression)],
  };
}

/** The message with all that belongs to it, and links to the related places. */
function messageOf({ diagnostic, witnesses }: Finding): string {
  const { message, label, notes = [], hint, related = [] } = diagnostic;
  return [
    label === undefined ? message : `${message}: ${label}`,
    ...related.map(({ text }, at) => `[${linked(text)}](${String(at + 1)})`),
    ...notes,
    ...witnesses.flatMap(({ lines }) => lines),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join("\n");
}

function linked(text: string): string {
  return text.replace(/[[\]\\]/g, (sign) => `\\${sign}`);
}

function labelled({ span, text }: Label, root: string): object {
  return { ...locationOf(span, root), message: { text } };
}

function locationOf(span: Span, root: string): object {
  const { start, end } = rangeOf(span);
  return {
    physicalLocation: {
      artifactLocation: artifactOf(span.source.path, root),
      region: {
        startLine: start.line,
        startColumn: start.column,
        endLine: end.line,
        endColumn: end.column,
      },
    },
  };
}

function artifactOf(path: string, root: string): object {
  const { uri, relative } = uriOf(path, root);
  return relative ? { uri, uriBaseId: "%SRCROOT%" } : { uri };
}

function suppressionOf({ by, reason }: Suppression): object {
  return { kind: kinds[by], ...(reason !== undefined && { justification: reason }) };
}
