// Equations between two records say the same as equations between their fields, and there `_` and
// variables of either side get their values from the other:
//
//     [x, 1, _] = [2, y, z]   is   x = 2, 1 = y
import type { Literal, Term } from "./program.ts";
import type { WorkRule } from "./work-rule.ts";
import type { Structures } from "../value/structure.ts";

type Equation = Literal & { readonly kind: "comparison" };

/** Returns `rule` without equations that have a record on each side. */
export function withoutEqualRecords(rule: WorkRule, structures: Structures): WorkRule {
  if (!rule.body.some((literal) => hasEquation(literal))) return rule;
  return { ...rule, body: rule.body.flatMap((literal) => parts(literal, structures)) };
}

/** Whether `false` stands in the body of a rule. */
export function isFalse({ body }: WorkRule): boolean {
  return body.some((literal) => literal.kind === "boolean" && !literal.value);
}

function hasEquation(literal: Literal): boolean {
  if (literal.kind === "aggregate") return literal.body.some(hasEquation);
  return literal.kind === "comparison" && literal.operator === "=";
}

function parts(literal: Literal, structures: Structures): readonly Literal[] {
  if (literal.kind === "aggregate")
    return [{ ...literal, body: literal.body.flatMap((of) => parts(of, structures)) }];
  if (literal.kind !== "comparison" || literal.operator !== "=") return [literal];
  return equations(literal, structures);
}

function equations(equation: Equation, structures: Structures): readonly Literal[] {
  const { left, right, span } = equation;
  if (left.kind === "anonymous" || right.kind === "anonymous") return [];
  if (left.kind !== "record" || right.kind !== "record") return [equation];
  if (left.branch !== right.branch) return [{ kind: "boolean", value: false, span }];
  const structure = structures.get(left.of);
  const shape =
    structure?.kind === "adt"
      ? structure.branches.find(({ name }) => name === left.branch)
      : structure;
  const fields = shape !== undefined && "fields" in shape ? shape.fields : undefined;
  return left.fields.flatMap((field, at): readonly Literal[] => {
    const other: Term | undefined = right.fields[at];
    const of = fields?.[at]?.kind;
    if (other === undefined || of === undefined) return [];
    return equations({ ...equation, of, left: field, right: other }, structures);
  });
}
