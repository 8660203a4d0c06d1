// Witnesses of min and max. A variable that an aggregate's body binds may be used outside of it
// where nothing else binds it: it then takes the values it has where the extreme is reached. So
//
//     t(s, n) :- n = max h : { score(s, h) }.
//
// becomes
//
//     t(s, n) :- n = max h : { score(#s, h) }, score(s, #h), n = #h.
import type { Findings } from "./findings.ts";
import type { Literal } from "./program.ts";
import { bound, ownVariables, sharedVariables } from "./safety.ts";
import { Renaming } from "./renaming.ts";
import { visitAggregate, visitTerm, type WorkRule } from "./work-rule.ts";

type AggregateLiteral = Literal & { readonly kind: "aggregate" };

/** Returns `rule` with its witnesses bound. Reports those of other aggregates, which have none, and
 * is then undefined. */
export function groundWitnesses(rule: WorkRule, findings: Findings): WorkRule | undefined {
  if (!rule.body.some(({ kind }) => kind === "aggregate")) return rule;
  const renaming = new Renaming(rule.variables);
  const errorsBefore = findings.errorCount;

  const rewrite = (
    literals: readonly Literal[],
    used: ReadonlySet<number>,
    visible: ReadonlySet<number>,
    given: ReadonlySet<number>,
  ): Literal[] => {
    const own = new Set([...used, ...ownVariables(literals)]);
    // Results of aggregates count as known: whether they can be computed is safety's matter.
    const known = bound(literals, given, true);
    const inside = new Set([...visible, ...own]);
    const added: Literal[] = [];
    const rewritten = literals.map((literal) => {
      if (literal.kind !== "aggregate") return literal;
      const shared = sharedVariables(literal, own, visible);
      const value = new Set<number>();
      if (literal.value !== undefined) visitTerm(literal.value, (of) => value.add(of));
      const body = rewrite(literal.body, value, inside, new Set([...known, ...shared]));
      const aggregate = { ...literal, body };
      const inner = bound(body, known, true);
      const witnesses = [...shared].filter((of) => !known.has(of) && inner.has(of));
      if (witnesses.length === 0) return aggregate;
      if (literal.name === "min" || literal.name === "max") {
        added.push(...reached(aggregate, shared, renaming));
        return renaming.literal(aggregate, new Set(witnesses));
      }
      for (const witness of witnesses) reportWitness(rule, aggregate, witness, findings);
      return aggregate;
    });
    return [...rewritten, ...added];
  };

  const used = new Set<number>();
  for (const term of rule.head.terms) visitTerm(term, (variable) => used.add(variable));
  const body = rewrite(rule.body, used, new Set(), new Set());
  return findings.errorCount > errorsBefore
    ? undefined
    : { ...rule, body, variables: renaming.variables };
}

/** Returns the literals that hold where an aggregate reaches its extreme: a copy of its body, whose
 * value is the result. */
function reached(
  aggregate: AggregateLiteral,
  shared: ReadonlySet<number>,
  renaming: Renaming,
): Literal[] {
  const local = new Set<number>();
  visitAggregate(aggregate, (variable) => {
    if (!shared.has(variable)) local.add(variable);
  });
  const copy = renaming.literal(aggregate, local);
  if (copy.kind !== "aggregate" || copy.value === undefined) return [];
  const { of, span, value } = copy;
  const left = { kind: "variable", variable: aggregate.variable } as const;
  return [...copy.body, { kind: "comparison", operator: "=", of, left, right: value, span }];
}

function reportWitness(
  rule: WorkRule,
  { name, span }: AggregateLiteral,
  witness: number,
  findings: Findings,
): void {
  const variable = rule.variables[witness];
  if (variable === undefined) return;
  const message =
    `variable "${variable.name}" of \`${name}\` is used outside of it, ` + "where nothing binds it";
  findings.error("aggregate-witness", message, variable.span, {
    related: [{ span, text: `\`${name}\` aggregates over it here` }],
    hint:
      `add a positive atom that contains ${variable.name} outside of \`${name}\`, ` +
      "to have one result for each of its values",
  });
}
