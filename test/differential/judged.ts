// How a generated program fares in all ways, and what there is to say if they differ.
import { is, Set as Tuples } from "immutable";

import type { Answers } from "../support/reference.ts";
import { shrunk } from "../support/shrink-program.ts";
import { textOfProgram, type GeneratedProgram } from "../support/generated-program.ts";
import { verdict, type Verdict } from "./ways.ts";

/** Runs a generated program in all ways, within bounds that are counted and not timed. A failure of
 * one of them is a difference too. */
export function judged(program: GeneratedProgram): Verdict {
  try {
    const found = verdict({
      text: textOfProgram(program, { plain: false }),
      plainText: textOfProgram(program, { plain: true }),
      domain: program.domain,
      limits: { maxTuples: 5_000, maxRounds: 1_000 },
      stepsMax: 100_000,
    });
    const text = found.kind === "agreed" ? misremembered(program, found.answers) : undefined;
    return text === undefined ? found : { kind: "different", text };
  } catch (error) {
    return { kind: "different", text: (error as Error).stack ?? String(error) };
  }
}

/** What is wrong with the history of a relation: it has each tuple once, with its round. */
function misremembered({ history }: GeneratedProgram, answers: Answers): string | undefined {
  const found = answers.get("history");
  if (history === undefined || found === undefined) return undefined;
  const names = [...answers.keys()].filter((name) => name.split(".").at(-1) === history);
  const tuples = Tuples(found.map((tuple) => tuple.butLast()));
  if (tuples.size < found.size) return "history has a tuple in two rounds";
  const wanted = names.map((name) => answers.get(name));
  return wanted.some((of) => is(of, tuples)) ? undefined : `history has not what ${history} has`;
}

/** What to say of a program that the ways differ on: the smallest one found, and the difference. */
export function report(program: GeneratedProgram): string {
  const small = shrunk(program, (smaller) => judged(smaller).kind === "different");
  const found = judged(small);
  const what = found.kind === "different" ? found.text : found.kind;
  const text = textOfProgram(small, { plain: false });
  const plain = textOfProgram(small, { plain: true });
  const both = text === plain ? text : `${text}\nwhich means\n\n${plain}`;
  return `${program.domain} bits:\n\n${both}\n${what}\n`;
}
