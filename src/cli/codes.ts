/** The codes of what the command finds around a program, with what each means. A code never
 * changes its meaning. */
export const codes = {
  "stale-baseline": "the baseline lets a finding pass that is gone",
  "suppression-without-reason": "a `calm-ignore` comment does not say why",
  "too-many-snapshots": "a program has more snapshots than `--max-snapshots` allows",
  "unknown-code": "a `calm-ignore` comment names a code that there is not",
  "unmet-expectation": "a relation does not hold what an `.expect` says",
  "unreadable-facts": "the file that an `.input` names cannot be read",
  "unused-suppression": "a `calm-ignore` comment lets nothing pass",
  "useless-input": "two relations are read from the standard input, and the first takes all of it",
  "useless-pragma": "a pragma has no effect",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
