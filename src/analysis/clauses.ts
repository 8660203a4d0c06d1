// From the clauses of a text to facts and rules of one head and one conjunction.
import type { Span } from "../base/source.ts";
import type { AtomNode, ClauseNode, ExpectationNode, HeadNode, TermNode } from "../syntax/tree.ts";
import {
  kindClass,
  structured,
  type StructureKind,
  type Value,
  type ValueKind,
} from "../value/schema.ts";
import { constantCollection, joinedTuples } from "./constant-collections.ts";
import { literalKinds, literalValue } from "./constants.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import { disjunctionLiteralsMax, disjuncts } from "./disjunction.ts";
import { canHold } from "./heads.ts";
import { draftRule, type RuleNode } from "./draft-rule.ts";
import { kindInWords, kindSet } from "./kinds.ts";
import { checkTypes } from "./nominal.ts";
import type { Expectation, Fact } from "./program.ts";
import { reportRange, settle } from "./settle.ts";
import { termTooDeep } from "./term-depth.ts";
import { warnOfSingletons } from "./warnings.ts";
import type { WorkRule } from "./work-rule.ts";

/** Appends what a clause states to `facts` and `rules`; reports what is wrong with it. */
export function addClause(
  clause: ClauseNode,
  declarations: Declarations,
  facts: Fact[],
  rules: WorkRule[],
): void {
  const { body, plan } = clause;
  const plain = body === undefined && plan === undefined;
  const heads = clause.heads
    .filter((head) => canHold(head, clause.operator, declarations))
    .filter((head) => !(plain && addFact(head.atom, declarations, facts)));
  if (heads.length === 0) return;
  addRules({ ...clause, heads }, heads, [], declarations, rules);
}

/** Appends the rules of these heads of a clause. Its body has `atoms` before what is written;
 * `known` are variables of which nobody expects that they occur in it. */
export function addRules(
  clause: ClauseNode,
  heads: readonly HeadNode[],
  atoms: readonly AtomNode[],
  declarations: Declarations,
  rules: WorkRule[],
  known?: ReadonlySet<string>,
): void {
  const { findings } = declarations;
  const { body, plan, span } = clause;
  const deep = termTooDeep(clause);
  if (deep !== undefined) {
    const hint = "compute it in several rules";
    findings.error("limit-exceeded", deep.message, deep.span, { hint });
    return;
  }
  const conjunctions = body === undefined ? [[]] : disjuncts(body);
  if (conjunctions === undefined) {
    const message = `the alternatives here make more than ${disjunctionLiteralsMax} literals`;
    findings.error("limit-exceeded", message, body?.span ?? span, {
      hint: "define relations by the alternatives and use those",
    });
    return;
  }
  const when = clause.operator === ":-" ? {} : { when: times[clause.operator] };
  const before = atoms.map((node) => ({ node, negated: false }));
  for (const conjunction of conjunctions) {
    const literals = [...before, ...conjunction];
    for (const head of heads) addRule({ head, ...when, literals, plan, span }, declarations, rules);
    warnOfSingletons(clause.heads, conjunction, findings, known);
  }
}

const times = { ":+": "next", ":~": "later" } as const;

function addRule(node: RuleNode, declarations: Declarations, rules: WorkRule[]): void {
  const draft = draftRule(node, declarations);
  if (draft === undefined) return;
  checkTypes(draft, declarations.types.structures, declarations.findings);
  rules.push(settle(draft, declarations));
}

/** Appends a fact of constants. False, with nothing said, where it is not one, or not a good one:
 * it is then looked at as a rule. */
function addFact(atom: AtomNode, declarations: Declarations, facts: Fact[]): boolean {
  const relation = declarations.find(nameOf(atom.relation));
  if (relation === undefined || relation.inlined) return false;
  const values = constants(atom.terms, relation, declarations);
  if (values === undefined) return false;
  facts.push({ relation: relation.at, values, span: atom.span });
  return true;
}

/** Returns the values of terms as a tuple of `relation`; undefined unless all are constants that
 * fit. */
