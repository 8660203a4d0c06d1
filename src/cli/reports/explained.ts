import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Finding } from "../check-report.ts";
import { placeOf } from "./place.ts";

/** Returns a finding as a diagnostic that says all: the way to it and the witness are notes. */
export function explained({ diagnostic, witness }: Finding): Diagnostic {
  const { flow = [], notes = [] } = diagnostic;
  const way = flow.map(({ span, text }) => `${text} (${placeOf(span)})`);
  return {
    ...diagnostic,
    notes: [
      ...notes,
      ...(way.length < 2 ? [] : [`the way to it:\n${way.join("\n")}`]),
      ...(witness === undefined ? [] : [witness.lines.join("\n")]),
    ],
  };
}
