/** Stops when `condition` is false: a fault of ours, never of the user's text or data. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Our own mistake. Nothing below the drivers catches it. */
class AssertionError extends Error {
  override readonly name = "AssertionError";
}
