// `.transaction t(x: T, …) { clauses }`: each of its clauses is a rule for a relation of effects,
// in whose body the tuple of arguments comes first. So names, types and groundness are those of
// rules; what comes out is taken apart again.
import { assert } from "../base/assert.ts";
import type { AtomNode, ClauseNode, HeadNode, TransactionNode } from "../syntax/tree.ts";
import { addRules } from "./clauses.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { RelationAt, Transaction, TransactionRule } from "./program.ts";
import { attributeOf } from "./declared-relation.ts";
import { primitives } from "./type-system.ts";
import type { WorkRule } from "./work-rule.ts";

/** A transaction whose rules are rules still, of relations that nothing else names. */
export type StatedTransaction = Pick<Transaction, "name" | "parameters" | "span"> & {
  /** The relation of its arguments. */
  readonly given: RelationAt;
  readonly rules: readonly WorkRule[];
  /** What a tuple of one of its relations does. */
  readonly effects: ReadonlyMap<RelationAt, Effect>;
};

type Effect =
  | { readonly kind: "abort" }
  | { readonly kind: "insert" | "remove"; readonly relation: RelationAt };

/** Returns what a transaction states; reports what is wrong with it. `earlier` has the names that
 * are taken. */
export function statedTransaction(
  node: TransactionNode,
  declarations: Declarations,
  earlier: readonly Pick<Transaction, "name" | "span">[],
): StatedTransaction | undefined {
  const { name, span } = { name: node.name.text, span: node.name.span };
  const { findings } = declarations;
  const first = earlier.find((of) => of.name === name);
  if (first !== undefined) {
    const related = [{ span: first.span, text: "declared here" }];
    const message = `transaction "${name}" is declared twice`;
    findings.error("wrong-transaction", message, span, { related, hint: "name one differently" });
    return undefined;
  }
  const columns = declarations.attributes(node.parameters);
  const parameters = new Set(columns.map((column) => column.name));
  for (const [at, { lattice, name: of }] of columns.entries())
    if (lattice !== undefined)
      findings.error(
        "wrong-transaction",
        `parameter "${of}" is of a lattice: an argument is a value, which nothing joins`,
        node.parameters[at]?.span ?? span,
        { hint: "give it the type of the lattice's elements" },
      );
  const called = `transaction "${name}"`;
  const given = declarations.made({ text: `#given ${name}`, span }, columns, { called });
  if (given === undefined || parameters.size < columns.length) return undefined;
  const effects = new Map<RelationAt, Effect>();
  const rules: WorkRule[] = [];
  const argument: AtomNode = {
    kind: "atom",
    relation: { parts: [{ text: given.name, span }], span },
    terms: node.parameters.map((parameter) => ({
      ...{ kind: "variable", name: parameter.name.text, span: parameter.name.span },
    })),
    span,
  };
  for (const clause of node.clauses) {
    warnOfNoEffect(clause, declarations);
    const heads = clause.heads.flatMap((head) =>
      effectHead(head, clause, name, declarations, effects),
    );
    if (heads.length === 0) continue;
    addRules({ ...clause, heads }, heads, [argument], declarations, rules, parameters);
  }
  const attributes = columns.map(attributeOf);
  return { name, parameters: attributes, span, given: given.at, rules, effects };
}

/** Returns a head as one of a relation of effects; reports one that a transaction cannot have,
 * and returns none. */
