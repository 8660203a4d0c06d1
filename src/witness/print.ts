import type { Program, RelationAt } from "../analysis/program.ts";
import { printFact, type InputFact, type Tuple } from "./fact.ts";
import type { WitnessResult } from "./witness.ts";

/** So many facts or tuples are shown of each set; how many more there are is said. */
const shownMax = 8;

/** Returns the lines that tell of a witness for `relation`, or that there is none. */
export function printWitness(
  program: Program,
  relation: RelationAt,
  result: WitnessResult,
): string[] {
  if (result.kind === "none") return [withoutWitness(result)];
  const facts = (some: readonly InputFact[]): string =>
    listed(some.map((fact) => printFact(program, fact)));
  const tuples = (some: readonly Tuple[]): string => {
    if (some.length === 0) return "empty";
    return listed(some.map((values) => printFact(program, { relation, values })));
  };
  const { before, added, withdrawn, answerBefore, answerAfter } = result;
  const stated = program.facts.length === 0 ? "" : " beside those of the text";
  const given = before.length === 0 ? `with no facts${stated}` : `with ${facts(before)}`;
  const lost = `${tuples(withdrawn)} ${withdrawn.length === 1 ? "is" : "are"} withdrawn`;
  return [
    `${given} the answer is ${tuples(answerBefore)}`,
    `add ${facts(added)}, and ${lost}: the answer is ${tuples(answerAfter)}`,
  ];
}

function withoutWitness(result: WitnessResult & { kind: "none" }): string {
  const { steps, exhausted, unsearched } = result;
  if (unsearched !== undefined) return `no witness was looked for: ${unsearched}`;
  return `no witness was found ${exhausted ? "among all small inputs" : `within ${steps} steps`}`;
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, shownMax).join(", ");
  return texts.length <= shownMax ? shown : `${shown} and ${texts.length - shownMax} more`;
}
