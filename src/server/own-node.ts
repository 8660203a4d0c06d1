import type { IncrementalTransducer } from "../transducer/incremental.ts";
import type { Node } from "../transducer/node.ts";
import { type HttpLimits, httpLimits } from "./http/http-limits.ts";
import type { LiveRelations } from "./live.ts";
import type { NodeDriver } from "./node-driver.ts";
import type { NodeProgram } from "./node-program.ts";

/** A node that runs, without what it knows of others. */
export type OwnNode = {
  readonly name: string;
  readonly program: NodeProgram;
  readonly node: Node;
  readonly transducer: IncrementalTransducer;
  readonly driver: NodeDriver;
  readonly live: LiveRelations;
  readonly limits: ServiceLimits;
  /** Whether clients' facts are refused, since the node is to stop. */
  readonly draining: () => boolean;
};

/** The limits of what clients may ask. */
export type ServiceLimits = HttpLimits & {
  /** The body of one request. */
  readonly bodyBytesMax: number;
  /** Facts of one request: they travel in one frame. */
  readonly requestFactsMax: number;
  /** Tuples of one answer as JSON, unless the client says less. */
  readonly answerTuplesMax: number;
  /** Tuples that a goal may depend on which is to be explained. */
  readonly whyTuplesMax: number;
  /** Requests with facts that wait for the disk. */
  readonly waitingRequestsMax: number;
  /** Those who follow outputs. */
  readonly followersMax: number;
  /** Bytes on their way to a follower, above which it is waited for. */
  readonly followerBytesMax: number;
  /** How often a follower is told that the connection lives. */
  readonly heartbeatMs: number;
};

/** The limits of what clients may ask unless others are given. */
export const serviceLimits: ServiceLimits = {
  ...httpLimits,
  bodyBytesMax: 8 << 20,
  requestFactsMax: 1 << 16,
  answerTuplesMax: 10_000,
  whyTuplesMax: 1_000_000,
  waitingRequestsMax: 10_000,
  followersMax: 1_000,
  followerBytesMax: 1 << 20,
  heartbeatMs: 15_000,
};
