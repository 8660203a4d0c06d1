import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Finding } from "../check-report.ts";
import { placeOf } from "./place.ts";

/** Returns a finding as a diagnostic that says all: the way to it and the witness are notes. */
export function explained({ diagnostic, witnesses }: Finding): Diagnostic {
  const { flow = [], notes = [], related = [] } = diagnostic;
  const way = flow.map(({ span, text }) => `${text} (${placeOf(span)})`);
  return {
    ...diagnostic,
    notes: [
      ...notes,
      // A short way is in the frame.
      ...(way.length <= related.length + 1 ? [] : [`the way to it:\n${way.join("\n")}`]),
      ...witnesses.map(({ found, lines }) => {
        const text = lines.join("\n");
        return found === undefined ? text : `witness: ${text}`;
      }),
    ],
  };
}
