/** The codes of what is found by running a program on samples, with what each means. A code never
 * changes its meaning. */
export const codes = {
  "broken-law": "a lattice or a functor breaks a law that is claimed of it",
  "law-not-tested": "a law that is claimed cannot be tested",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
