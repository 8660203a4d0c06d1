// What is declared of lattices beyond how values are joined: the order and its ends, for those who
// test the laws.
import type { ItemNode, LatticeDeclarationNode, TermNode } from "../syntax/tree.ts";
import type { ValueKind } from "../value/schema.ts";
import { constant } from "./clauses.ts";
import type { Declarations } from "./declarations.ts";
import { signature } from "./functor-declarations.ts";
import { kindInWords } from "./kinds.ts";
import { areHoles, both } from "./lattices.ts";
import type { LatticeDeclaration, Term } from "./program.ts";

/** Returns the lattices that a text declares; reports members that are no order and no bound. */
export function latticeDeclarations(
  items: readonly ItemNode[],
  declarations: Declarations,
): LatticeDeclaration[] {
  return items.flatMap((item): LatticeDeclaration[] => {
    if (item.kind !== "lattice") return [];
    const { text: name, span } = item.name;
    const { type, lub, glb } = declarations.lattices.find(name) ?? {};
    if (type?.kind === undefined || lub === undefined) return [];
    const { kind } = type;
    const leq = member(item, "Leq", kind, declarations);
    const bottom = member(item, "Bottom", kind, declarations);
    const top = member(item, "Top", kind, declarations);
    return [
      {
        ...{ name, of: kind, lub: lub.term, span },
        ...(glb !== undefined && { glb: glb.term }),
        ...(leq !== undefined && { leq }),
        ...(bottom !== undefined && { bottom }),
        ...(top !== undefined && { top }),
      },
    ];
  });
}

function member(
  { name: lattice, members }: LatticeDeclarationNode,
  word: "Leq" | "Bottom" | "Top",
  kind: ValueKind,
  declarations: Declarations,
): Term | undefined {
  const node = members.find(({ name }) => name.text === word)?.value;
  if (node === undefined) return undefined;
  const term = word === "Leq" ? order(node, kind, declarations) : bound(node, kind, declarations);
  // That a functor is not declared is known already.
  const unknown = node.kind === "user-functor" && !declarations.functors.has(node.name.text);
  if (term !== undefined || unknown) return term;
  const what = kindInWords(kind);
  const wanted =
    word === "Leq"
      ? `functor of two values, each ${what}, that gives a number`
      : `constant that is ${what}`;
  const message = `\`${word}\` of lattice "${lattice.text}" is no ${wanted}`;
  const hint =
    word === "Leq"
      ? "write `Leq -> @f(_, _)`, where @f gives 1 if the first is below the second or is it"
      : `write \`${word} -> …\` with a constant, or a functor without arguments`;
  declarations.findings.error("wrong-lattice", message, node.span, { hint });
  return undefined;
}

function order(node: TermNode, kind: ValueKind, { functors }: Declarations): Term | undefined {
  if (node.kind !== "user-functor" || !areHoles(node.arguments)) return undefined;
  const functor = functors.declared(node.name.text);
  if (functor === undefined) return undefined;
  const user = signature(functor);
  const orders = user.result === "number" || user.result === "unsigned";
  if (!orders || user.parameters.length !== 2) return undefined;
  if (!user.parameters.every((of) => of === kind)) return undefined;
  return { kind: "functor", name: "user", user, arguments: both, span: node.span };
}

function bound(node: TermNode, kind: ValueKind, declarations: Declarations): Term | undefined {
  if (node.kind !== "user-functor") {
    const value = constant(node, kind, declarations);
    return value === undefined ? undefined : { kind: "constant", of: kind, value };
  }
  const functor = declarations.functors.declared(node.name.text);
  if (functor === undefined || node.arguments.length > 0) return undefined;
  const user = signature(functor);
  if (user.parameters.length > 0 || user.result !== kind) return undefined;
  return { kind: "functor", name: "user", user, arguments: [], span: node.span };
}
