/** The codes of what the command finds around a program, with what each means. A code never
 * changes its meaning. */
export const codes = {
  "arity-changed": "an input or an output has more or fewer columns than in the earlier version",
  "column-renamed":
    "a column of an input or an output has another name than in the earlier version",
  "input-added": "the earlier version did not read an input",
  "input-removed": "the earlier version read an input that this one does not",
  "level-lost": "an answer needs more coordination, or promises less, than in the earlier version",
  "output-removed": "the earlier version gave an output that this one does not",
  "stale-baseline": "the baseline lets a finding pass that is gone",
  "suppression-without-reason": "a `calm-ignore` comment does not say why",
  "too-many-snapshots": "a program has more snapshots than `--max-snapshots` allows",
  "type-changed": "an input or an output has other types than in the earlier version",
  "unknown-code": "a `calm-ignore` comment names a code that there is not",
  "unmet-expectation": "a relation does not hold what an `.expect` says",
  "unreadable-facts": "the file that an `.input` names cannot be read",
  "unused-suppression": "a `calm-ignore` comment lets nothing pass",
  "useless-input": "two relations are read from the standard input, and the first takes all of it",
  "useless-pragma": "a pragma has no effect",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
