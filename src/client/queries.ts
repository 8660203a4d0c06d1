// Questions to nodes: goals, what their answers are to hold, and the answers.
import { type ClientTuple, type Column, decoded } from "./values.ts";

/** What the answers of a goal are to hold: what the node has; what the session has written and
 * seen; all that anybody was told of before the question; or what an epoch of the ordered plane
 * has. */
export type QueryLevel = "local" | "session" | "strict" | number;

/** How a goal is asked. */
export type QueryOptions = {
  readonly signal?: AbortSignal;
  /** `session` where the client has one, otherwise `local`. */
  readonly at?: QueryLevel;
  /** How long the node may wait for that; 5 seconds unless given. */
  readonly timeoutMs?: number;
  readonly limit?: number;
  /** Of a relation in parts, the answers of those nodes will do that can be asked. */
  readonly partial?: boolean;
};

/** The answers of a goal. */
export type Answers = {
  readonly goal: string;
  /** Whether there is any. */
  readonly holds: boolean;
  /** Whether no answer is ever withdrawn. */
  readonly final: boolean;
  readonly level: string;
  readonly columns: readonly Column[];
  readonly tuples: readonly ClientTuple[];
  /** Whether answers were left out at the limit. */
  readonly more: boolean;
  /** The nodes that could not be asked, of a relation in parts, where that was to do. */
  readonly missing?: readonly string[];
  /** What the answers hold, as it was asked. */
  readonly at: string;
  /** The epoch of the ordered plane that they are of; absent where the node has answered by
   * itself. */
  readonly epoch?: number;
  /** The free facts that are seen in that epoch: how many of each origin. */
  readonly frontier?: Readonly<Record<string, number>>;
  /** What the client has seen by now. */
  readonly session: string;
};

/** Returns the path at which a node answers a goal. */
export function queryPath(
  goal: string,
  { at, timeoutMs, limit, partial = false }: QueryOptions,
): string {
  const parameters = new URLSearchParams({
    ...{ goal, ...(limit && { limit: String(limit) }) },
    ...(at !== undefined && { at: String(at) }),
    ...(timeoutMs !== undefined && { timeout: String(timeoutMs) }),
    ...(partial && { partial: "true" }),
  });
  return `/v1/query?${parameters.toString()}`;
}

/** Returns the answers that a node sends, with the values that they stand for. */
export function answersOf(sent: unknown): Answers {
  const answers = sent as Answers;
  return { ...answers, tuples: answers.tuples.map((tuple) => decoded(tuple, answers.columns)) };
}
