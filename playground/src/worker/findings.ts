import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import type { Span } from "../../../src/base/source.ts";
import type { Finding, Place } from "../protocol.ts";

/** Returns a span as a place in a file of the project. */
export function placeOf({ source, start, end }: Span): Place {
  return { file: source.path, start, end: Math.max(start, end) };
}

/** Returns a finding as it is listed. */
export function findingOf(diagnostic: Diagnostic): Finding {
  const { severity, code, message, span, label, hint, notes = [] } = diagnostic;
  const { related = [], flow = [] } = diagnostic;
  const labelled = (of: {
    readonly span: Span;
    readonly text: string;
  }): Finding["flow"][number] => ({
    ...placeOf(of.span),
    text: of.text,
  });
  return {
    ...placeOf(span),
    ...{ severity, code, message, notes },
    related: related.map(labelled),
    flow: flow.map(labelled),
    ...(label !== undefined && label !== "" && { label }),
    ...(hint !== undefined && { hint }),
  };
}