function constants(
  terms: readonly TermNode[],
  relation: DeclaredRelation,
  declarations: Declarations,
): Value[] | undefined {
  if (terms.length !== relation.attributes.length) return undefined;
  const values: Value[] = [];
  for (const [at, term] of terms.entries()) {
    const kind = relation.attributes[at]?.type.kind;
    const value = kind === undefined ? undefined : constant(term, kind, declarations);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Returns the value of a term that is a constant of a kind; undefined where it is not one. */
export function constant(
  term: TermNode,
  kind: ValueKind,
  declarations: Declarations,
): Value | undefined {
  if (structured(kind)) return constantRecord(term, kind, declarations);
  if (term.kind === "string") return kind === "symbol" ? term.value : undefined;
  if (term.kind !== "number" || (literalKinds(term) & kindSet([kind])) === 0) return undefined;
  return literalValue(term, kind, declarations.domain);
}

function constantRecord(
  term: TermNode,
  kind: StructureKind,
  declarations: Declarations,
): Value | undefined {
  const collection = declarations.lattices.collections.collection(kind);
  if (collection !== undefined)
    return constantCollection(term, collection, (part, of) => constant(part, of, declarations));
  const { form, shapes } = declarations.types.structures.structure(kind) ?? { shapes: [] };
  if (term.kind === "nil") return form === "record" ? null : undefined;
  if (term.kind !== "record" && term.kind !== "branch") return undefined;
  const name = term.kind === "branch" ? nameOf(term.name) : undefined;
  const shape = shapes.find(({ branch }) => branch === name);
  if (shape?.fields.length !== term.fields.length) return undefined;
  const fields = term.fields.flatMap((field, at) => {
    const of = shape.fields[at]?.type.kind;
    const value = of === undefined ? undefined : constant(field, of, declarations);
    return value === undefined ? [] : [value];
  });
  if (fields.length < term.fields.length) return undefined;
  return name === undefined ? fields : { branch: name, fields };
}

/** Returns what an expectation says; reports what is not a tuple of its relation. */
export function expectation(
  { relation: name, tuples, span }: ExpectationNode,
  declarations: Declarations,
): Expectation | undefined {
  const relation = declarations.relation(name);
  if (relation === undefined) return undefined;
  if (relation.inlined) {
    const message = `relation "${relation.name}" is inlined and has no tuples to expect`;
    declarations.findings.error("inline-not-possible", message, span, {
      related: [{ span: relation.span, text: "declared `inline` here" }],
      hint: "drop `inline`",
    });
  }
  const rows = tuples.map((tuple) => {
    const values = constants(tuple.terms, relation, declarations);
    if (values === undefined) reportTuple(tuple, relation, declarations);
    return values ?? [];
  });
  return { relation: relation.at, tuples: joinedTuples(rows), span };
}

function reportTuple(
  { terms, span }: { readonly terms: readonly TermNode[]; readonly span: Span },
  relation: DeclaredRelation,
  declarations: Declarations,
): void {
  const { findings } = declarations;
  const related = [{ span: relation.span, text: "declared here" }];
  const wanted = relation.attributes.length;
  if (terms.length !== wanted) {
    const message = `relation "${relation.name}" has ${wanted} attributes, not ${terms.length}`;
    findings.error("wrong-arity", message, span, { related });
    return;
  }
  for (const [at, term] of terms.entries()) {
    const { name, type } = relation.attributes[at] ?? {};
    if (type?.kind === undefined || constant(term, type.kind, declarations) !== undefined) continue;
    if (term.kind === "number" && (literalKinds(term) & kindSet([kindClass(type.kind)])) !== 0) {
      reportRange(term, type.kind, declarations);
    } else {
      const is = kindInWords(type.kind);
      const message = `attribute "${name ?? ""}" of relation "${relation.name}" is ${is}`;
      const hint = "an expected tuple is made of literals of the attributes' types";
      findings.error("type-mismatch", `${message}, and this is no literal of one`, term.span, {
        related,
        hint,
      });
    }
  }
}
