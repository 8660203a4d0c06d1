import type { FlatItemNode } from "../syntax/tree.ts";
import type { Findings } from "./findings.ts";

/** Refuses an item that the language has and this version has not, by name. What stands inside of
 * other items (qualifiers, terms, heads) is refused where it is met. */
export function refuseUnsupported(item: FlatItemNode, findings: Findings): void {
  switch (item.kind) {
    case "transaction":
      findings.unsupported("transactions (`.transaction`)", item.name.span);
      return;
    case "seal":
    case "contract":
    case "functor":
    case "lattice":
    case "debug-delta":
    case "subsumption":
    case "relation":
    case "type":
    case "directive":
    case "clause":
    case "pragma":
    case "expectation":
      return;
  }
}
