// What the server of the store takes for granted of its program: these relations, with these
// columns. The rules between them are the program's.
import type { Term } from "../../analysis/program.ts";
import { visitLiterals } from "../../analysis/work-rule.ts";
import type { NodeProgram } from "../node-program.ts";

/** The relations of the store, by their places in the program. */
export type StoreRelations = Readonly<Record<keyof typeof columns, number>> & {
  /** Whether what is seen is seen at pairs alone that have a cell. */
  readonly seenInCells: boolean;
};

/** Where the relations are, or all that is wrong with the program. */
export type FoundRelations =
  | { readonly relations: StoreRelations; readonly wrong?: undefined }
  | { readonly relations?: undefined; readonly wrong: readonly string[] };

/** What is inserted, what is told of changes, and what is asked. */
const columns = {
  put: ["input", "k1", "k2", "dot", "type", "data"],
  remove: ["input", "k1", "k2", "dot", "by"],
  named: ["input", "k1"],
  cell: ["output", "k1", "k2", "dot", "state"],
  spent: ["output", "dot"],
  names: ["output", "by", "dot"],
  live: ["asked", "k1", "k2", "dot", "type", "data"],
  winner: ["asked", "k1", "k2", "dot"],
  seen: ["asked", "k1", "k2", "dot"],
  known: ["asked", "k1"],
} as const;

/** Returns where the relations of the store are in a program. */
export function storeRelations({
  program,
  network,
  floods,
}: Pick<NodeProgram, "program" | "network" | "floods">): FoundRelations {
  const wrong: string[] = [];
  if (!floods) wrong.push("the program of a store says nothing of steps and other nodes");
  const places = Object.entries(columns).map(([name, [role, ...names]]) => {
    const at = program.relations.findIndex((relation) => relation.name === name);
    const relation = program.relations[at];
    const declared = relation?.attributes.map((attribute) => attribute.name);
    const symbols = relation?.attributes.every(
      ({ name: of, kind }) => kind === "symbol" || of === "state",
    );
    const columnsText = names.map((of) => `${of}: symbol`).join(", ");
    if (declared === undefined)
      wrong.push(`there is no relation "${name}": the store wants .decl ${name}(${columnsText})`);
    else if (declared.join() !== names.join() || symbols !== true)
      wrong.push(`relation "${name}" has other columns than the store wants: (${columnsText})`);
    else if (role !== "asked" && network.roles[at]?.[role] !== true)
      wrong.push(`relation "${name}" is no ${role}: the store wants .${role} ${name}`);
    return [name, at];
  });
  if (wrong.length > 0) return { wrong };
  const at = Object.fromEntries(places) as Omit<StoreRelations, "seenInCells">;
  const relations = { ...at, seenInCells: pairsWithin(program, at.seen, at.cell) };
  const lasting = lastingOutputs(program, relations);
  if (lasting.length === 0) return { relations };
  return {
    wrong: lasting.map(
      (name) =>
        `output "${name}" would lose tuples when puts are cleaned up: declare it as a snapshot`,
    ),
  };
}

/** Whether each tuple of a relation has the first two columns of one of another relation, whatever
 * the facts are: all rules that derive it take them from there. */
function pairsWithin(
  { relations, rules, facts, directives }: NodeProgram["program"],
  of: number,
  within: number,
): boolean {
  const held = new Set(relations.keys());
  for (const { relation } of facts) held.delete(relation);
  for (const { relation, word } of directives) if (word === "input") held.delete(relation);
  held.add(within);
  for (let before = Infinity; held.size < before;) {
    before = held.size;
    for (const { head, body } of rules) {
      const [one, other] = head.terms;
      const taken = body.some(
        (literal) =>
          literal.kind === "atom" &&
          held.has(literal.relation) &&
          sameVariable(literal.terms[0], one) &&
          sameVariable(literal.terms[1], other),
      );
      if (!taken && head.relation !== within) held.delete(head.relation);
    }
  }
  return held.has(of);
}

function sameVariable(one: Term | undefined, other: Term | undefined): boolean {
  return one?.kind === "variable" && other?.kind === "variable" && one.variable === other.variable;
}

/** The outputs beside the store's own that promise to keep tuples which follow from puts and
 * removes: these are cleaned up. */
function lastingOutputs(
  { relations, rules, directives }: NodeProgram["program"],
  own: StoreRelations,
): string[] {
  const cleaned = new Set([own.put, own.remove]);
  for (let before = -1; before < cleaned.size;) {
    before = cleaned.size;
    for (const { head, body } of rules)
      visitLiterals(body, (literal) => {
        if (literal.kind !== "atom" && literal.kind !== "negation") return;
        if (cleaned.has(literal.relation)) cleaned.add(head.relation);
      });
  }
  const reserved = reservedRelations(own);
  return directives.flatMap(({ word, relation: at }) => {
    const { name = "", place } = relations[at] ?? {};
    const lasts = word === "output" && cleaned.has(at) && !reserved.has(at);
    return lasts && place?.snapshot !== true ? [name] : [];
  });
}

/** The relations of the store that clients neither insert into nor follow. */
export function reservedRelations(relations: StoreRelations): ReadonlySet<number> {
  const { put, remove, named, cell, spent, names } = relations;
  return new Set([put, remove, named, cell, spent, names]);
}
