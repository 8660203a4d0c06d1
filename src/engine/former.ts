import type { Rows } from "./change.ts";
import { columnsOf, type Relation } from "./relation.ts";

/** How a relation differs from what it held before: it is the same, or it has more and lacks some
 * (`lost`, which it then holds as removed rows), or it is another one. */
export type Difference = "none" | "replaced" | Rows;

/** Returns what compares a relation, once it is computed anew, with what it held when an evaluation
 * ended last. Where it is not another one, the tuples of before are put first and `settled`. What
 * comparing would cost more than it saves is "replaced".
 *
 * Rows that are `ordered` stay as they were computed, for removals go by their order: then what was
 * there is `settled` if nothing else is there, and else has come in again. */
export function former(relation: Relation, ordered = false): () => Difference {
  const { tuples, classes, joins } = relation;
  if (classes !== undefined) return formerClasses(relation);
  // What came in since may have dropped rows of before.
  if (joins && relation.changed) return () => "replaced";
  // What came in since the last evaluation is not of before, if it is still there.
  const count = joins ? relation.size : tuples.keptBefore(tuples.settled);
  const columns = columnsOf(relation).map((column) => column.slice(0, count));
  return () => {
    const stay = new Int32Array(count);
    const lost: number[] = [];
    let stays = 0;
    const tuple = columns.map(() => 0);
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < tuple.length; at++) tuple[at] = columns[at]![row]!;
      if (relation.has(tuple)) stay[stays++] = row;
      else lost.push(row);
    }
    if (lost.length === 0 && relation.size === count) return "none";
    if (joins && lost.length > 0) return "replaced";
    const again = new Set<number>();
    if (count === 0) return { lost, again };
    if (joins) return "replaced";
    const wordsAt = (row: number): number[] => columns.map((column) => column[row]!);
    const rows = stay.subarray(0, stays);
    if (!ordered)
      relation.putFirst(columns.map((column) => Int32Array.from(rows, (row) => column[row]!)));
    else if (stays === relation.size) relation.mark();
    else for (const row of rows) again.add(relation.rowOf(wordsAt(row)));
    return { lost: lost.map((row) => relation.addRemoved(wordsAt(row))), again };
  };
}

function formerClasses({ classes }: Relation): () => Difference {
  if (classes === undefined || classes.changed) return () => "replaced";
  const { size, to } = classes;
  const words = classes.words.slice(0, to);
  const next = classes.next.slice(0, to);
  return () => {
    if (classes.size !== size) return "replaced";
    const same = words.every((word, element) => classes.same(word, words[next[element]!]!));
    return same ? "none" : "replaced";
  };
}
