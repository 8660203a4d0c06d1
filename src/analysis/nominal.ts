// The check that Soufflé's type system makes beyond representations: a variable's type is the
// greatest one that is a subtype of every attribute that binds it, and what a head is given has to
// be a subtype of the attribute there. A negated atom may be asked for values of any type of the
// same representation.
import type { Span } from "../base/source.ts";
import { structured } from "../value/schema.ts";
import type { DraftLiteral, DraftRule, DraftTerm } from "./draft.ts";
import type { Findings } from "./findings.ts";
import type { StructureDeclarations } from "./structure-declarations.ts";
import { type DeclaredType, meet, primitives, subtype } from "./type-system.ts";

/** What is known of a variable: the types it has at most (undefined: no atom says), and where the
 * first of them was said. */
type Known = { types?: readonly DeclaredType[]; origin?: { type: DeclaredType; span: Span } };

/** Reports variables that are used as types with nothing in common, and arguments of heads whose
 * type is not the attribute's. Functors, literals and aggregates are of every
 * type of their kind. */
export function checkTypes(
  rule: DraftRule,
  structures: StructureDeclarations,
  findings: Findings,
): void {
  if (!mentionsDeclaredTypes(rule)) return;
  const classes = equalVariables(rule);
  const known = classes.map((): Known => ({}));
  const knownOf = (term: DraftTerm): Known | undefined =>
    term.kind === "variable" ? known[classes[term.variable] ?? -1] : undefined;

  const learn = (term: DraftTerm, type: DeclaredType) => {
    for (const [field, of] of fieldsOf(term, type, structures)) learn(field, of);
    const about = knownOf(term);
    if (about === undefined || type.kind === undefined) return;
    const types = meet(about.types ?? [type], [type]);
    const { origin } = about;
    // Where representations differ inference has said so.
    const alike = origin?.type.kind === type.kind;
    if (types.length === 0 && origin !== undefined && term.kind === "variable") {
      if (!alike) return;
      const name = rule.variables[term.variable]?.name ?? "";
      const message = `variable "${name}" has type "${origin.type.name}" and type "${type.name}"`;
      findings.error("type-mismatch", `${message}, which have nothing in common`, term.span, {
        label: `"${type.name}" here`,
        related: [{ span: origin.span, text: `"${origin.type.name}" here` }],
        hint: `\`as(${name}, ${origin.type.name})\` takes it for the other type`,
      });
      return;
    }
    about.types = types;
    about.origin = origin ?? { type, span: term.span };
  };

  visitDraft(rule.body, (literal) => {
    if (literal.kind === "atom") {
      for (const [at, term] of literal.terms.entries()) {
        const attribute = literal.relation.attributes[at];
        if (attribute !== undefined) learn(term, attribute.type);
      }
    } else if (literal.kind === "comparison") {
      const { left, right } = literal;
      if (left.kind === "cast") learn(right, left.to);
      if (right.kind === "cast") learn(left, right.to);
    }
  });

  /** A record that is made restricts what goes into it, as one that is taken apart does. */
  const narrow = (record: DraftTerm, type: DeclaredType) => {
    for (const [field, of] of fieldsOf(record, type, structures)) {
      narrow(field, of);
      const about = knownOf(field);
      const types = meet(about?.types ?? [], [of]);
      if (about !== undefined && types.length > 0) about.types = types;
    }
  };
  const demand = (term: DraftTerm, type: DeclaredType, what: string) => {
    for (const [field, of, name] of fieldsOf(term, type, structures))
      demand(field, of, `field "${name}" of "${type.name}"`);
    const about = term.kind === "cast" ? { types: [term.to] } : knownOf(term);
    const wrong = about?.types?.find((has) => !subtype(has, type));
    if (wrong === undefined || wrong.kind !== type.kind) return;
    const message = `${what} has type "${type.name}", but is given "${wrong.name}"`;
    const origin = knownOf(term)?.origin;
    findings.error("type-mismatch", message, term.span, {
      label: `of type "${wrong.name}", which is not a subtype of "${type.name}"`,
      related: origin === undefined ? [] : [{ span: origin.span, text: "its type is from here" }],
      ...(type.parts === undefined && {
        hint: `\`as(…, ${type.name})\` takes a value for another type of the same representation`,
      }),
    });
  };
  const { relation, terms } = rule.head;
  for (const [at, term] of terms.entries()) {
    const attribute = relation.attributes[at];
    if (attribute === undefined) continue;
    narrow(term, attribute.type);
    demand(term, attribute.type, `attribute "${attribute.name}" of "${relation.name}"`);
  }
}

/** Returns the fields of a term that is a record, with their types and names. */
function fieldsOf(
  term: DraftTerm,
  { kind, parts }: DeclaredType,
  structures: StructureDeclarations,
): (readonly [DraftTerm, DeclaredType, string])[] {
  if (term.kind === "functor" && parts !== undefined && isMade(term.name))
    return term.arguments.flatMap((member, at) => {
      const type = parts[at];
      const name = parts.length === 1 ? "element" : at === 0 ? "key" : "value";
      return type === undefined ? [] : [[member, type, name] as const];
    });
  if (term.kind !== "record" || kind === undefined || !structured(kind)) return [];
  const { branch = structures.structure(kind)?.shapes[0] } = term;
  return term.fields.flatMap((field, at) => {
    const declared = branch?.fields[at];
    return declared === undefined ? [] : [[field, declared.type, declared.name] as const];
  });
}

/** Whether a functor makes a set or a map. */
function isMade(name: string): boolean {
  return name === "singleton" || name === "entry";
}

/** Returns for each variable the first one that comparisons make its equal in type. As in Soufflé
 * every comparison does so, not `=` alone. */
function equalVariables(rule: DraftRule): number[] {
  const parents = rule.variables.map((_, at) => at);
  const root = (at: number): number => {
    let up = at;
    while (parents[up] !== up) up = parents[up] ?? up;
    return up;
  };
  const join = (a: DraftTerm, b: number) => {
    if (a.kind === "variable")
      parents[root(Math.max(a.variable, b))] = root(Math.min(a.variable, b));
  };
  visitDraft(rule.body, (literal) => {
    if (literal.kind === "comparison" && literal.left.kind === "variable")
      join(literal.right, literal.left.variable);
    if (literal.kind === "aggregate" && literal.value !== undefined)
      join(literal.value, literal.variable);
  });
  return parents.map((_, at) => root(at));
}

function mentionsDeclaredTypes(rule: DraftRule): boolean {
  const declared = ({ attributes }: DraftRule["head"]["relation"]) =>
    attributes.some(({ type }) => primitives.get(type.name) !== type);
  let found = declared(rule.head.relation);
  visitDraft(rule.body, (literal) => {
    if (literal.kind === "atom" || literal.kind === "negation")
      found ||= declared(literal.relation);
  });
  return found;
}

function visitDraft(
  literals: readonly DraftLiteral[],
  visit: (literal: DraftLiteral) => void,
): void {
  for (const literal of literals) {
    visit(literal);
    if (literal.kind === "aggregate") visitDraft(literal.body, visit);
  }
}
