// Absences as text for people: rule by rule, with what fails, and why that is absent in turn.
import { printRule } from "../analysis/dump.ts";
import type { Program } from "../analysis/program.ts";
import { printValue } from "../value/print-value.ts";
import type { Paint } from "./outline-text.ts";
import { placeText, tupleText } from "./proof-node.ts";
import type { Absence, Failure } from "./why-not.ts";

/** Returns why a tuple does not hold, rule by rule. */
export function absenceText(absence: Absence, program: Program, paint: Paint): string {
  return `${absenceLines(absence, program, paint).join("\n")}\n`;
}

function absenceLines(absence: Absence, program: Program, paint: Paint): readonly string[] {
  const lines = [`${paint("strong", absence.text)} does not hold`];
  for (const { because, tuple } of absence.instead) {
    const there = tupleText(tuple, program);
    lines.push(
      because === "lattice"
        ? `  the value of its key is another: ${there}`
        : `  another tuple of its key was chosen: ${there}`,
    );
  }
  if (absence.removedIn !== undefined)
    lines.push(`  it was taken out of memory after step ${absence.removedIn}`);
  if (absence.given) lines.push("  it is not given");
  for (const failure of absence.rules) {
    const rule = program.rules[failure.rule]!;
    lines.push(`  ${printRule(program.relations, rule)}  ${paint("dim", placeText(rule.span))}`);
    for (const line of failureLines(failure, program, paint)) lines.push(`    ${line}`);
  }
  return lines;
}

function failureLines(failure: Failure, program: Program, paint: Paint): readonly string[] {
  switch (failure.kind) {
    case "head":
      return ["no instance of it has this head"];
    case "unknown":
      return ["the search was given up"];
    case "derived":
      return [
        ...failure.held.map((text) => `${paint("good", "holds")}  ${text}`),
        "the rule derives it; it was dropped for another tuple, or comes too late",
      ];
    case "body": {
      const { variables, held, failed, absence, there = [] } = failure;
      const values = variables.map(({ name, value }) => `${name} = ${printValue(value)}`);
      const inTurn = absence === undefined ? [] : absenceLines(absence, program, paint);
      return [
        ...(values.length === 0 ? [] : [paint("dim", `with ${values.join(", ")}`)]),
        ...held.map((text) => `${paint("good", "holds")}  ${text}`),
        `${paint("bad", "fails")}  ${failed}`,
        ...there.map((tuple) => `  since ${tupleText(tuple, program)} holds`),
        ...inTurn.map((line) => `  ${line}`),
      ];
    }
  }
}
