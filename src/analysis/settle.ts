// From the draft of a rule, with classes of kinds, to the rule with kinds: overloads and literals
// get their meaning.
import type { NumberNode } from "../syntax/tree.ts";
import { assert } from "../base/assert.ts";
import { structured, type StructureKind, type ValueKind } from "../value/schema.ts";
import { literalValue } from "./constants.ts";
import type { Declarations } from "./declarations.ts";
import type { DraftLiteral, DraftRule, DraftTerm } from "./draft.ts";
import { signature } from "./functor-declarations.ts";
import { kindInWords, type Kinds } from "./kinds.ts";
import type { Literal, Term } from "./program.ts";
import type { StructureDeclarations } from "./structure-declarations.ts";
import type { WorkRule } from "./work-rule.ts";

/** Returns the rule of a draft. Reports literals out of range and casts that are not supported. */
export function settle(draft: DraftRule, declarations: Declarations): WorkRule {
  const { kinds, head, headSpan, when, removes, location, plan, span } = draft;
  const term = (of: DraftTerm): Term => settleTerm(of, kinds, declarations);
  const literal = (of: DraftLiteral): Literal => settleLiteral(of, kinds, term, literal);
  return {
    head: { relation: head.relation.at, terms: head.terms.map(term) },
    ...(when !== undefined && { when }),
    ...(removes && { removes }),
    ...(location !== undefined && { location: term(location) }),
    body: draft.body.map(literal),
    variables: draft.variables.map(({ name, type, span: at }) => ({
      name,
      kind: kinds.kind(type),
      span: at,
    })),
    headSpan,
    stated: draft.body.filter(({ kind }) => kind === "atom").length,
    plan,
    span,
  };
}

function settleLiteral(
  draft: DraftLiteral,
  kinds: Kinds,
  term: (of: DraftTerm) => Term,
  literal: (of: DraftLiteral) => Literal,
): Literal {
  const { span } = draft;
  switch (draft.kind) {
    case "atom":
    case "negation":
      return { ...draft, relation: draft.relation.at, terms: draft.terms.map(term) };
    case "comparison": {
      const { kind, operator, left, right } = draft;
      const of = kinds.kind(left.type);
      return { kind, operator, of, left: term(left), right: term(right), span };
    }
    case "test": {
      const { left, right } = draft;
      const word = structured(kinds.kind(left.type)) ? "has" : draft.word;
      return { ...draft, word, left: term(left), right: term(right) };
    }
    case "boolean":
      return draft;
    case "range": {
      const { kind, variable, from, to, step } = draft;
      const stepped = step === undefined ? {} : { step: term(step) };
      const of = kinds.kind(from.type);
      return { kind, variable, of, from: term(from), to: term(to), ...stepped, span };
    }
    case "aggregate": {
      const { kind, variable, name, value } = draft;
      const of = value === undefined || name === "count" ? "number" : kinds.kind(value.type);
      const valued = value === undefined || name === "count" ? {} : { value: term(value) };
      const { fold } = draft;
      const folded =
        fold === undefined
          ? {}
          : { fold: { user: signature(fold.functor), start: term(fold.start) } };
      return {
        kind,
        variable,
        name,
        of,
        ...valued,
        ...folded,
        body: draft.body.map(literal),
        span,
      };
    }
  }
}

