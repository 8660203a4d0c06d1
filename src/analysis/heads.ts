// What stands before `:-`, `:+` and `:~`: which relations may be derived, kept, sent and removed.
import type { ClauseOperator, HeadNode } from "../syntax/tree.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Place } from "./program.ts";

/** Whether a head can hold when `operator` says so; reports where it cannot. What a head implies of
 * its relation is noted there: one of `:~` is a message, one of `:+` is kept in memory. */
export function canHold(
  { sign, atom, location, span }: HeadNode,
  operator: ClauseOperator,
  declarations: Declarations,
): boolean {
  const { findings } = declarations;
  const refuse = (message: string, hint: string): false => {
    findings.error("wrong-head", message, span, { hint });
    return false;
  };
  if (sign === "+") {
    const hint = "drop the `+`: a rule derives what is there";
    return refuse("`+` stands before heads of transactions alone", hint);
  }
  if (sign === "-" && operator !== ":+") {
    const message = "`-` stands before heads of `:+`, and in transactions";
    return refuse(message, "write `:+`: what is removed is gone in the next step");
  }
  if (location !== undefined && operator !== ":~") {
    const message = `a head of \`${operator}\` holds here: it has no location`;
    return refuse(message, "write `:~`: what is sent holds elsewhere, at a later step");
  }
  const text = nameOf(atom.relation);
  const system = text === "Id" || text === "All";
  // Names that are unknown are reported with the rest of the rule.
  const relation = system ? declarations.relation(atom.relation) : declarations.find(text);
  if (relation === undefined) return true;
  const { name, place, inlined } = relation;
  if (place?.system !== undefined)
    return refuse(`relation "${name}" is given by the runtime`, "derive another relation");
  if (place?.arguments !== undefined)
    return refuse(`"${name}" is a transaction: it holds its arguments`, "derive another relation");
  if (operator === ":-") return true;
  if (inlined) {
    const message = `relation "${name}" is inlined: its tuples are in no other step`;
    return refuse(message, "drop `inline`");
  }
  if (place?.snapshot === true) {
    const message = `relation "${name}" is a snapshot: it is computed when it is read`;
    return refuse(message, "define it with `:-`");
  }
  if (operator === ":~") relation.place = { ...place, message: true };
  else if (sign === undefined && !keeps(place)) relation.place = { ...place, memory: true };
  return true;
}

function keeps(place: Place | undefined): boolean {
  return place?.event === true || place?.memory === true;
}

/** Reports rules for relations that have none, once all heads are known: inputs that heads of `:+`
 * and `:~` change, ordered relations that rules derive, removals from what is not memory. */
export function checkHeads(
  rules: readonly {
    readonly head: { readonly relation: number };
    readonly headSpan: HeadNode["span"];
    readonly when?: "next" | "later";
    readonly removes?: true;
  }[],
  { relations, directives, findings }: Declarations,
): void {
  const inputs = new Set(
    directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  for (const { head, headSpan, when, removes } of rules) {
    const relation: DeclaredRelation | undefined = relations[head.relation];
    if (relation === undefined) continue;
    const { name, place } = relation;
    const report = (message: string, hint: string): void => {
      findings.error("wrong-head", message, headSpan, { hint });
    };
    if (place?.ordered !== undefined)
      report(
        `relation "${name}" is ordered: transactions alone change it`,
        "derive another relation from it, or change it in a `.transaction`",
      );
    else if (when !== undefined && inputs.has(head.relation))
      report(`relation "${name}" is an input: steps do not change it`, "send another relation");
    else if (removes === true && place?.memory !== true)
      report(`relation "${name}" is not kept in memory`, `declare it \`memory\``);
  }
}
