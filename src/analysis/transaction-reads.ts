// A transaction's outcome is a function of the facts before it (DESIGN, invariant 14): what it
// reads is too, or replicas part.
import type { Span } from "../base/source.ts";
import type { Findings } from "./findings.ts";
import { orderDependence, readBy, someTerm } from "./monotone-relations.ts";
import type { Program, Relation, RelationAt, Rule, Stratum } from "./program.ts";

type Checked = Pick<Program, "transactions" | "relations" | "rules" | "strata">;

/** Reports where a transaction reads what depends on order, or on what a node heard of others. */
export function checkTransactionReads(
  { transactions, relations, rules, strata }: Checked,
  findings: Findings,
): void {
  if (transactions.length === 0) return;
  const undetermined = undeterminedRelations(relations, rules, strata);
  const hint = "transactions read inputs, ordered relations, and what `:-` derives from these";
  const report = (message: string, span: Span): void => {
    findings.error("transaction-not-determined", message, span, { hint });
  };
  for (const { rules: effects } of transactions) {
    for (const { head, body, variables, span } of effects) {
      const terms = head.kind === "abort" ? [head.reason] : head.terms;
      const rule = { head: { relation: -1, terms }, body, variables, span };
      const reason = orderReason(rule);
      if (reason !== undefined) report(`this depends on more than facts: ${reason}`, span);
      for (const read of readBy(rule)) {
        // What is beyond the program's relations is `Id` or `All`, which nothing else reads.
        const relation = relations[read];
        const why = relation === undefined ? ofTheNode : undetermined.get(read);
        if (why === undefined) continue;
        const of = relation === undefined ? "what the runtime gives" : `"${relation.name}"`;
        report(`${of} depends on more than facts: ${why}`, span);
      }
    }
  }
}

/** Returns the relations that are no function of facts, with why. */
export function undeterminedRelations(
  relations: readonly Relation[],
  rules: readonly Rule[],
  strata: readonly Stratum[],
): Map<RelationAt, string> {
  const found = new Map<RelationAt, string>();
  for (const { head, when } of rules)
    if (when !== undefined) found.set(head.relation, "steps keep it in memory, or send it");
  for (const stratum of strata) {
    const members = stratum.rules.flatMap((at) => rules[at] ?? []);
    const read = members.flatMap((rule) => [...readBy(rule)]).find((of) => found.has(of));
    const why =
      stratum.relations.map((at) => ownReason(relations[at])).find((of) => of !== undefined) ??
      members.map(orderReason).find((of) => of !== undefined) ??
      (read === undefined ? undefined : found.get(read));
    if (why !== undefined)
      for (const at of stratum.relations) if (!found.has(at)) found.set(at, why);
  }
  return found;
}

const ofTheNode = "it is of the node that evaluates it";

function ownReason(relation: Relation | undefined): string | undefined {
  if (relation === undefined || relation.inlined) return undefined;
  const { limit, choices, place } = relation;
  if (limit !== undefined) return "`.limitsize` keeps what comes first";
  if (choices !== undefined) return "`choice-domain` keeps what comes first";
  if (place?.system !== undefined) return ofTheNode;
  if (place?.event ?? place?.message ?? place?.memory) return "steps keep it in memory, or send it";
  return undefined;
}

function orderReason(rule: Rule): string | undefined {
  let reason: string | undefined;
  someTerm(rule, (term) => {
    reason ??= orderDependence(term);
    return reason !== undefined;
  });
  return reason;
}
