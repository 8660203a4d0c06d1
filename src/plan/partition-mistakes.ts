// What keeps a program from being evaluated in parts.
import { monotonicity } from "../analysis/monotone.ts";
import type { Program, Relation } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";

/** Returns why a program cannot be evaluated in parts, as far as its relations and levels tell. */
export function partitionMistakes(program: Program): Diagnostic[] {
  return [...placeMistakes(program), ...levelMistakes(program)];
}

function placeMistakes({ relations, rules }: Program): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { when, span } of rules)
    if (when !== undefined)
      found.push({
        ...mistake("a program with partitioned relations cannot say by itself what is sent"),
        ...{ span, hint: "write `:-`: where a tuple is sent follows from `partition`" },
      });
  if (found.length > 0) return found;
  for (const relation of relations) {
    const { place = {}, span, name } = relation;
    const word = networkWord(relation);
    if (word !== undefined)
      found.push({
        ...mistake(`relation "${name}" is \`${word}\` in a program with partitioned relations`),
        ...{ span, hint: `leave \`${word}\` out, or \`partition\`` },
      });
    if (place.partitions === undefined) continue;
    if (relation.equivalence === true)
      found.push({
        ...mistake(`relation "${name}" is partitioned, and an equivalence is of one piece`),
        ...{ span, hint: "leave `partition` out: the relation is then at each node" },
      });
    const values = relation.attributes.length - (relation.lattices?.length ?? 0);
    if (place.partitions.some((key) => key.some((column) => column >= values)))
      found.push({
        ...{ ...mistake(`relation "${name}" is partitioned by a lattice`), code: "wrong-key" },
        ...{ span, hint: "partition it by attributes that stay as they are" },
      });
  }
  return found;
}

/** What a relation says of the network, where the program is to say nothing of it. */
function networkWord({ place = {} }: Relation): string | undefined {
  if (place.event === true) return "event";
  if (place.message === true) return "message";
  if (place.memory === true) return "memory";
  if (place.system !== undefined) return "system";
  if (place.snapshot === true) return "snapshot";
  return place.ordered === undefined ? undefined : "ordered";
}

/** Points of order, but for negation and aggregates at the owner of a key, which wait for its
 * seal. */
function levelMistakes(program: Program): Diagnostic[] {
  return monotonicity(program).points.flatMap(({ kind, level, span, message, hint }) => {
    if (level === "F1" && (kind === "negation" || kind === "aggregate")) return [];
    return [{ ...mistake(message), span, ...(hint !== undefined && { hint }) }];
  });
}

function mistake(message: string): Omit<Diagnostic, "span"> {
  return { severity: "error", code: "not-supported", message };
}
