// What declarations say of how a relation takes tuples in: equivalences, choice domains, and the
// history of another relation.
import type { AttributeNode, ChoiceNode, QualifierNode } from "../syntax/tree.ts";
import type { DeclaredAttribute, DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Literal, Term } from "./program.ts";
import type { WorkRule } from "./work-rule.ts";

/** Returns the columns of each choice domain, in ascending order. Reports what is no attribute. */
export function choiceKeys(
  choices: readonly ChoiceNode[],
  attributes: readonly AttributeNode[],
  findings: Findings,
): number[][] {
  return choices.map(({ keys }) => {
    const columns = new Set<number>();
    for (const { text, span } of keys) {
      const column = attributes.findIndex(({ name }) => name.text === text);
      if (column < 0) {
        const message = `the choice domain "${text}" is no attribute of the relation`;
        const names = attributes.map(({ name }) => name.text).join(", ");
        const hint = names === "" ? "the relation has none" : `its attributes are ${names}`;
        findings.error("wrong-choice-domain", message, span, { hint });
      }
      columns.add(column);
    }
    return [...columns].toSorted((a, b) => a - b);
  });
}

/** Reports a relation that is declared `eqrel` and cannot be one. */
export function checkEquivalence(
  { span }: QualifierNode,
  attributes: readonly DeclaredAttribute[],
  choices: readonly ChoiceNode[],
  findings: Findings,
): void {
  const [first, second] = attributes;
  const refuse = (message: string, hint: string): void => {
    findings.error("wrong-equivalence", message, span, { hint });
  };
  if (first === undefined || second === undefined || attributes.length > 2) {
    const count = attributes.length === 1 ? "1 attribute" : `${attributes.length} attributes`;
    refuse(`an equivalence has two attributes, not ${count}`, "drop `eqrel`");
  } else if (first.type.kind && second.type.kind && first.type !== second.type) {
    const types = `"${first.name}" is ${first.typeName}, "${second.name}" is ${second.typeName}`;
    refuse(`the attributes of an equivalence have one type: ${types}`, "declare them alike");
  }
  if (choices.length > 0)
    refuse("an equivalence cannot have choice domains", "drop `eqrel` or `choice-domain`");
}

/** Reports that a relation is inlined although its tuples have to be held. */
export function checkHeld(relation: DeclaredRelation, findings: Findings): void {
  const { name, span, inlined, equivalence, choices } = relation;
  if (!inlined || (!equivalence && choices.length === 0)) return;
  const what = equivalence ? "an equivalence" : "a relation with choice domains";
  const message = `${what} cannot be inlined: "${name}" is more than its rules say`;
  findings.error("inline-not-possible", message, span, { hint: "drop `inline`" });
}

/** Reports what a relation with lattice attributes cannot be. */
export function checkLattices(relation: DeclaredRelation, findings: Findings): void {
  const { name, attributes, inlined, equivalence, choices, span } = relation;
  const first = attributes.findIndex(({ lattice }) => lattice !== undefined);
  if (first < 0) return;
  const refuse = (message: string, hint: string): void => {
    findings.error("wrong-lattice", message, span, { hint });
  };
  const after = attributes.slice(first).find(({ lattice }) => lattice === undefined);
  if (after !== undefined) {
    const message = `attribute "${after.name}" of relation "${name}" follows one of a lattice`;
    refuse(message, "attributes of lattices come last; those before them are the key");
  }
  if (inlined) refuse(`relation "${name}" has a lattice and cannot be inlined`, "drop `inline`");
  if (equivalence) refuse(`relation "${name}" has a lattice and is no equivalence`, "drop `eqrel`");
  if (choices.length > 0)
    refuse(`relation "${name}" has a lattice, so its key chooses already`, "drop `choice-domain`");
}

/** Returns the rules that fill histories (`debug_delta`): a tuple is new in the round after the one
 * that produced it, so that
 *
 *     d(x, recursive_iteration_cnt() - 1) :- r(x).
 *
 * What no round produced has 0. Strata keep a history beside its relation. */
export function historyRules(relations: readonly DeclaredRelation[]): WorkRule[] {
  return relations.flatMap((history): WorkRule[] => {
    const { historyOf, at: relation, span, attributes } = history;
    if (historyOf === undefined) return [];
    const variables = attributes
      .slice(0, -1)
      .map(({ name, type }) => ({ name, kind: type.kind ?? "number", span }));
    const terms = variables.map((_, variable): Term => ({ kind: "variable", variable }));
    const one: Term = { kind: "constant", of: "unsigned", value: 1n };
    const round: Term = {
      kind: "functor",
      name: "sub",
      of: "unsigned",
      arguments: [{ kind: "iteration" }, one],
      span,
    };
    const atom: Literal = { kind: "atom", relation: historyOf, terms, span };
    const head = { relation, terms: [...terms, round] };
    return [{ head, body: [atom], variables, headSpan: span, stated: 1, plan: undefined, span }];
  });
}
