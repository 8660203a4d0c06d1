// What keeps a program from being evaluated in parts.
import { monotonicity } from "../analysis/monotone.ts";
import { relationFacts } from "../analysis/monotone-relations.ts";
import type { Directive, Program, Relation, RelationAt } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { relationsInParts } from "./partition-placement.ts";

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

/** Points of order, but for negation and aggregates at the owner of a key, which wait for its seal.
 * What the text alone tells arrives like all else once it is in parts:
 *
 *     .decl stop(x: number) partition(x)
 *     stop(1).
 *     on(x) :- step(x), !stop(x).
 *
 * has no point of order on one machine, but the node that derives on(1) may not know stop(1). */
function levelMistakes(program: Program): Diagnostic[] {
  const { closed } = relationFacts(program);
  const told = [...relationsInParts(program)].filter((at) => closed[at] === true);
  const arriving = told.map((relation): Directive => ({
    ...{ word: "input", relation, parameters: new Map() },
    span: relationSpan(program, relation),
  }));
  const known = monotonicity(program).points;
  const directives = [...program.directives, ...arriving];
  return monotonicity({ ...program, directives }).points.flatMap((point) => {
    const { kind, level, span, message, hint } = point;
    const same = known.some((of) => of.rule === point.rule && of.span === span);
    const waits = kind === "negation" || kind === "aggregate";
    if (same && waits && level === "F1") return [];
    const remedy = same ? hint : "leave `partition` out where the text states all that there is";
    return [{ ...mistake(message), span, ...(remedy !== undefined && { hint: remedy }) }];
  });
}

function relationSpan({ relations }: Program, at: RelationAt): Span {
  const relation = relations[at];
  assert(relation !== undefined, `a program has a relation ${at}`);
  return relation.span;
}

function mistake(message: string): Omit<Diagnostic, "span"> {
  return { severity: "error", code: "not-supported", message };
}
