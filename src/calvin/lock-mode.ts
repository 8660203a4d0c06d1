// The modes of multi-granularity locking (Gray and others, "Granularity of Locks and Degrees of
// Consistency in a Shared Data Base", 1976): of a node of the tree relation / key prefix / key, and
// of all that is below it.

/** What a lock allows on a node. `IS` and `IX`: to read or change something below. `S`: to read all
 * below, absence included. `SIX`: both `S` and `IX`. `X`: to change anything. */
export const lockModes = ["IS", "IX", "S", "SIX", "X"] as const;

/** One of `lockModes`. */
export type LockMode = (typeof lockModes)[number];

const compatibleWith: Readonly<Record<LockMode, ReadonlySet<LockMode>>> = {
  IS: new Set(["IS", "IX", "S", "SIX"]),
  IX: new Set(["IS", "IX"]),
  S: new Set(["IS", "S"]),
  SIX: new Set(["IS"]),
  X: new Set(),
};

/** Whether two transactions can have these locks on one node at once. */
export function compatible(one: LockMode, other: LockMode): boolean {
  return compatibleWith[one].has(other);
}

/** The weakest mode that allows what both allow. */
export function joined(one: LockMode, other: LockMode): LockMode {
  if (one === other || other === "IS") return one;
  if (one === "IS") return other;
  if (one === "X" || other === "X") return "X";
  return "SIX";
}
