import type { Relation } from "./relation.ts";

/** How a relation differs from what it held before: it only has more, or it is another one. */
export type Difference = "none" | "grown" | "replaced";

/** Returns what compares a relation, once it is computed anew, with what it held when an evaluation
 * ended last. Where it has more tuples and lacks none, those of before are put first and `settled`.
 * What comparing would cost more than it saves is "replaced". */
export function former(relation: Relation): () => Difference {
  const { tuples, classes, joins } = relation;
  if (classes !== undefined) return formerClasses(relation);
  // What came in since may have dropped rows of before.
  if (joins && relation.changed) return () => "replaced";
  const columns = tuples.columns.map((_, at) =>
    joins ? relation.column(at).slice() : tuples.columns[at]!.slice(0, tuples.settled),
  );
  const count = joins ? relation.size : tuples.settled;
  return () => {
    if (count === 0) return relation.size === 0 ? "none" : "grown";
    const tuple = columns.map(() => 0);
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < tuple.length; at++) tuple[at] = columns[at]![row]!;
      if (!relation.has(tuple)) return "replaced";
    }
    if (relation.size === count) return "none";
    return relation.putFirst(columns, count) ? "grown" : "replaced";
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
