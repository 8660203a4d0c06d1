import type { Word } from "../value/word.ts";

// Odd numbers without structure. A column's word is multiplied by its own, so that permuted tuples
// differ, and sums are mixed once, as their upper bits are the slot.
const factors = [
  ...[-1640531535, -2048144777, 668265263, 374761393, -1028477379, 1540483477, -862048943],
  ...[461845907, -2048144789, 1274126177, -1150833019, 1103515245, -1412623819, 521288629],
];
/** What the last step of a hash multiplies with. */
export const finish = -1028477379;

/** What the word at place `at` of a hashed tuple is multiplied with. */
export function factor(at: number): number {
  if (at < factors.length) return factors[at]!;
  return (factors[at % factors.length]! ^ (Math.floor(at / factors.length) << 4)) | 1;
}

/** The hash of one word. */
export function hash1(a: Word): number {
  return mixed(Math.imul(a, factor0));
}

/** The hash of two words. */
export function hash2(a: Word, b: Word): number {
  return mixed((Math.imul(a, factor0) + Math.imul(b, factor1)) | 0);
}

/** The hash of any number of words. */
export function hashOf(words: ArrayLike<Word>): number {
  let sum = 0;
  for (let at = 0; at < words.length; at++) sum = (sum + Math.imul(words[at]!, factor(at))) | 0;
  return mixed(sum);
}

/** The last step of a hash: `sum` is that of the words times their factors, in 32 bits. */
function mixed(sum: number): number {
  return Math.imul(sum ^ (sum >>> 15), finish);
}

/** By how many bits a hash is shifted to be one of so many slots, a power of two. It is a whole
 * number for V8, too: where a field holds others at times, what was compiled for it is lost. */
export function shiftOf(slots: number): number {
  return Math.clz32(slots) + 1;
}

/** JavaScript for the sum that `mixed` takes, of the words that `words` compute. */
export function sumText(words: readonly string[]): string {
  const terms = words.map((word, at) => `Math.imul(${word}, ${factor(at)})`);
  return terms.reduce((sum, term, at) => `${at > 1 ? `(${sum})` : sum} + ${term} | 0`);
}

/** JavaScript for `mixed` of a variable. */
export function mixedText(sum: string): string {
  return `Math.imul(${sum} ^ ${sum} >>> 15, ${finish})`;
}

const factor0 = factor(0);
const factor1 = factor(1);
