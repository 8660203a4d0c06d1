// The loops that put the rows of a relation side by side by their groups, as an index wants them.
// Each is a function of arrays alone: V8 compiles it while it runs for the first time, and never
// has to again, as it would where it comes to what it had not met until then.

/** Counts the rows before `to` at their keys, masked. */
export function countKeys(keys: Int32Array, mask: number, counts: Int32Array, to: number): void {
  for (let row = 0; row < to; row++) counts[keys[row]! & mask]!++;
}

/** Puts the numbers of rows where `next` says for the groups that are `numbers`, masked. */
export function putRows(
  items: Int32Array,
  next: Int32Array,
  numbers: Int32Array,
  mask: number,
  to: number,
): void {
  for (let row = 0; row < to; row++) items[next[numbers[row]! & mask]!++] = row;
}

/** Puts the words of rows there. */
export function putWords(
  items: Int32Array,
  next: Int32Array,
  numbers: Int32Array,
  mask: number,
  words: Int32Array,
  to: number,
): void {
  for (let row = 0; row < to; row++) items[next[numbers[row]! & mask]!++] = words[row]!;
}

/** Says in the directory where the items of each group begin, and in `starts` by its number, which
 * is what stood there. */
export function takeStarts(directory: Int32Array, starts: Int32Array): void {
  let start = 0;
  for (let slot = 0; slot < directory.length; slot += 4) {
    const length = directory[slot + 3]!;
    if (length === 0) continue;
    starts[directory[slot + 2]!] = start;
    directory[slot + 2] = start;
    start += length;
  }
}

/** Makes the groups of a direct directory, from how many rows each key from `low` on has; `counts`
 * is then where their items begin. Returns how many groups there are. */
export function takeCounts(counts: Int32Array, directory: Int32Array, low: number): number {
  const mask = counts.length - 1;
  let groups = 0;
  let start = 0;
  for (let at = 0; at < counts.length; at++) {
    const length = counts[at]!;
    if (length === 0) continue;
    groups++;
    directory[4 * at] = low + ((at - low) & mask);
    directory[4 * at + 2] = counts[at] = start;
    directory[4 * at + 3] = length;
    start += length;
  }
  return groups;
}
