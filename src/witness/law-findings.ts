// What is wrong with the laws that a program claims, as diagnostics.
import type { Monotonicity } from "../analysis/levels.ts";
import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import type { Code } from "./codes.ts";
import { sideText } from "./lattice-laws.ts";
import { lawsBroken, type BrokenLatticeLaw, type LawFinding } from "./laws.ts";
import type { LawOptions, LostOrder } from "./laws.ts";

/** Returns an error for each law that is claimed and broken, with the values, and a warning for
 * each claim that cannot be tested. */
export function lawFindings(
  program: Program,
  { laws }: Pick<Monotonicity, "laws">,
  options: LawOptions = {},
): Diagnostic[] {
  return lawsBroken(program, laws, options).map((finding) => {
    switch (finding.kind) {
      case "lattice":
        return brokenLattice(finding);
      case "functor":
        return lostOrder(finding);
      case "untested":
        return untested(finding);
    }
  });
}

type Named = { readonly name: string; readonly span: Span };

function brokenLattice({ name, span, law, given, sides }: BrokenLatticeLaw & Named): Diagnostic {
  const [left, right] = law.sides.map(sideText);
  const [leftValue, rightValue] = sides.map(shown);
  const related = law.sides[1];
  const isNot = typeof sides[0] === "boolean" ? "does not say whether" : "is not";
  // What is given is known: of `Lub(a, a)` and `a` the first is told alone.
  const values =
    typeof related === "string" && given.has(related)
      ? `${left ?? ""} is ${leftValue ?? ""}`
      : `${left ?? ""} is ${leftValue ?? ""}, and ${right ?? ""} is ${rightValue ?? ""}`;
  return finding("broken-law", {
    ...{ name, span },
    message: `lattice "${name}" ${law.broken}: ${left ?? ""} ${isNot} ${right ?? ""}`,
    notes: [
      `for ${listed([...given].map(([of, value]) => `${of} = ${printValue(value)}`))}, ${values}`,
      ...nanNotes([...given.values()]),
    ],
    hint: law.hint,
  });
}

function lostOrder(lost: LostOrder & Named): Diagnostic {
  const { name, span, argument, from, to, given, grown, before, after } = lost;
  const call = (values: readonly Value[]) => `@${name}(${values.map(printValue).join(", ")})`;
  const low = given[argument] ?? null;
  return finding("broken-law", {
    ...{ name, span },
    message: `functor "${name}" does not keep the order in its ${ordinal(argument)} argument`,
    notes: [
      `${printValue(low)} is below ${printValue(grown)} in ${from}`,
      `${call(given)} is ${printValue(before)} and ${call(given.with(argument, grown))} is ` +
        `${printValue(after)}: ${printValue(before)} is not below ${printValue(after)} in ${to}`,
      ...nanNotes([...given, grown]),
    ],
    hint: "drop the claim, or narrow the types of the arguments to those for which it is so",
  });
}

function untested({
  name,
  span,
  of,
  missing,
  fault,
}: Extract<LawFinding, { kind: "untested" }>): Diagnostic {
  const itself = of === "functor" && missing === name;
  const implemented = itself
    ? "it is not implemented"
    : `functor "${missing ?? ""}" is not implemented`;
  const reason = missing === undefined ? "no sample has a result" : implemented;
  return finding("law-not-tested", {
    ...{ name, span },
    message: `${of} "${name}" is not tested: ${reason}`,
    notes: fault === undefined ? [] : [fault],
    hint:
      missing === undefined
        ? "give results for all values of its type, or choose a narrower type"
        : `give a function \`${missing}\`: \`--functors FILE\`, where FILE exports it`,
  });
}

function finding(
  code: Code,
  {
    name,
    notes,
    ...rest
  }: Named & { readonly message: string; readonly notes: readonly string[]; readonly hint: string },
): Diagnostic {
  const severity = code === "broken-law" ? "error" : "warning";
  return { severity, code, ...rest, ...(notes.length > 0 && { notes }), subject: name };
}

function shown(value: Value | boolean): string {
  return typeof value === "boolean" ? String(value) : printValue(value);
}

/** A value that is easily forgotten. */
function nanNotes(values: readonly Value[]): readonly string[] {
  return values.some((value) => Number.isNaN(value)) ? ["NaN is a float: it is `inf - inf`"] : [];
}

function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? "";
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(", ")} and ${last}`;
}

function ordinal(at: number): string {
  const words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
  return words[at] ?? `${at + 1}th`;
}
