/** The codes of what is wrong with data files and with the parameters of directives that name
 * them, with what each means. A code never changes its meaning. */
export const codes = {
  "bad-parameter": "a parameter of a directive has a value that it cannot have",
  "bad-value": "a field of a data file is no value of its attribute's type",
  "malformed-json": "a data file is not JSON",
  "missing-columns": "a row of a data file has fewer columns than its relation has attributes",
  "out-of-range": "a number in a data file does not fit the type of its attribute",
  "record-too-long": "a row of a data file is longer than what is read",
  "too-many-errors": "a data file has so many mistakes that the rest of it is not read",
  "unbalanced-bracket": "a record or a branch in a data file lacks a bracket",
  "unbalanced-quote": "a quoted field of a data file is not closed where it should be",
  "unfit-table": "a database lacks a table that fits the relation",
  "unknown-parameter": "a directive has a parameter that does not exist",
  "useless-parameter": "a parameter of a directive has no effect",
  "wrong-form": "JSON in a data file does not have the form of the relation's tuples",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
