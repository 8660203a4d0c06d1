import type { Relation } from "../analysis/program.ts";
import { suggest } from "../base/suggest.ts";
import type { DurableLog } from "../runtime/node/durable-log.ts";
import type { PeerNetwork } from "../runtime/node/peer-network.ts";
import type { PinnedKeys } from "../runtime/node/pinned-keys.ts";
import type { IncrementalTransducer } from "../transducer/incremental.ts";
import type { Node } from "../transducer/node.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Problem } from "./http/problem.ts";
import type { LiveRelations } from "./live.ts";
import type { Logger } from "./logger.ts";
import type { NodeDriver } from "./node-driver.ts";
import type { NodeProgram } from "./node-program.ts";
import type { Parts } from "./parts.ts";

/** A node that runs, as its routes see it. What is of one life is another when they look again:
 * they keep none of it. */
export type NodeService = {
  readonly name: string;
  readonly version: string;
  readonly program: NodeProgram;
  readonly node: Node;
  readonly transducer: IncrementalTransducer;
  readonly driver: NodeDriver;
  readonly network: PeerNetwork;
  readonly cluster: string;
  readonly pins: PinnedKeys;
  readonly log: DurableLog;
  readonly live: LiveRelations;
  /** What other nodes have, where the program is evaluated in parts. */
  readonly parts?: Parts;
  readonly functors: Implementations;
  readonly logger: Logger;
  readonly limits: ServiceLimits;
  /** Relations that clients neither insert into nor follow. */
  readonly reserved: ReadonlySet<number>;
  readonly startedMs: number;
  readonly nowMs: () => number;
  /** Whether clients' facts are refused, since the node is to stop. */
  readonly draining: () => boolean;
  readonly drain: () => void;
  /** Has others own what this node does, where the program is evaluated in parts: it is to leave.
   * Resolves when it has begun to send them what they lack. */
  readonly handOver: () => Promise<void>;
};

/** The limits of what clients may ask. */
export type ServiceLimits = {
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
  bodyBytesMax: 8 << 20,
  requestFactsMax: 1 << 16,
  answerTuplesMax: 10_000,
  whyTuplesMax: 1_000_000,
  waitingRequestsMax: 10_000,
  followersMax: 1_000,
  followerBytesMax: 1 << 20,
  heartbeatMs: 15_000,
};

/** Whether a relation can be asked about: it is of the text, and not put into others. */
export function asked({ name, inlined }: Relation): boolean {
  return !inlined && !name.startsWith("#");
}

/** Returns the place of a relation that can be asked about; throws a problem where it is none. */
export function relationNamed({ program: { program } }: NodeService, name: string): number {
  const at = program.relations.findIndex((relation) => relation.name === name);
  const relation = program.relations[at];
  if (relation !== undefined && asked(relation)) return at;
  const names = program.relations.flatMap((one) => (asked(one) ? [one.name] : []));
  const near = suggest(name, names);
  const hint = near === undefined ? {} : { hint: `did you mean "${near}"?` };
  throw new Problem(404, "unknown-relation", `there is no relation "${name}"`, hint);
}
