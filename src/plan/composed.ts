// Which loops over relations that grow are looked up in the composition with the loop after them.
// Semi-naive evaluation meets a row of such a relation again whenever the other side of a join has
// something new, and would each time go on to the same partners, mostly none.
import type { Term } from "../analysis/program.ts";
import type { Estimates } from "./estimate.ts";
import type { RelationPlan } from "./plan.ts";
import type { AtomStep, Step } from "./step.ts";

/** The composition takes no more room than an index of the growing relation's rows where each has
 * about so many partners at most. */
const partnersMax = 2;

/** What is known when steps become operations. */
export type ComposedContext = {
  readonly relations: readonly RelationPlan[];
  readonly computes: readonly number[];
  readonly estimates: Estimates;
};

/** Returns the variable that a step leads to the next one by, if all that a loop over a growing
 * relation finds is the key of a loop over one that is done: `y` in
 * `p(x, z) :- d(z), p(z, y), e(y, x)`. Whether something else reads it is not looked at. */
export function composedVariable(
  { relations, computes, estimates }: ComposedContext,
  step: Step,
  next: Step | undefined,
): number | undefined {
  if (step.kind !== "loop" || next?.kind !== "loop") return undefined;
  const [found, sought] = [otherTerm(step), otherTerm(next)];
  if (found?.kind !== "variable" || sought === undefined) return undefined;
  const isJoined = (term: Term | undefined): boolean =>
    term?.kind === "variable" && term.variable === found.variable;
  if (isJoined(keyTerm(step)) || isJoined(sought) || !isJoined(keyTerm(next))) return undefined;
  const plain = [step, next].every(({ relation }) => {
    const of = relations[relation];
    return of !== undefined && of.equivalence !== true && of.subsumed !== true;
  });
  if (!plain || !computes.includes(step.relation) || computes.includes(next.relation))
    return undefined;
  if (next.window !== "full" || estimates.final(next.relation) === undefined) return undefined;
  const partners = estimates.group?.(next.relation, next.key) ?? Infinity;
  return partners <= partnersMax ? found.variable : undefined;
}

/** The only term of an atom of two columns that is no key. */
function otherTerm({ terms, key, row }: AtomStep): Term | undefined {
  const [column] = key;
  if (column === undefined || key.length > 1 || terms.length !== 2 || row !== undefined)
    return undefined;
  return terms[1 - column];
}

function keyTerm({ terms, key }: AtomStep): Term | undefined {
  const [column] = key;
  return column === undefined ? undefined : terms[column];
}
