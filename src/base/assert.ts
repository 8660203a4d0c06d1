/** Stops when `condition` is false: a fault of ours, never of the user's text or data. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a place that exhaustive code cannot reach. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}

/** Our own mistake. Nothing below the drivers catches it. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}
