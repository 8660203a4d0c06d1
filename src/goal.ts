// From a goal to a program with a relation for its answer, which has a column for each variable: to
// be evaluated on what holds.
import { analyse, type AnalyseOptions } from "./analysis/analyse.ts";
import type { Program, Rule } from "./analysis/program.ts";
import { hasErrors, type Diagnostic } from "./base/diagnostic.ts";
import type { BodyNode, ClauseNode, ItemNode, TermNode } from "./syntax/tree.ts";
import { parse, type ParseResult } from "./syntax/parse.ts";
import { structured, type ValueKind } from "./value/schema.ts";
import { structureName } from "./value/structure.ts";

/** What stands at the head of the rule that a goal becomes; no program can name a relation so by
 * chance. */
export const goalName = "?";

/** A goal as the last relation of a program, or what is wrong with it. */
export type UnderstoodGoal = {
  readonly diagnostics: readonly Diagnostic[];
  /** The program with the goal in it. */
  readonly program?: Program;
};

/** Returns the items that a goal depends on: those that say what there is. Those that say what
 * holds are left out, but where relations are inlined. */
export function declaringItems(items: readonly ItemNode[]): readonly ItemNode[] {
  return items.some(inlines) ? items : items.filter(({ kind }) => !saying.has(kind));
}

function inlines(item: ItemNode): boolean {
  if (item.kind === "component") return item.items.some(inlines);
  return item.kind === "relation" && item.qualifiers.some(({ word }) => word === "inline");
}

const saying = new Set<ItemNode["kind"]>([
  ...(["clause", "directive", "seal", "transaction", "contract"] as const),
  ...(["expectation", "pragma"] as const),
]);

/** Returns what a goal, read as a rule for `goalName`, asks of a program of these items: the
 * variables that stand in it outside of aggregates are its columns, but those that begin with `_`.
 * `shown` becomes the name of the relation. */
export function understoodGoal(
  items: readonly ItemNode[],
  { tree, diagnostics: misread }: Pick<ParseResult, "tree" | "diagnostics">,
  shown: string,
  options: AnalyseOptions,
): UnderstoodGoal {
  if (hasErrors(misread)) return { diagnostics: errorsOf(misread) };
  const clause = tree.items.find((item) => item.kind === "clause");
  const all = [...items, ...goalDeclaration(), ...tree.items];
  const { program, diagnostics } = analyse({ items: all, comments: [] }, options);
  if (program === undefined || hasErrors(diagnostics) || clause?.body === undefined)
    return { diagnostics: errorsOf(diagnostics) };
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
  const all = [...items, ...goalDeclaration(), asked];
  const { program } = analyse({ items: all, comments: [] }, options);
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

function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

function goalDeclaration(): readonly ItemNode[] {
  return parse(`.decl ${goalName}()`).tree.items;
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
