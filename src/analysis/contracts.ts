// What `.calm` claims, with names resolved. Whether a claim is true is for the checker to say.
import type { ContractNode } from "../syntax/tree.ts";
import { type Declarations, nameOf } from "./declarations.ts";
import type { Contract, ContractSubject } from "./program.ts";

/** Returns what a contract claims; undefined, and reported, where it claims nothing. */
export function contract(node: ContractNode, declarations: Declarations): Contract | undefined {
  const { findings } = declarations;
  const { claim, span, reason = "" } = node;
  if ((claim === "ordered" || claim === "coordinating") && reason.trim() === "") {
    const hint = "say why this program needs it";
    findings.error("wrong-contract", `\`.calm ${claim}\` gives no reason`, span, { hint });
    return undefined;
  }
  switch (claim) {
    case "coordinating":
      return { claim, reason, span };
    case "level": {
      const level = claimed.find((one) => one === node.level?.text);
      if (level !== undefined) return { claim, level, span };
      const message = `"${node.level?.text ?? ""}" is no level`;
      const hint = `the levels are ${claimed.join(", ")}`;
      findings.error("wrong-contract", message, node.level?.span ?? span, { hint });
      return undefined;
    }
    case "ordered": {
      const relation = node.relation && declarations.relation(node.relation);
      return relation && { claim, relation: relation.at, reason, span };
    }
    case "monotone": {
      const of = subject(node, declarations);
      return of && { claim, of, span };
    }
  }
}

const claimed = ["M", "F1", "F2", "ordered"] as const;

/** A name stands for a relation, or else for a functor or a lattice that the text declares. */
function subject(
  { relation: node }: ContractNode,
  declarations: Declarations,
): ContractSubject | undefined {
  if (node === undefined) return undefined;
  const name = nameOf(node);
  if (declarations.find(name) === undefined) {
    if (declarations.functors.has(name)) return { kind: "functor", name };
    if (declarations.lattices.has(name)) return { kind: "lattice", name };
  }
  const relation = declarations.relation(node);
  return relation && { kind: "relation", relation: relation.at };
}
