import type { Literal, Term } from "../analysis/program.ts";
import { visitPattern } from "../analysis/terms.ts";
import { areBound, bindingOf, matchOf } from "./bound.ts";
import { literalFaults, literalVariables, termFaults, termVariables } from "./literals.ts";

type Atom = Extract<Literal, { kind: "atom" }>;

/** Returns atoms with those of some tests that can be made where nothing else is known, and which
 * variables have values then. Of the atoms what cannot be known is anonymous; so is, and is left
 * out of the tests, what may fault, as a test that is missing may have kept it from that. */
export function grounded(
  atoms: readonly Atom[],
  tests: readonly Literal[],
): { readonly literals: readonly Literal[]; readonly bound: ReadonlySet<number> } {
  const bound = new Set<number>();
  const learn = (term: Term): void => {
    visitPattern(term, (variable) => bound.add(variable));
  };
  for (const { terms } of atoms) for (const term of terms) learn(term);
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
  const known = (term: Term): Term =>
    termFaults(term) || !areBound(termVariables(term), bound) ? { kind: "anonymous" } : term;
  const visits = atoms.map((atom) => ({ ...atom, terms: atom.terms.map(known) }));
  return { literals: [...visits, ...tests.filter((test) => made.has(test))], bound };
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
  return bindingOf(test, bound) !== undefined || matchOf(test, bound) !== undefined;
}
