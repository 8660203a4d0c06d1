// Which comparisons of growing values stay true once they are.
import type { Order } from "./monotone-orders.ts";
import type { RuleValues } from "./monotone-values.ts";
import type { Literal, Term } from "./program.ts";

/** Returns the orders in which the sides of a comparison have to go, and do go, for it to stay
 * true; undefined where it may become false. */
export function agrees(
  { operator, of, left, right }: Literal & { readonly kind: "comparison" },
  values: RuleValues,
): (readonly [Term, Order])[] | undefined {
  if (values.constant(left) && values.constant(right)) return [];
  switch (operator) {
    case "<":
    case "<=":
      return below(left, right, of === "float", values);
    case ">":
    case ">=":
      return below(right, left, of === "float", values);
    case "=":
      return settles(left, right, values) ?? settles(right, left, values);
    case "!=":
      return leavesZero(left, right, values) ?? leavesZero(right, left, values);
  }
}

type Agreed = (readonly [Term, Order])[] | undefined;

/** That what is below goes down and what is above goes up. A float that goes up may become NaN,
 * which is the greatest and nevertheless not above anything. */
function below(less: Term, more: Term, floats: boolean, values: RuleValues): Agreed {
  if (!values.keeps(less, "down") || !values.keeps(more, "up")) return undefined;
  if (floats && !values.constant(more) && !values.sizes.comparable(more)) return undefined;
  return [
    [less, "down"],
    [more, "up"],
  ];
}

/** That a value has become the last one that it can be. */
function settles(term: Term, last: Term, values: RuleValues): Agreed {
  if (last.kind !== "constant") return undefined;
  if (last.value === 1n && values.keeps(term, "truth-up")) return [[term, "truth-up"]];
  if (last.value === 0n && values.keeps(term, "truth-down")) return [[term, "truth-down"]];
  if (last.value === 0n && values.keeps(term, "bits-down")) return [[term, "bits-down"]];
  if (masked(term, last) && values.keeps(term, "bits-up")) return [[term, "bits-up"]];
  return undefined;
}

/** Whether a term has no bits but those of a constant. */
function masked(term: Term, { value }: Term & { readonly kind: "constant" }): boolean {
  if (term.kind !== "functor" || term.name !== "band") return false;
  return term.arguments.some((of) => of.kind === "constant" && of.value === value);
}

function leavesZero(term: Term, zero: Term, values: RuleValues): Agreed {
  if (zero.kind !== "constant" || zero.value !== 0n) return undefined;
  if (values.sizes.notNegative(term) && values.keeps(term, "up")) return [[term, "up"]];
  const order = (["truth-up", "bits-up"] as const).find((of) => values.keeps(term, of));
  return order === undefined ? undefined : [[term, order]];
}
