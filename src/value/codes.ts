/** The codes of what goes wrong while values are computed, with what each means. A code never
 * changes its meaning. */
export const codes = {
  "bad-pattern": "a pattern of `match` is no regular expression",
  "bad-position": "`substr` starts outside of its text",
  "division-by-zero": "a number is divided by zero",
  "functor-failed": "a functor of the user threw an error",
  "functor-result": "a functor of the user gave something that is no value of its type",
  "not-a-number": "a text that is converted to a number is none",
  "not-a-symbol": "a number that is taken for a symbol is the number of none",
  "too-many-values": "there are more different values than the tables of values can hold",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
