import type { ItemNode } from "../syntax/tree.ts";
import type { Findings } from "./findings.ts";

/** Refuses an item that the language has and this version has not, by name. What stands inside of
 * other items (qualifiers, terms, heads) is refused where it is met. */
export function refuseUnsupported(item: ItemNode, findings: Findings): void {
  const { span } = item;
  switch (item.kind) {
    case "component":
      findings.unsupported("components (`.comp`)", item.type.span);
      return;
    case "instance":
      findings.unsupported("component instances (`.init`)", span);
      return;
    case "override":
      findings.unsupported("overridden relations (`.override`)", span);
      return;
    case "debug-delta":
      findings.unsupported("`debug_delta` relations", span);
      return;
    case "lattice":
      findings.unsupported("lattices (`.lattice`)", span);
      return;
    case "functor":
      findings.unsupported("user-defined functors (`.functor`)", span);
      return;
    case "subsumption":
      findings.unsupported("subsumptive rules (`<=` between heads)", span);
      return;
    case "seal":
      findings.unsupported("seals (`.seal`)", span);
      return;
    case "transaction":
      findings.unsupported("transactions (`.transaction`)", item.name.span);
      return;
    case "contract":
      findings.unsupported("contracts (`.calm`)", span);
      return;
    case "relation":
    case "type":
    case "directive":
    case "clause":
    case "pragma":
    case "expectation":
      return;
  }
}
