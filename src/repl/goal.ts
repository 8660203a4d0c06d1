// From a goal to its answer: a relation with a column for each variable, evaluated on what holds.
import type { AnalyseOptions } from "../analysis/analyse.ts";
import type { Program, Rule } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { BodyNode, ClauseNode, ItemNode, TermNode } from "../syntax/tree.ts";
import { parse } from "../syntax/parse.ts";
import { structured, type ValueKind } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";
import { goalName, typedPath, type Text } from "./entry.ts";
import { understoodItems } from "./understood.ts";

/** A goal as the last relation of a program, or what is wrong with it. */
export type UnderstoodGoal = {
  readonly diagnostics: readonly Diagnostic[];
  /** The program with the goal in it. */
  readonly program?: Program;
};

/** Returns what a goal asks of a program: the variables that stand in it outside of aggregates are
 * its columns, but those that begin with `_`. `shown` becomes the name of the relation. */
export function understoodGoal(
  items: readonly ItemNode[],
  text: Text,
  shown: string,
  options: AnalyseOptions,
): UnderstoodGoal {
  const clause = text.parsed.tree.items.find((item) => item.kind === "clause");
  const understood = understoodItems(
    [...items, ...goalDeclaration(), ...text.parsed.tree.items],
    [text],
    options,
  );
  const errors = understood.diagnostics.filter(({ severity }) => severity === "error");
  const { program } = understood;
  if (program === undefined || clause?.body === undefined) return { diagnostics: errors };
  const goalAt = program.relations.findIndex(({ name }) => name === goalName);
  const rules = program.rules.filter(({ head }) => head.relation === goalAt);
  const names = goalVariables(clause.body).filter((name) => !name.startsWith("_"));
  const missing = names.find((name) => rules.some((rule) => variableAt(rule, name) < 0));
  if (missing !== undefined) return { diagnostics: [unboundSomewhere(missing, clause.body)] };
  const attributes = names.map((name) => {
    const kind = kindOf(rules, name);
    return { name, type: typeName(kind), kind };
  });
  return {
    diagnostics: [],
    program: {
      ...program,
      relations: program.relations.map((relation, at) =>
        at === goalAt ? { ...relation, name: shown, attributes } : relation,
      ),
      rules: program.rules.map((rule) =>
        rule.head.relation === goalAt ? withColumns(rule, names) : rule,
      ),
    },
  };
}

/** Returns the kinds of the variables of a clause's body, by name; undefined where the body cannot
 * be understood. */
export function bodyKinds(
  items: readonly ItemNode[],
  clause: ClauseNode,
  options: AnalyseOptions,
): ReadonlyMap<string, ValueKind> | undefined {
  const { span } = clause;
  const relation = { parts: [{ text: goalName, span }], span };
  const head = { atom: { kind: "atom", relation, terms: [], span }, span } as const;
  const asked: ClauseNode = { ...clause, heads: [head], annotations: [] };
  const { program } = understoodItems([...items, ...goalDeclaration(), asked], [], options);
  const goalAt = program?.relations.findIndex(({ name }) => name === goalName);
  const rules = program?.rules.filter((rule) => rule.head.relation === goalAt);
  return (
    rules &&
    new Map(rules.flatMap(({ variables }) => variables.map(({ name, kind }) => [name, kind])))
  );
}

/** The name of the type of what is of a kind. */
export function typeName(kind: ValueKind): string {
  return structured(kind) ? structureName(kind) : kind;
}

function goalDeclaration(): readonly ItemNode[] {
  return parse({ path: typedPath, text: `.decl ${goalName}()` }).tree.items;
}

function kindOf(rules: readonly Rule[], name: string): ValueKind {
  const [rule] = rules;
  return rule?.variables[variableAt(rule, name)]?.kind ?? "number";
}

function variableAt({ variables }: Rule, name: string): number {
  return variables.findIndex((variable) => variable.name === name);
}

function withColumns(rule: Rule, names: readonly string[]): Rule {
  const terms = names.map((name) => {
    return { kind: "variable", variable: variableAt(rule, name) } as const;
  });
  return { ...rule, head: { ...rule.head, terms } };
}

function unboundSomewhere(name: string, { span }: BodyNode): Diagnostic {
  return {
    severity: "error",
    code: "unsafe-variable",
    message: `variable "${name}" is not in every alternative of the goal`,
    span,
    hint: `bind ${name} in each, or write \`_${name}\` to leave it out of the answer`,
  };
}

/** The names of variables in a body, in order, without those in aggregates. */
function goalVariables(body: BodyNode): string[] {
  return [...new Set(inBody(body))];
}

function inBody(body: BodyNode): string[] {
  switch (body.kind) {
    case "conjunction":
    case "disjunction":
      return body.members.flatMap(inBody);
    case "negation":
      return inBody(body.of);
    case "atom":
      return body.terms.flatMap(inTerm);
    case "comparison":
    case "test":
      return [...inTerm(body.left), ...inTerm(body.right)];
    case "boolean":
      return [];
  }
}

function inTerm(term: TermNode): string[] {
  switch (term.kind) {
    case "variable":
      return [term.name];
    case "record":
    case "branch":
      return term.fields.flatMap(inTerm);
    case "unary":
    case "cast":
      return inTerm(term.of);
    case "binary":
      return [...inTerm(term.left), ...inTerm(term.right)];
    case "functor":
    case "user-functor":
      return term.arguments.flatMap(inTerm);
    case "anonymous":
    case "number":
    case "string":
    case "nil":
    case "aggregate":
    case "user-aggregate":
      return [];
  }
}
