import type { Relation } from "../analysis/program.ts";
import { suggest } from "../base/suggest.ts";
import type { CaughtUp } from "../runtime/node/caught-up.ts";
import type { DurableLog } from "../runtime/node/durable-log.ts";
import type { PeerNetwork } from "../runtime/node/peer-network.ts";
import type { PinnedKeys } from "../runtime/node/pinned-keys.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Problem } from "./http/problem.ts";
import type { Logger } from "./logger.ts";
import type { OrderedService } from "./ordered/service.ts";
import type { OwnNode } from "./own-node.ts";
import type { Parts } from "./parts.ts";
import type { Waits } from "./waits.ts";

/** A node that runs, as its routes see it. What is of one life is another when they look again:
 * they keep none of it. */
export type NodeService = OwnNode & {
  readonly version: string;
  readonly network: PeerNetwork;
  readonly cluster: string;
  readonly pins: PinnedKeys;
  readonly log: DurableLog;
  /** What it waits for that has joined. */
  readonly caughtUp: CaughtUp;
  /** What other nodes have, where the program is evaluated in parts. */
  readonly parts?: Parts;
  /** Looked at whenever the node, or a peer, may hold more than before. */
  readonly waits: Waits;
  /** The node's part of the ordered plane, where it has one. */
  readonly ordered?: OrderedService;
  readonly functors: Implementations;
  readonly logger: Logger;
  /** Relations that clients neither insert into nor follow. */
  readonly reserved: ReadonlySet<number>;
  /** Its data folder. */
  readonly data: string;
  readonly startedMs: number;
  readonly nowMs: () => number;
  readonly drain: () => void;
  /** Has others own what this node does, where the program is evaluated in parts: it is to leave.
   * Resolves when it has begun to send them what they lack. */
  readonly handOver: () => Promise<void>;
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
