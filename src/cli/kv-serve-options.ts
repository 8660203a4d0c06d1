import type { NodeOptions } from "./node.ts";

/** The options of `calm kv serve`. */
export type KvServeOptions = NodeOptions & {
  /** A program with the store's relations and more. */
  readonly program?: string;
  /** Keep nothing when the node stops. */
  readonly ephemeral?: boolean;
  /** How many nodes to start on this machine. */
  readonly nodes?: number;
  /** How often is cleaned up, in milliseconds. */
  readonly gcInterval?: number;
};
