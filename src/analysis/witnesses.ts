// Witnesses of min and max. A variable that an aggregate's body binds may be used outside of it
// where nothing else binds it: it then takes the values it has where the extreme is reached. So
//
//     t(s, n) :- n = max h : { score(s, h) }.
//
// becomes
//
//     t(s, n) :- n = max h : { score(#s, h) }, score(s, #h), n = #h.
//
// Where the aggregate stands in another one and the witness is used outside of both, the aggregate
// is repeated there:
//
//     t(s, n) :- n = count : { a(x), x > max h : { score(s, h) } }.
//
// becomes
//
//     t(s, n) :- n = count : { a(x), x > max h : { score(#s, h) } },
//                #max = max #h : { score(#s2, #h) }, score(s, #h2), #max = #h2.
import { assert } from "../base/assert.ts";
import type { Findings } from "./findings.ts";
import type { Literal } from "./program.ts";
import { bound, ownVariables, sharedVariables } from "./safety.ts";
import { Renaming } from "./renaming.ts";
import { visitAggregate, visitTerm, type WorkRule } from "./work-rule.ts";

type AggregateLiteral = Literal & { readonly kind: "aggregate" };

/** A conjunction: the body of a rule, or of an aggregate in it. */
type Level = {
  /** The conjunction that it stands in. */
  readonly outer?: Level;
  /** The variables that occur in it outside of aggregates, or in what uses it. */
  readonly own: ReadonlySet<number>;
  /** Those of the conjunctions that it stands in, too. */
  readonly visible: ReadonlySet<number>;
  readonly added: Literal[];
};

/** Returns `rule` with its witnesses bound. Reports those of other aggregates, which have none, and
 * is then undefined. */
export function groundWitnesses(rule: WorkRule, findings: Findings): WorkRule | undefined {
  if (!rule.body.some(({ kind }) => kind === "aggregate")) return rule;
  const renaming = new Renaming(rule.variables);
  const errorsBefore = findings.errorCount;

  const rewrite = (
    literals: readonly Literal[],
    used: ReadonlySet<number>,
    given: ReadonlySet<number>,
    outer?: Level,
  ): Literal[] => {
    const own = new Set([...used, ...ownVariables(literals)]);
    const around = outer?.visible ?? new Set<number>();
    const level: Level = {
      ...(outer === undefined ? {} : { outer }),
      ...{ own, visible: new Set([...around, ...own]), added: [] },
    };
    // Results of aggregates count as known: whether they can be computed is safety's matter.
    const known = bound(literals, given, true);
    const rewritten = literals.map((literal) => {
      if (literal.kind !== "aggregate") return literal;
      const shared = sharedVariables(literal, own, around);
      const value = new Set<number>();
      if (literal.value !== undefined) visitTerm(literal.value, (of) => value.add(of));
      const body = rewrite(literal.body, value, known, level);
      const aggregate = { ...literal, body };
      const inner = bound(body, known, true);
      const witnesses = [...shared].filter((of) => !known.has(of) && inner.has(of));
      if (witnesses.length === 0) return aggregate;
      if (literal.name !== "min" && literal.name !== "max") {
        for (const witness of witnesses) reportWitness(rule, aggregate, witness, findings);
        return aggregate;
      }
      const renamed = renamedIn(aggregate, new Set(witnesses), renaming);
      for (const home of new Set(witnesses.map((witness) => homeOf(witness, level)))) {
        const others = [...shared].filter((of) => !home.visible.has(of) && !witnesses.includes(of));
        const [other] = others;
        if (other !== undefined) {
          const [witness = -1] = witnesses.filter((of) => homeOf(of, level) === home);
          reportDependent(rule, aggregate, witness, other, findings);
        } else if (home === level) {
          home.added.push(...reached(aggregate, home.visible, renaming));
        } else {
          const again = repeated(renamed, home.visible, renaming);
          const { variable } = again;
          home.added.push(again, ...reached({ ...aggregate, variable }, home.visible, renaming));
        }
      }
      return renamed;
    });
    return [...rewritten, ...level.added];
  };

  const used = new Set<number>();
  for (const term of rule.head.terms) visitTerm(term, (variable) => used.add(variable));
  const body = rewrite(rule.body, used, new Set());
  return findings.errorCount > errorsBefore
    ? undefined
    : { ...rule, body, variables: renaming.variables };
}

/** Returns the outermost conjunction around a level that uses a variable: there it is bound. */
function homeOf(variable: number, level: Level): Level {
  let home = level;
  for (let at: Level | undefined = level; at !== undefined; at = at.outer)
    if (at.own.has(variable)) home = at;
  return home;
}

/** Returns an aggregate with a result, and variables that are not visible, of its own. */
function repeated(
  aggregate: AggregateLiteral,
  visible: ReadonlySet<number>,
  renaming: Renaming,
): AggregateLiteral {
  const local = hidden(aggregate, visible).add(aggregate.variable);
  return renamedIn(aggregate, local, renaming);
}

/** Returns the literals that hold where an aggregate reaches its extreme: a copy of its body, whose
 * value is the result. */
function reached(
  aggregate: AggregateLiteral,
  visible: ReadonlySet<number>,
  renaming: Renaming,
): Literal[] {
  const copy = renamedIn(aggregate, hidden(aggregate, visible), renaming);
  const { of, span, value, body } = copy;
  if (value === undefined) return [];
  const left = { kind: "variable", variable: aggregate.variable } as const;
  return [...body, { kind: "comparison", operator: "=", of, left, right: value, span }];
}

/** Returns the variables of an aggregate that are not visible around it. */
function hidden(aggregate: AggregateLiteral, visible: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  visitAggregate(aggregate, (variable) => {
    if (!visible.has(variable)) found.add(variable);
  });
  return found;
}

function renamedIn(
  aggregate: AggregateLiteral,
  variables: ReadonlySet<number>,
  renaming: Renaming,
): AggregateLiteral {
  const renamed = renaming.literal(aggregate, variables);
  assert(renamed.kind === "aggregate", "what is renamed is an aggregate still");
  return renamed;
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

function reportDependent(
  rule: WorkRule,
  { name, span }: AggregateLiteral,
  witness: number,
  other: number,
  findings: Findings,
): void {
  const [variable, by] = [rule.variables[witness], rule.variables[other]?.name ?? ""];
  if (variable === undefined) return;
  const message =
    `variable "${variable.name}" of \`${name}\` is used outside of the aggregate ` +
    `that \`${name}\` stands in`;
  findings.error("aggregate-witness", message, variable.span, {
    related: [{ span, text: `\`${name}\` has another result for each "${by}" here` }],
    hint: `define a relation of "${by}" and the result of \`${name}\`, and read that`,
  });
}
