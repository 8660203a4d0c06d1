import type { Code } from "./codes.ts";

/** The bounds of one evaluation. What is not given is not bounded. */
export type Limits = {
  /** The most tuples that rules may derive, in all relations together. */
  readonly maxTuples?: number;
  /** The most rounds that one stratum may take. */
  readonly maxRounds?: number;
  /** The most bytes that relations, their indexes and the tables of values may hold. */
  readonly maxMemoryBytes?: number;
};

/** Which limit was met. */
export type LimitCode = Exclude<Code, "missing-functor">;

/** What a `LimitFault` says where memory is not to be had. */
export const memoryReached = "the limit of memory is reached";

/** Thrown where a limit is met; `evaluate` catches it and makes a diagnostic of it. */
export class LimitFault extends Error {
  override readonly name = "LimitFault";
  readonly code: LimitCode;

  constructor(code: LimitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Returns what is made; nothing where there is no memory for it. */
export function withinMemory<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch (fault) {
    if (fault instanceof LimitFault) return undefined;
    throw fault;
  }
}
