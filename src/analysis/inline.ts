// Inlined relations: each atom of one is replaced by the bodies of its rules, each negated atom by
// what their negation is. It happens before groundness is checked, so that an inlined relation may
// hold for infinitely many tuples.
import { stronglyConnected } from "../base/graph.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import { disjunctionLiteralsMax } from "./disjunction.ts";
import type { Findings } from "./findings.ts";
import { opposite } from "./operators.ts";
import type { Literal, Term } from "./program.ts";
import { Renaming } from "./renaming.ts";
import {
  counts,
  mapLiteral,
  mapTerm,
  visitLiteral,
  visitLiterals,
  visitTerm,
  type WorkRule,
} from "./work-rule.ts";

type AtomLiteral = Literal & { readonly kind: "atom" | "negation" };

/** One way to satisfy the literals of a rule seen so far. */
type Alternative = { readonly renaming: Renaming; readonly body: readonly Literal[] };

/** Returns the rules of the relations that are not inlined, without atoms of those that are.
 * Reports what cannot be inlined, and then leaves such rules out. */
export function inlineRelations(
  rules: readonly WorkRule[],
  relations: readonly DeclaredRelation[],
  findings: Findings,
): WorkRule[] {
  if (!relations.some(({ inlined }) => inlined)) return [...rules];
  const inlined = (relation: number) => relations[relation]?.inlined === true;
  const sound = rules.filter((rule) => inlinable(rule, relations, findings));
  const definitions = new Map<number, WorkRule[]>();
  for (const rule of sound) {
    const { relation } = rule.head;
    if (inlined(relation)) definitions.set(relation, [...(definitions.get(relation) ?? []), rule]);
  }

  const reads = relations.map(({ at }) => (definitions.get(at) ?? []).flatMap(atomsOf));
  const successors = reads.map((atoms) => atoms.map(({ relation }) => relation).filter(inlined));
  for (const component of stronglyConnected(relations.length, (at) => successors[at] ?? [])) {
    const [first] = component;
    if (first === undefined || !inlined(first)) continue;
    const cyclic = component.length > 1 || successors[first]?.includes(first) === true;
    if (cyclic) {
      reportCycle(component, relations, findings);
      return sound.filter(({ head }) => !inlined(head.relation)).filter((of) => !reaches(of));
    }
    const expanded = (definitions.get(first) ?? []).flatMap((rule) =>
      expand(rule, definitions, relations, findings),
    );
    definitions.set(first, expanded);
  }
  return sound
    .filter(({ head }) => !inlined(head.relation))
    .flatMap((rule) => expand(rule, definitions, relations, findings));

  function reaches(rule: WorkRule): boolean {
    return atomsOf(rule).some(({ relation }) => inlined(relation));
  }
}

function inlinable(
  rule: WorkRule,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): boolean {
  const head = relations[rule.head.relation];
  let sound = true;
  if (head?.inlined === true && counts(rule)) {
    const message = `a rule of the inlined relation "${head.name}" counts`;
    findings.error("inline-not-possible", message, rule.span, {
      related: [{ span: head.span, text: "declared `inline` here" }],
      hint: "drop `inline`",
    });
    sound = false;
  }
  visitLiterals(rule.body, (literal, aggregate) => {
    if (literal.kind !== "atom" && literal.kind !== "negation") return;
    const relation = relations[literal.relation];
    if (relation?.inlined !== true || aggregate === undefined) return;
    const message = `the inlined relation "${relation.name}" stands in an aggregate`;
    findings.error("inline-in-aggregate", message, literal.span, {
      related: [{ span: relation.span, text: "declared `inline` here" }],
      hint: "drop `inline`, or define a relation by it and aggregate over that",
    });
    sound = false;
  });
  return sound;
}

function atomsOf(rule: WorkRule): AtomLiteral[] {
  return rule.body.filter((literal) => literal.kind === "atom" || literal.kind === "negation");
}

