// Where the relations of a partitioned program are. What the text says is followed; what is derived
// from relations that are in parts is in parts too, by the column for which least has to be sent.
import type { Program, RelationAt, Rule } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import type { Placement } from "./partitioned-program.ts";
import { locationFor, type Surroundings } from "./partition-location.ts";
import { sealsNeeded } from "./partition-seals.ts";

/** How often the columns of all relations are chosen anew, as each choice depends on the others. */
const passesMax = 4;

/** Returns the place of each relation. */
export function placementsOf(program: Program): Placement[] {
  const { relations, directives, rules } = program;
  const inputs = new Set(
    directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  const inParts = relationsInParts(program);
  const placements = relations.map(({ place }, at): Placement => {
    if (place?.partitions !== undefined)
      return { kind: "keyed", keys: place.partitions, chosen: false };
    const key = sealedKey(program, at);
    if (key !== undefined) return { kind: "keyed", keys: [key], chosen: false };
    if (inParts.has(at)) return { kind: "keyed", keys: [[0]], chosen: true };
    return { kind: inputs.has(at) ? "arrival" : "everywhere" };
  });
  const chosen = [...placements.keys()].filter((at) => {
    const placement = placements[at];
    return placement?.kind === "keyed" && placement.chosen;
  });
  const touching = rulesTouching(program);
  const around: Surroundings = { ...surroundings(program, placements), copied: () => false };
  const costOf = (at: RelationAt): number =>
    (touching[at] ?? []).reduce((sum, [rule, place]) => {
      const { location } = sealsNeeded(rule, place, program, placements);
      return sum + locationFor(rule, around, location).cost;
    }, 0);
  for (let pass = 0, changed = true; changed && pass < passesMax; pass++) {
    changed = false;
    for (const at of chosen) {
      const before = placements[at];
      let [best, least] = [before, costOf(at)];
      for (let column = 0; column < fixedColumns(program, at); column++) {
        const tried: Placement = { kind: "keyed", keys: [[column]], chosen: true };
        placements[at] = tried;
        const cost = costOf(at);
        if (cost < least) [best, least] = [tried, cost];
      }
      if (best !== undefined) placements[at] = best;
      changed ||= best !== before;
    }
  }
  return placements;

  function rulesTouching(of: Program): [Rule, number][][] {
    const found = of.relations.map((): [Rule, number][] => []);
    for (const [place, rule] of rules.entries()) {
      const touched = new Set([rule.head.relation]);
      visitLiterals(rule.body, (literal) => {
        if (literal.kind === "atom") touched.add(literal.relation);
      });
      for (const at of touched) found[at]?.push([rule, place]);
    }
    return found;
  }
}

/** Returns what the places of rules are chosen by, but for copies. `placements` may change. */
export function surroundings(
  { relations, rules }: Program,
  placements: readonly Placement[],
): Omit<Surroundings, "copied"> {
  const derived = relations.map(() => false);
  for (const { head } of rules) derived[head.relation] = true;
  return { placements, derived, lattices: relations.map(({ lattices = [] }) => lattices.length) };
}

/** Returns the relations that are in parts: those that the text says are, and what is derived from
 * them, unless that is of one piece: an equivalence, or without a column that stays as it is. */
export function relationsInParts(program: Program): Set<RelationAt> {
  const { relations, rules } = program;
  const found = new Set(
    relations.flatMap(({ place }, at) => (place?.partitions === undefined ? [] : [at])),
  );
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { head, body } of rules) {
      if (found.has(head.relation)) continue;
      if (relations[head.relation]?.equivalence === true) continue;
      if (fixedColumns(program, head.relation) === 0) continue;
      visitLiterals(body, (literal) => {
        if (literal.kind === "atom" && found.has(literal.relation)) found.add(head.relation);
        if (literal.kind === "negation" && found.has(literal.relation)) found.add(head.relation);
      });
    }
  }
  return found;
}

/** A relation of sealed keys is where the keys are. */
function sealedKey({ relations }: Program, at: RelationAt): number[] | undefined {
  const relation = relations[at];
  const of = relation?.place?.seals;
  if (relation === undefined || of === undefined) return undefined;
  return relations[of]?.place?.partitions === undefined
    ? undefined
    : [...relation.attributes.keys()];
}

/** How many columns stay as they are. */
function fixedColumns({ relations }: Program, at: RelationAt): number {
  const { attributes = [], lattices = [] } = relations[at] ?? {};
  return attributes.length - lattices.length;
}