function settleTerm(draft: DraftTerm, kinds: Kinds, declarations: Declarations): Term {
  const { domain } = declarations;
  const { span } = draft;
  switch (draft.kind) {
    case "variable":
      return { kind: "variable", variable: draft.variable };
    case "anonymous":
    case "refused":
      return { kind: "anonymous" };
    case "counter":
    case "iteration":
      return { kind: draft.kind };
    case "string":
      return { kind: "constant", of: "symbol", value: draft.value };
    case "number": {
      const of = kinds.kind(draft.type);
      const value = literalValue(draft.node, of, domain);
      if (value === undefined) reportRange(draft.node, of, declarations);
      return { kind: "constant", of, value: value ?? 0n };
    }
    case "functor": {
      const of = kinds.kind(draft.of);
      const name = draft.name !== "plus" ? draft.name : of === "symbol" ? "cat" : "add";
      const terms = draft.arguments.map((argument) => settleTerm(argument, kinds, declarations));
      const [key, value] = terms;
      const collection = structured(of)
        ? declarations.lattices.collections.collection(of)
        : undefined;
      const truth = name === "entry" && collection?.truth === true && collection.value?.kind;
      if (truth && key !== undefined && value !== undefined) {
        const not = (term: Term): Term => ({
          ...{ kind: "functor", name: "lnot", of: truth, arguments: [term], span },
        });
        return { kind: "functor", name, of, arguments: [key, not(not(value))], span };
      }
      return { kind: "functor", name, of, arguments: terms, span };
    }
    case "user-functor": {
      const terms = draft.arguments.map((argument) => settleTerm(argument, kinds, declarations));
      const user = signature(draft.functor);
      return { kind: "functor", name: "user", user, arguments: terms, span };
    }
    case "nil":
      return { kind: "constant", of: kinds.kind(draft.type), value: null };
    case "record": {
      const of = kinds.kind(draft.type);
      assert(structured(of), "the type of a record is known");
      const fields = draft.fields.map((field) => settleTerm(field, kinds, declarations));
      const branch = draft.branch?.branch;
      return recordTerm(of, branch, fields);
    }
    case "cast": {
      const of = settleTerm(draft.of, kinds, declarations);
      const [from, to] = [kinds.kind(draft.of.type), draft.to.kind];
      return castTerm(of, from, to, draft, declarations);
    }
  }
}

/** A record of constants is a constant. */
function recordTerm(of: StructureKind, branch: string | undefined, fields: readonly Term[]): Term {
  const values = fields.flatMap((field) => (field.kind === "constant" ? [field.value] : []));
  const branched = branch === undefined ? {} : { branch };
  if (values.length < fields.length) return { kind: "record", of, ...branched, fields };
  const value = branch === undefined ? values : { branch, fields: values };
  return { kind: "constant", of, value };
}

/** `as` keeps the pattern of a value; that of a symbol or a record is its number. A record is taken
 * for one of another type where both have the same fields: otherwise its fields would be no values
 * of theirs. A number is never taken for a record. */
function castTerm(
  of: Term,
  from: ValueKind,
  to: ValueKind | undefined,
  draft: DraftTerm & { readonly kind: "cast" },
  { findings, types }: Declarations,
): Term {
  const { span } = draft;
  if (to === undefined || from === to) return of;
  if (!structured(to) && !(structured(from) && to === "symbol"))
    return { kind: "functor", name: `as_${to}`, of: from, arguments: [of], span };
  if (structured(from) && structured(to) && alike(from, to, types.structures)) return of;
  const message = `what is ${kindInWords(from)} cannot be cast to type "${draft.to.name}"`;
  findings.error("wrong-cast", message, span, {
    hint: "a record can be cast to `number`, and to a type whose fields are represented alike",
  });
  return of;
}

/** Whether the values of two record types have the same fields. Types that are asked about again
 * while they are compared are taken to be: if they are not, another field says so. */
function alike(a: StructureKind, b: StructureKind, structures: StructureDeclarations): boolean {
  const seen = new Set<string>();
  const open: (readonly [StructureKind, StructureKind])[] = [[a, b]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const key = pair.join("\n");
    if (pair[0] === pair[1] || seen.has(key)) continue;
    seen.add(key);
    const [left, right] = pair.map((kind) => structures.structure(kind));
    if (left?.form !== "record" || right?.form !== "record") return false;
    const [fields, others] = [left, right].map(({ shapes }) => shapes[0]?.fields ?? []);
    if (fields?.length !== others?.length) return false;
    for (const [at, { type }] of (fields ?? []).entries()) {
      const [one, other] = [type.kind, others?.[at]?.type.kind];
      if (one === undefined || other === undefined || one === other) continue;
      if (!structured(one) || !structured(other)) return false;
      open.push([one, other]);
    }
  }
  return true;
}

/** Reports a literal that is not a value of `kind`. */
export function reportRange(node: NumberNode, kind: ValueKind, declarations: Declarations): void {
  const { domain, findings } = declarations;
  const article = kind === "unsigned" ? "an" : "a";
  const message = `the literal ${node.text} is out of range for ${article} ${kind}`;
  const bits = BigInt(domain);
  const least = kind === "number" ? -(2n ** (bits - 1n)) : 0n;
  const greatest = kind === "number" ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  const note =
    kind === "float"
      ? "a float's magnitude is bounded"
      : `${article} ${kind} is from ${least} to ${greatest}`;
  const wider = domain === 32 ? { hint: "numbers have 64 bits without `--domain 32`" } : {};
  findings.error("literal-out-of-range", message, node.span, { notes: [note], ...wider });
}
