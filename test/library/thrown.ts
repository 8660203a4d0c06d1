import { CalmError } from "../../src/index.ts";

/** Returns the `CalmError` that `work` throws; throws where there is none. */
export function thrown(work: () => unknown): CalmError {
  try {
    work();
  } catch (error) {
    if (error instanceof CalmError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
