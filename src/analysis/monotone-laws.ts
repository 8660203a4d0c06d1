// The laws of lattices and functors that a program declares: what is claimed, relied on, missing.
import type { Law } from "./levels.ts";
import { bareName, latticeName, type Order, opposite, orderOf } from "./monotone-orders.ts";
import { requirementAt, valueOrder } from "./monotone-orders.ts";
import type { RuleValues } from "./monotone-values.ts";
import type { Contract, Program, RelationAt, Term } from "./program.ts";

/** What a relation relies on for its lattices, and what of that nothing claims. */
export function latticeLaws(
  { relations, contracts }: Program,
  relation: RelationAt,
): {
  readonly laws: readonly Law[];
  readonly missing: readonly { readonly message: string; readonly hint?: string }[];
} {
  const laws: Law[] = [];
  const missing: { readonly message: string; readonly hint?: string }[] = [];
  for (const lattice of relations[relation]?.lattices ?? []) {
    const order = orderOf(lattice);
    const name = bareName(lattice.name);
    if (order === undefined) {
      missing.push({ message: `the \`Lub\` of lattice "${name}" is no least upper bound` });
    } else if (/(?:^|map )lattice /.test(order)) {
      const declared = order.replace(/^.*lattice /, "");
      const contract = claimOf(contracts, "lattice", declared);
      if (contract !== undefined)
        laws.push({ kind: "lattice", name: declared, relation, span: contract.span });
      else
        missing.push({
          message: `nothing claims the laws of lattice "${declared}"`,
          hint:
            "if its `Lub` is associative, commutative and idempotent, claim it: " +
            `\`.calm monotone ${declared}\``,
        });
    }
  }
  return { laws, missing };
}

/** The laws by which `term` goes in `order`, if it does. */
export function lawsOf(
  values: RuleValues,
  term: Term,
  order: Order,
  { contracts, relations }: Pick<Program, "contracts" | "relations">,
): Law[] {
  const laws: Law[] = [];
  const seen = new Map<Term | number, Set<Order>>();
  const open: [Term, Order][] = [[term, order]];
  for (const [next, towards] of open) {
    const key = next.kind === "variable" ? next.variable : next;
    const known = seen.get(key) ?? new Set();
    seen.set(key, known);
    if (known.has(towards) || values.constant(next)) continue;
    known.add(towards);
    if (next.kind === "variable") {
      const source = values.source(next.variable);
      if (source?.kind === "term") open.push([source.term, towards]);
      if (source?.kind === "aggregate" && source.by.value !== undefined)
        open.push([source.by.value, towards]);
    } else if (next.kind === "functor" && next.name === "user") {
      const { user } = next;
      const orders = next.arguments.map((of) =>
        values.constant(of) ? undefined : values.order(of),
      );
      for (const [at, of] of next.arguments.entries()) {
        const own = orders[at];
        if (own !== undefined) open.push([of, own]);
      }
      const contract = claimOf(contracts, "functor", user.name);
      if (contract === undefined) continue;
      laws.push({
        kind: "functor",
        functor: user.name,
        arguments: orders.map((of, at) =>
          of === undefined
            ? undefined
            : latticeName(of, user.parameters[at] ?? "number", relations),
        ),
        result: latticeName(towards, user.result, relations),
        span: contract.span,
      });
    } else if (next.kind === "functor") {
      const row = values.keeping(next, towards);
      const count = next.arguments.length;
      for (const [at, of] of next.arguments.entries()) {
        const requirement = row && requirementAt(row, at, count);
        const other = opposite(towards);
        if (requirement === "same") open.push([of, towards]);
        else if (requirement === "opposite" && other !== undefined) open.push([of, other]);
        else if (row === undefined) {
          // A functor of the program is taken for one of any order: here it is that of the map.
          const own = next.name === "entry" ? valueOrder(towards) : values.order(of);
          if (own !== undefined) open.push([of, own]);
        }
      }
    }
  }
  return laws;
}

function claimOf(
  contracts: readonly Contract[],
  kind: "functor" | "lattice",
  name: string,
): Contract | undefined {
  return contracts.find(
    (of) => of.claim === "monotone" && of.of.kind === kind && of.of.name === name,
  );
}
