// How a generated program fares in all ways, and what there is to say if they differ.
import { shrunk } from "../support/shrink-program.ts";
import { textOfProgram, type GeneratedProgram } from "../support/generated-program.ts";
import { verdict, type Verdict } from "./ways.ts";

/** Runs a generated program in all ways, within bounds that are counted and not timed. A failure of
 * one of them is a difference too. */
export function judged(program: GeneratedProgram): Verdict {
  try {
    return verdict({
      text: textOfProgram(program, { plain: false }),
      plainText: textOfProgram(program, { plain: true }),
      domain: program.domain,
      limits: { maxTuples: 5_000, maxRounds: 1_000 },
      stepsMax: 100_000,
    });
  } catch (error) {
    return { kind: "different", text: (error as Error).stack ?? String(error) };
  }
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
