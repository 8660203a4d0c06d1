import type { FlatItemNode } from "../syntax/tree.ts";
import type { Findings } from "./findings.ts";

/** Refuses an item that the language has and this version has not, by name. What stands inside of
 * other items (qualifiers, terms, heads) is refused where it is met. */
export function refuseUnsupported(item: FlatItemNode, findings: Findings): void {
  const { span } = item;
  switch (item.kind) {
    case "seal":
      findings.unsupported("seals (`.seal`)", span);
      return;
    case "transaction":
      findings.unsupported("transactions (`.transaction`)", item.name.span);
      return;
    case "contract":
      findings.unsupported("contracts (`.calm`)", span);
      return;
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
