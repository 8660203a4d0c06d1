import { copyLabels, type Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { headsOf } from "../codegen/access.ts";
import type { RelationPlan, RulePlan } from "../plan/plan.ts";
import { EvaluationFault } from "../value/fault.ts";
import type { Operations } from "../value/operations.ts";
import { LimitFault } from "./limit.ts";
import type { RuleStatistics } from "./statistics.ts";

/** Returns the diagnostic of what was thrown while `rule` ran (or, without one, before any did).
 * What is no fault of the program or its data is ours, and is thrown on. */
export function diagnosticOfFault(
  fault: unknown,
  rule: RulePlan | undefined,
  statistics: RuleStatistics,
  relations: readonly RelationPlan[],
): Diagnostic {
  if (!(fault instanceof EvaluationFault) && !(fault instanceof LimitFault)) throw fault;
  const { code, message } = fault;
  const at = { severity: "error", code, ...placeOf(rule) } as const;
  const during = rule === undefined ? [] : [`while evaluating ${rule.text}`];
  if (fault instanceof EvaluationFault) return { ...at, message, notes: during };
  const { most } = statistics;
  if (most === undefined) return { ...at, message, notes: during };
  const names = headsOf(most.rule).map((at) => `"${relations[at]!.name}"`);
  const what = `${names.length === 1 ? "relation" : "relations"} ${names.join(", ")}`;
  const grew = `${what} grew most, by ${most.derived} tuples, from ${most.rule.text}`;
  return { ...at, message, notes: [...during, grew], hint: hints[fault.code] };
}

/** Returns the warnings that the operations of a rule gave rise to. */
export function ruleWarnings(rule: RulePlan, warnings: Operations["warnings"]): Diagnostic[] {
  return warnings.map(({ code, message }) => {
    const notes = [`while evaluating ${rule.text}`];
    return { severity: "warning", code, message, ...placeOf(rule), notes };
  });
}

/** Returns where a rule stands and, if that is in copies, where these were asked for. */
function placeOf(rule: RulePlan | undefined): Pick<Diagnostic, "span" | "related"> {
  const span = rule?.span ?? nowhere;
  const related = copyLabels(span);
  return related.length === 0 ? { span } : { span, related };
}

const hints = {
  "too-many-tuples": "bound the recursion, give the relation a .limitsize, or raise the limit",
  "too-many-rounds": "bound the recursion, give a relation a .limitsize, or raise the limit",
  "too-many-steps": "let the program come to rest, or raise the limit",
  "out-of-memory": "bound what the rules derive, or raise the limit, if there is one",
} as const;

const nowhere: Span = { source: { path: "facts", text: "" }, start: 0, end: 0 };
