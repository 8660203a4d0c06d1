// What answers to questions look like as text.
import type { QueryStep } from "../../src/calvin/query.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";

/** Returns the tuples of an answer; or how else a step ended. */
export function answerText(step: QueryStep): string {
  return step.kind === "answered" ? tuplesText(step.tuples) : JSON.stringify(step);
}

/** Returns tuples in order. */
export function tuplesText(tuples: readonly (readonly Value[])[]): string {
  return tuples
    .map((tuple) => `(${tuple.map(printValue).join(", ")})`)
    .toSorted()
    .join(" ");
}
