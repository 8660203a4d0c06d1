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

/** Returns what a transaction states; reports what is wrong with it. `derived` are the relations
 * that rules derive. */
export function statedTransaction(
  node: TransactionNode,
  declarations: Declarations,
  derived: ReadonlySet<RelationAt>,
): StatedTransaction | undefined {
  const { name, span } = { name: node.name.text, span: node.name.span };
  const given = declarations.find(name);
  // What is wrong with the name or the parameters is reported where they are declared.
  if (given?.span !== span) return undefined;
  const parameters = new Set(given.attributes.map((column) => column.name));
  if (parameters.size < given.attributes.length) return undefined;
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
      effectHead(head, clause, { name, effects, derived }, declarations),
    );
    if (heads.length === 0) continue;
    addRules({ ...clause, heads }, heads, [argument], declarations, rules, parameters);
  }
  return {
    name,
    parameters: given.attributes.map(attributeOf),
    span,
    given: given.at,
    rules,
    effects,
  };
}

type Effects = {
  readonly name: string;
  readonly effects: Map<RelationAt, Effect>;
  readonly derived: ReadonlySet<RelationAt>;
};

/** Returns a head as one of a relation of effects; reports one that a transaction cannot have,
 * and returns none. */
function effectHead(
  { sign, atom, location, span }: HeadNode,
  { operator }: ClauseNode,
  { name: transaction, effects, derived }: Effects,
  declarations: Declarations,
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
  const obstacle = unchangeable(relation, kind, derived);
  if (obstacle !== undefined) return refuse(obstacle.message, obstacle.hint);
  return effect(`relation "${name}"`, relation.attributes, { kind, relation: relation.at });
}

/** Why a transaction cannot insert into a relation, or remove from it. */
function unchangeable(
  { at, name, place, inlined }: DeclaredRelation,
  kind: "insert" | "remove",
  derived: ReadonlySet<RelationAt>,
): { readonly message: string; readonly hint: string } | undefined {
  if (place?.ordered !== undefined) return undefined;
  if (kind === "remove")
    return {
      message: `relation "${name}" is not ordered: nothing is removed from it`,
      hint: "declare it `ordered(…)`, or insert into a relation of what is gone",
    };
  if (derived.has(at) || inlined)
    return {
      message: `rules derive "${name}": no transaction changes it`,
      hint: "insert into what the rules read",
    };
  const own = place === undefined || (place.partitions !== undefined && !place.event);
  return own
    ? undefined
    : {
        message: `relation "${name}" is one of steps, messages or views: no transaction changes it`,
        hint: "declare it `ordered(…)`, or without a word of where it is",
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

/** Returns the relations that a transaction changes. */
export function changedBy({ effects }: StatedTransaction): RelationAt[] {
  return [...effects.values()].flatMap((of) => (of.kind === "abort" ? [] : [of.relation]));
}
