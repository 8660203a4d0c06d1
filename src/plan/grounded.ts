import type { Literal, Term } from "../analysis/program.ts";
import { visitPattern } from "../analysis/terms.ts";
import { areBound, bindingOf, matchOf } from "./bound.ts";
import { literalFaults, literalVariables, termFaults, termVariables } from "./literals.ts";

type Atom = Extract<Literal, { kind: "atom" }>;

/** Returns atoms with those of some tests that can be made where nothing else is known, and which
 * variables have values then. Of the atoms what cannot be known is anonymous, and gives no value to
 * any variable; so is, and is left out of the tests, what may fault, as a test that is missing may
 * have kept it from that. */
export function grounded(
  atoms: readonly Atom[],
  tests: readonly Literal[],
): { readonly literals: readonly Literal[]; readonly bound: ReadonlySet<number> } {
  let visits = withTerms(atoms, (term) => !termFaults(term));
  for (;;) {
    const { made, bound } = learned(visits, tests);
    const isGiven = (term: Term): boolean => areBound(termVariables(term), bound);
    if (visits.every(({ terms }) => terms.every(isGiven)))
      return { literals: [...visits, ...tests.filter((test) => made.has(test))], bound };
    visits = withTerms(visits, isGiven);
  }
}

/** Returns atoms in which those terms are anonymous that are not to be known. */
function withTerms(atoms: readonly Atom[], isKnown: (term: Term) => boolean): readonly Atom[] {
  return atoms.map((atom) => ({
    ...atom,
    terms: atom.terms.map((term): Term => (isKnown(term) ? term : { kind: "anonymous" })),
  }));
}

/** Returns the variables that atoms give values to, and tests then; and the tests that can be
 * made. */
function learned(
  atoms: readonly Atom[],
  tests: readonly Literal[],
): { readonly made: ReadonlySet<Literal>; readonly bound: ReadonlySet<number> } {
  const bound = new Set<number>();
  for (const { terms } of atoms)
    for (const term of terms) visitPattern(term, (variable) => bound.add(variable));
  const made = new Set<Literal>();
  let before: number;
  do {
    before = made.size;
    for (const test of tests) {
      if (made.has(test) || literalFaults(test) || !isKnown(test, bound)) continue;
      made.add(test);
      for (const variable of literalVariables(test)) bound.add(variable);
    }
  } while (made.size > before);
  return { made, bound };
}

/** Whether a test can be made, or gives values to what it lacks. */
function isKnown(test: Literal, bound: ReadonlySet<number>): boolean {
  if (test.kind === "range") {
    const { from, to, step } = test;
    const terms = [from, to, ...(step === undefined ? [] : [step])];
    return areBound(terms.flatMap(termVariables), bound);
  }
  if (areBound(literalVariables(test), bound)) return true;
  if (test.kind !== "comparison") return false;
  if (bindingOf(test, bound) !== undefined) return true;
  const match = matchOf(test, bound);
  if (match === undefined) return false;
  const known = new Set(bound);
  visitPattern(match.pattern, (variable) => known.add(variable));
  return areBound(termVariables(match.pattern), known);
}