function effectHead(
  { sign, atom, location, span }: HeadNode,
  { operator }: ClauseNode,
  transaction: string,
  declarations: Declarations,
  effects: Map<RelationAt, Effect>,
): HeadNode[] {
  const { findings } = declarations;
  const refuse = (message: string, hint: string): HeadNode[] => {
    findings.error("wrong-transaction", message, span, { hint });
    return [];
  };
  if (operator !== ":-")
    return refuse(`\`${operator}\` has no place in a transaction`, "write `:-`");
  if (location !== undefined)
    return refuse("a head of a transaction has no location", "drop what follows `@`");
  const effect = (
    called: string,
    attributes: DeclaredRelation["attributes"],
    of: Effect,
  ): HeadNode[] => {
    const text = `#${of.kind} ${called} ${transaction}`;
    const relation = declarations.made({ text, span }, attributes, { called });
    if (relation === undefined) return [];
    effects.set(relation.at, of);
    const parts = [{ text, span: atom.relation.span }];
    return [{ atom: { ...atom, relation: { parts, span: atom.relation.span } }, span }];
  };
  const name = nameOf(atom.relation);
  if (sign === undefined) {
    const [reason] = atom.terms;
    if (name !== "abort") {
      const hint = `write \`+${name}(…)\` or \`-${name}(…)\`, or derive it outside`;
      return refuse("a transaction inserts, removes or aborts: it derives nothing", hint);
    }
    if (atom.terms.length !== 1 || reason === undefined)
      return refuse("`abort` has one argument, the reason", 'write `abort("reason")`');
    const symbol = primitives.get("symbol");
    assert(symbol !== undefined, "symbol is a type");
    return effect("`abort`", [{ name: "reason", type: symbol, typeName: "symbol" }], {
      kind: "abort",
    });
  }
  const relation = declarations.relation(atom.relation);
  if (relation === undefined) return [];
  const kind = sign === "+" ? "insert" : "remove";
  const obstacle = unchangeable(relation, kind, declarations);
  if (obstacle !== undefined) return refuse(obstacle.message, obstacle.hint);
  return effect(`relation "${name}"`, relation.attributes, { kind, relation: relation.at });
}

/** Why a transaction cannot insert into a relation, or remove from it. */
function unchangeable(
  { at, name, place }: DeclaredRelation,
  kind: "insert" | "remove",
  { directives }: Declarations,
): { readonly message: string; readonly hint: string } | undefined {
  if (place?.ordered !== undefined) return undefined;
  if (kind === "remove")
    return {
      message: `relation "${name}" is not ordered: nothing is removed from it`,
      hint: "declare it `ordered(…)`, or insert into a relation of what is gone",
    };
  if (directives.some(({ word, relation }) => word === "input" && relation === at))
    return undefined;
  return {
    message: `relation "${name}" is neither ordered nor an input: no transaction changes it`,
    hint: "declare it `ordered(…)`, or read it from outside by `.input`",
  };
}

/** A tuple that is removed and inserted stays, so a clause that does both does nothing. */
function warnOfNoEffect({ heads }: ClauseNode, { findings }: Declarations): void {
  const said = new Map<string, string>();
  for (const { sign, atom, span } of heads) {
    if (sign === undefined) continue;
    const text = JSON.stringify([nameOf(atom.relation), atom.terms], (key, value: unknown) =>
      key === "span" ? undefined : value,
    );
    const other = said.get(text);
    said.set(text, sign);
    if (other === undefined || other === sign) continue;
    const message = "this clause removes and inserts one tuple, which stays as it is";
    findings.warning("change-without-effect", message, span, { hint: "drop both heads" });
  }
}

/** Returns a transaction whose rules are prepared: `rules` are all that became of those stated. */
export function finishedTransaction(
  { name, parameters, span, given, effects }: StatedTransaction,
  rules: readonly WorkRule[],
): Transaction {
  return {
    ...{ name, parameters, span },
    rules: rules.flatMap(({ head, body, variables, span: of }): TransactionRule[] => {
      const effect = effects.get(head.relation);
      const [argument, ...rest] = body;
      if (effect === undefined || argument?.kind !== "atom" || argument.relation !== given)
        return [];
      const rule = { given: argument.terms, body: rest, variables, span: of };
      const [reason] = head.terms;
      if (effect.kind !== "abort") return [{ head: { ...effect, terms: head.terms }, ...rule }];
      return reason === undefined ? [] : [{ head: { kind: "abort", reason }, ...rule }];
    }),
  };
}
