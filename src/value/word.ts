/** A value in a tuple: a signed 32-bit integer. What it means depends on the column's kind.
 *
 * A symbol's word is its number in the symbol table. Every other value is a bit pattern of the
 * domain's width: an integer in two's complement (signed and unsigned alike), a float in IEEE form.
 * In the 32-bit domain the word is the pattern. In the 64-bit domain a pattern that, read as a
 * signed integer, lies in [-2^30, 2^30) is the word itself (`inline`); any other pattern is
 * interned, and its word is the number of its place in the pool, moved into the words that are not
 * inline. So equal values are equal words, and joins compare words. */
export type Word = number;

/** The least inline word of the 64-bit domain; the greatest is `-inlineMin - 1`. */
export const inlineMin = -0x40000000;

/** Whether a word of the 64-bit domain is its own value. */
export function inline(word: Word): boolean {
  return ((word + 0x40000000) | 0) >= 0;
}

/** The word of place `at` in the pool of wide patterns, for `at` in [0, 2^31). */
export function wordOfPlace(at: number): Word {
  return (at + 0x40000000) | 0;
}

/** The place in the pool of wide patterns that a word which is not inline stands for. */
export function placeOfWord(word: Word): number {
  return (word - 0x40000000) >>> 0;
}
