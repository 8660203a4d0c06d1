import type { Word } from "../value/word.ts";
import { hashOf } from "./hash.ts";
import type { Index, Store } from "./store.ts";

/** Returns the word offset in the directory of the slot of a key, the words of `columns` in their
 * order; an empty slot if no row has it. */
export function groupOf(
  store: Store,
  index: Index,
  columns: readonly number[],
  key: ArrayLike<Word>,
): number {
  const first = key[0]!;
  if (columns.length === 1) return groupOfWord(index, first);
  const { directory } = index;
  const hash = hashOf(key);
  let slot = (hash >>> index.shift) << 2;
  for (; directory[slot + 3] !== 0; slot = (slot + 4) & index.step) {
    if (columns.length === 2) {
      if (directory[slot] === first && directory[slot + 1] === key[1]) break;
    } else if (directory[slot] === hash) {
      const row = directory[slot + 1]!;
      if (columns.every((column, at) => store.columns[column]![row] === key[at])) break;
    }
  }
  return slot;
}

/** Returns the same of a key of one word. */
export function groupOfWord(
  { directory, multiplier, shift, mask, step, jump }: Index,
  word: Word,
): number {
  let slot = ((Math.imul(word, multiplier) >>> shift) & mask) << 2;
  while (directory[slot + 3] !== 0 && directory[slot] !== word) slot = ((slot + 4) & step) | jump;
  return slot;
}
