// Whether the order in which rules derive tuples can be told from what they derive.
import type { Literal, Program, Term } from "../analysis/program.ts";
import { literalTerms, partsOf } from "../analysis/terms.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { termCounts } from "./literals.ts";

/** Whether some relation holds what it does because of the order in which tuples came: by what was
 * chosen, where a limit was met, numbers that are given out, stateful functors, and `ord`. Rules of
 * such a program derive their tuples one after the other, however many threads there are and
 * whether or not they are measured. */
export function dependsOnOrder({ relations, rules }: Program): boolean {
  if (relations.some(({ choices, limit }) => choices !== undefined || limit !== undefined))
    return true;
  return rules.some(({ head, body, subsumes }) => {
    let found = subsumes === true || head.terms.some(isOrdered);
    visitLiterals(body, (literal: Literal) => {
      found ||= literalTerms(literal).some(isOrdered);
    });
    return found;
  });
}

function isOrdered(term: Term): boolean {
  if (termCounts(term)) return true;
  return (term.kind === "functor" && term.name === "ord") || partsOf(term).some(isOrdered);
}
