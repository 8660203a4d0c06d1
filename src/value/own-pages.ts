/** The words of a page of the system's, or of a part of one. */
const wordsPerPage = 1 << 10;

/** Returns a new array of zeros for a table, whose places are met in any order and read before they
 * are written to. The system gives pages at their first use: that would be twice for each, one of
 * zeros that all read from, and then one of its own. So each is written to before. */
export function withOwnPages<Words extends Int32Array>(table: Words): Words {
  const { length } = table;
  for (let at = 0; at < length; at += wordsPerPage) table[at] = 0;
  return table;
}
