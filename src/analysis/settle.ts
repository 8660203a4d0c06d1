// From the draft of a rule, with classes of kinds, to the rule with kinds: overloads and literals
// get their meaning.
import type { NumberNode } from "../syntax/tree.ts";
import type { ValueKind } from "../value/schema.ts";
import { literalValue } from "./constants.ts";
import type { Declarations } from "./declarations.ts";
import type { DraftLiteral, DraftRule, DraftTerm } from "./draft.ts";
import type { Findings } from "./findings.ts";
import type { Kinds } from "./kinds.ts";
import type { Literal, Term } from "./program.ts";
import type { WorkRule } from "./work-rule.ts";

/** Returns the rule of a draft. Reports literals out of range and casts that are not supported. */
export function settle(draft: DraftRule, declarations: Declarations): WorkRule {
  const { kinds, head, headSpan, plan, span } = draft;
  const term = (of: DraftTerm): Term => settleTerm(of, kinds, declarations);
  const literal = (of: DraftLiteral): Literal => settleLiteral(of, kinds, term, literal);
  return {
    head: { relation: head.relation.at, terms: head.terms.map(term) },
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
    case "test":
      return { ...draft, left: term(draft.left), right: term(draft.right) };
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
      return { kind, variable, name, of, ...valued, body: draft.body.map(literal), span };
    }
  }
}

function settleTerm(draft: DraftTerm, kinds: Kinds, declarations: Declarations): Term {
  const { domain, findings } = declarations;
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
      return { kind: "functor", name, of, arguments: terms, span };
    }
    case "cast": {
      const of = settleTerm(draft.of, kinds, declarations);
      const [from, to] = [kinds.kind(draft.of.type), draft.to.kind];
      return castTerm(of, from, to, draft, findings);
    }
  }
}

/** `as` keeps the bits. Of the casts between kinds, those are supported that a functor computes. */
function castTerm(
  of: Term,
  from: ValueKind,
  to: ValueKind | undefined,
  { span }: DraftTerm,
  findings: Findings,
): Term {
  if (to === undefined || from === to) return of;
  const integers = from !== "symbol" && from !== "float" && to !== "symbol" && to !== "float";
  if (integers) return { kind: "functor", name: `to_${to}`, of: from, arguments: [of], span };
  if (from === "symbol" && to === "number")
    return { kind: "functor", name: "ord", of: from, arguments: [of], span };
  findings.unsupported(`casts from ${from} to ${to}`, span);
  return of;
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