function reportCycle(
  component: readonly number[],
  relations: readonly DeclaredRelation[],
  findings: Findings,
): void {
  const members = component.flatMap((at) => relations[at] ?? []);
  const [first, ...others] = members;
  if (first === undefined) return;
  const message = `the inlined relation "${first.name}" is defined by itself`;
  findings.error("cyclic-inline", message, first.span, {
    related: others.map(({ name, span }) => ({ span, text: `through "${name}"` })),
    hint: "drop `inline`",
  });
}

/** Returns the rules that a rule stands for; all it uses is expanded already. */
function expand(
  rule: WorkRule,
  definitions: ReadonlyMap<number, readonly WorkRule[]>,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): WorkRule[] {
  const inlined = ({ relation }: AtomLiteral) => relations[relation]?.inlined === true;
  if (!atomsOf(rule).some(inlined)) return [rule];
  const refuse = (relation: DeclaredRelation): WorkRule[] => {
    const message = `inlining makes more than ${disjunctionLiteralsMax} literals of this rule`;
    const related = [{ span: relation.span, text: "declared `inline` here" }];
    findings.error("limit-exceeded", message, rule.span, { related });
    return [];
  };
  let alternatives: Alternative[] = [{ renaming: new Renaming(rule.variables), body: [] }];
  for (const literal of rule.body) {
    const atom = literal.kind === "atom" || literal.kind === "negation";
    if (!atom || !inlined(literal)) {
      alternatives = alternatives.map(({ renaming, body }) => ({
        renaming,
        body: [...body, literal],
      }));
      continue;
    }
    const rules = definitions.get(literal.relation) ?? [];
    const relation = relations[literal.relation];
    if (relation === undefined) continue;
    if (literal.kind === "atom") {
      const added = rules.reduce(
        (sum, { body }) => sum + body.length + relation.attributes.length,
        0,
      );
      const after = size(alternatives) * rules.length + alternatives.length * added;
      if (after > disjunctionLiteralsMax) return refuse(relation);
      alternatives = alternatives.flatMap(({ renaming, body }) =>
        rules.map((definition) => {
          const own = new Renaming(renaming.variables);
          const added = holds(literal, definition, relation, own);
          return { renaming: own, body: [...body, ...added] };
        }),
      );
    } else {
      const choices = rules.map((of) => fails(literal, of, relation, findings));
      for (const choice of choices) {
        if (choice === undefined) return [];
        const after = (size(alternatives) + alternatives.length) * choice.length;
        if (after > disjunctionLiteralsMax) return refuse(relation);
        alternatives = alternatives.flatMap(({ renaming, body }) =>
          choice.map((negated) => ({ renaming, body: [...body, negated] })),
        );
      }
    }
  }
  if (rule.plan !== undefined) {
    const message = "`.plan` has no effect on a rule into which relations are inlined";
    findings.warning("plan-without-effect", message, rule.plan.span);
  }
  return alternatives.map(({ renaming, body }) => ({
    ...rule,
    body,
    variables: renaming.variables,
    plan: undefined,
    expanded: true,
  }));
}

function size(alternatives: readonly Alternative[]): number {
  return alternatives.reduce((sum, { body }) => sum + body.length, 0);
}

/** Returns literals that say that `atom` holds by `definition`. */
function holds(
  atom: AtomLiteral,
  definition: WorkRule,
  relation: DeclaredRelation,
  renaming: Renaming,
): Literal[] {
  const computed = computedVariables(definition);
  const replacements = new Map<number, Term>();
  const equations: (readonly [head: Term, argument: Term, at: number])[] = [];
  for (const [at, head] of definition.head.terms.entries()) {
    const argument = atom.terms[at];
    if (argument === undefined || argument.kind === "anonymous") continue;
    const simple = argument.kind === "variable" || argument.kind === "constant";
    const free =
      head.kind === "variable" && !replacements.has(head.variable) && !computed.has(head.variable);
    if (free && simple) replacements.set(head.variable, argument);
    else equations.push([head, argument, at]);
  }
  const replace = (variable: number): Term => {
    const known = replacements.get(variable);
    if (known !== undefined) return known;
    const { name, kind, span } = definition.variables[variable] ?? unnamed(atom);
    const term = { kind: "variable", variable: renaming.fresh(name, kind, span) } as const;
    replacements.set(variable, term);
    return term;
  };
  const rename = (variable: number): number => {
    const term = replace(variable);
    return term.kind === "variable" ? term.variable : variable;
  };
  return [
    ...equations.map(([head, argument, at]): Literal => {
      const of = relation.attributes[at]?.type.kind ?? "number";
      const left = mapTerm(head, replace);
      return { kind: "comparison", operator: "=", of, left, right: argument, span: atom.span };
    }),
    ...definition.body.map((literal) => mapLiteral(literal, replace, rename)),
  ];
}

