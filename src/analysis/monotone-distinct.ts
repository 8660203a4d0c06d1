// Level F1, domain-distinct-monotone (Ameloot, Ketsman, Neven, Zinn, TODS 2016, section 4): what
// was derived from I stays with I ∪ J, where the key by which a fact of J is partitioned has a
// value that is in no fact of I.
//
//     out(x) :- a(x), !b(x).
//
// keeps out(x), as x is of I, so J has no b(x); `b` is an input that is partitioned by its column.
// With a constant or a computed value in its place J might have it: `out(x) :- a(x), !b(3).`
import { inputVariables, type InputContext, isBound } from "./monotone-inputs.ts";
import type { FoundPoint } from "./monotone-points.ts";
import type { RuleValues } from "./monotone-values.ts";
import type { Literal, Term } from "./program.ts";

type Atom = Literal & { readonly kind: "atom" | "negation" };

/** Whether what stands at a point is the same for I and for I ∪ J. */
export function distinct(
  { point, literal, scopes, values }: FoundPoint,
  of: InputContext,
): boolean {
  const bound = inputVariables(scopes, of.carries);
  if (point.kind === "negation" && literal?.kind === "negation") return keyed(literal, bound, of);
  if (point.kind !== "aggregate" || literal?.kind !== "aggregate") return false;
  return values !== undefined && fixed(literal, values, (atom) => keyed(atom, bound, of));
}

/** Whether an atom is over an input whose key is given by values of I. */
function keyed(
  { relation: at, terms }: Atom,
  bound: ReadonlySet<number>,
  { program, facts }: InputContext,
): boolean {
  const relation = program.relations[at];
  const [key] = relation?.place?.partitions ?? [];
  if (relation === undefined || key === undefined || key.length === 0) return false;
  // An equivalence relates the key to what J relates it to.
  if (facts.input[at] !== true || facts.rulesOf[at]?.length !== 0) return false;
  if (relation.equivalence === true || facts.ephemeral[at] === true) return false;
  return key.every((column) => isBound(terms[column], bound));
}

/** Whether an aggregate has the same result as long as the atoms in it for which `stays` holds have
 * the same tuples: all others never change, and nothing else in it does. */
export function fixed(
  { body, value, fold }: Literal & { readonly kind: "aggregate" },
  values: RuleValues,
  stays: (atom: Atom) => boolean,
): boolean {
  const constant = (terms: readonly Term[]) => terms.every((term) => values.constant(term));
  const start = fold === undefined ? [] : [fold.start];
  if (!constant([...(value === undefined ? [] : [value]), ...start])) return false;
  return body.every((literal) => {
    switch (literal.kind) {
      case "atom":
      case "negation":
        return values.closed(literal.relation)
          ? constant(literal.terms)
          : constant(literal.terms) && stays(literal);
      case "comparison":
      case "test":
        return constant([literal.left, literal.right]);
      case "boolean":
        return true;
      case "range":
        return constant([literal.from, literal.to, ...(literal.step ? [literal.step] : [])]);
      case "aggregate":
        return fixed(literal, values, stays);
    }
  });
}
