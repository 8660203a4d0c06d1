/** The codes of what stops an evaluation, beside those of values, with what each means. A code
 * never changes its meaning. */
export const codes = {
  "missing-functor": "a functor is called, and nothing was given that computes it",
  "out-of-memory": "relations, indexes and values take more memory than is allowed",
  "too-many-rounds": "a recursion takes more rounds than is allowed",
  "too-many-steps": "a program for a network does not come to rest in as many steps as are allowed",
  "too-many-tuples": "rules derive more tuples than is allowed",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