/** Returns literals of which one holds if and only if `atom` does not hold by `definition`. For
 * that the definition must have no variables but those of its head, as `!` would have to say "for
 * no value". Reports where that is not so, and is then undefined. */
function fails(
  atom: AtomLiteral,
  definition: WorkRule,
  relation: DeclaredRelation,
  findings: Findings,
): Literal[] | undefined {
  const refuse = (reason: string) => {
    const message = `the negation of the inlined relation "${relation.name}" cannot be written out`;
    findings.error("inline-negated", message, atom.span, {
      related: [{ span: definition.span, text: reason }],
      hint: "drop `inline`",
    });
  };
  if (atom.terms.some(({ kind }) => kind === "anonymous")) {
    refuse("`_` is one of its arguments");
    return undefined;
  }
  const replacements = new Map<number, Term>();
  const equations: Literal[] = [];
  for (const [at, head] of definition.head.terms.entries()) {
    const argument = atom.terms[at];
    if (argument === undefined) continue;
    if (head.kind === "variable" && !replacements.has(head.variable)) {
      replacements.set(head.variable, argument);
    } else {
      const of = relation.attributes[at]?.type.kind ?? "number";
      const { span } = atom;
      equations.push({ kind: "comparison", operator: "=", of, left: head, right: argument, span });
    }
  }
  const computed = computedVariables(definition);
  let introduced: number | undefined;
  const check = (variable: number) => {
    if (!replacements.has(variable) || computed.has(variable)) introduced ??= variable;
  };
  for (const literal of definition.body) visitLiteral(literal, check);
  for (const term of definition.head.terms) visitTerm(term, check);
  if (introduced !== undefined) {
    const name = definition.variables[introduced]?.name ?? "";
    refuse(
      name.startsWith("#") || computed.has(introduced)
        ? "a range or an aggregate is computed here"
        : `variable "${name}" of this rule is not one of its head`,
    );
    return undefined;
  }
  const replace = (variable: number): Term =>
    replacements.get(variable) ?? { kind: "variable", variable };
  const negate = (literal: Literal) =>
    negation(mapLiteral(literal, replace, (variable) => variable));
  const equal = equations.map((of) =>
    of.kind === "comparison" ? { ...of, left: mapTerm(of.left, replace) } : of,
  );
  return [...equal.map(negation), ...definition.body.map(negate)];
}

function negation(literal: Literal): Literal {
  switch (literal.kind) {
    case "atom":
      return { ...literal, kind: "negation" };
    case "negation":
      return { ...literal, kind: "atom" };
    case "comparison":
      return { ...literal, operator: opposite[literal.operator] };
    case "test":
      return { ...literal, negated: !literal.negated };
    case "boolean":
      return { ...literal, value: !literal.value };
    case "range":
    case "aggregate":
      return literal;
  }
}

/** Returns the variables that a range or an aggregate of a rule binds: nothing else may. */
function computedVariables({ body }: WorkRule): Set<number> {
  const found = new Set<number>();
  for (const literal of body)
    if (literal.kind === "range" || literal.kind === "aggregate") found.add(literal.variable);
  return found;
}

function unnamed({ span }: AtomLiteral) {
  return { name: "x", kind: "number", span } as const;
}
