import { columnsOf, type Relation } from "./relation.ts";

/** How a relation differs from what it held before: it is the same, or it has more and lacks some
 * (`lost`, which it then holds as removed rows), or it is another one. */
export type Difference = "none" | "replaced" | { readonly lost: readonly number[] };

/** Returns what compares a relation, once it is computed anew, with what it held when an evaluation
 * ended last. Where it is not another one, the tuples of before are put first and `settled`. What
 * comparing would cost more than it saves is "replaced". */
export function former(relation: Relation): () => Difference {
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
    if (count === 0) return { lost };
    if (joins) return "replaced";
    const rows = stay.subarray(0, stays);
    relation.putFirst(columns.map((column) => Int32Array.from(rows, (row) => column[row]!)));
    const removed = lost.map((row) => relation.addRemoved(columns.map((column) => column[row]!)));
    return { lost: removed };
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
