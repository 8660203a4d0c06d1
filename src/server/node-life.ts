// One life of a node: its log, what it computes, who follows that, and its connections. A node
// begins a new one when it starts, and whenever its rules have to begin anew: they read who the
// members are, which has changed, or have to send again what a peer has lost.
import type { MaintainOptions } from "../engine/maintained.ts";
import { connectPeers } from "../runtime/node/connect-peers.ts";
import type { DurableLog, LogError } from "../runtime/node/durable-log.ts";
import type { Identity } from "../runtime/node/identity.ts";
import { openLog } from "../runtime/node/open-log.ts";
import type { PeerEvent, PeerNetwork } from "../runtime/node/peer-network.ts";
import type { PinnedKeys } from "../runtime/node/pinned-keys.ts";
import { signerOf } from "../runtime/node/signing.ts";
import type { Fact } from "../transducer/fact.ts";
import { heldBefore } from "../transducer/held-before.ts";
import { IncrementalTransducer } from "../transducer/incremental.ts";
import { sealedKeys } from "../transducer/key-seals.ts";
import { type Members, presentNames } from "../transducer/membership.ts";
import { Node, recordedMembers } from "../transducer/node.ts";
import { ownerFunctors, Owners } from "../transducer/owners.ts";
import type { Frame, LogRecord } from "../transducer/protocol.ts";
import type { Sealing } from "../transducer/seals.ts";
import { LiveRelation, type LiveSchema } from "./live-relation.ts";
import { LiveRelations } from "./live.ts";
import { formerMembers, givenMembers, peersAmong } from "./member-peers.ts";
import { memoryLog, type MemoryLog } from "./memory-log.ts";
import type { NodeProgram } from "./node-program.ts";
import type { NodeServerOptions } from "./node-server-options.ts";
import { type Answering, Shards } from "./shards.ts";

/** With what a node signs what it accepts, and checks what others say that they did. */
export type Signing = { readonly identity: Identity; readonly pins: PinnedKeys };

/** What a life is told, in turns. */
export type LifeEvents = {
  readonly onFlushed: (count: number) => void;
  readonly onFailed: (error: LogError) => void;
  readonly onConnected: (peer: string) => void;
  readonly onDisconnected: (peer: string) => void;
  readonly onFrame: (peer: string, frame: Frame) => void;
  /** How many facts of an origin have come, those that wait to be taken in among them. */
  readonly taken: (origin: string) => number;
  /** Whether nobody reads what becomes of an output now. */
  readonly unread: (relation: number) => boolean;
  readonly onText: (peer: string, text: string) => boolean;
  readonly onPeerEvent: (event: PeerEvent) => void;
};

/** One life of a node. */
export type NodeLife = {
  readonly log: DurableLog;
  readonly node: Node;
  readonly transducer: IncrementalTransducer;
  readonly live: LiveRelations;
  readonly network: PeerNetwork;
  /** The members with which its rules began. */
  readonly present: readonly string[];
  /** Who of them has what, where the program is evaluated in parts. */
  readonly shards: Shards | undefined;
  /** Those of a relation's tuples that this node tells of. */
  readonly told: Told;
  /** What the life before held of what rules send, and this one does not. */
  readonly inherited: readonly Fact[];
};

/** What a life has of those before it in the same process. */
export type Heritage = {
  /** Whether the node is to leave: it owns nothing any more. */
  readonly leaving: boolean;
  /** What was computed before owners changed, and has been told: it is answered until the new
   * owners have it. Absent in the first life, and where not all is known that was told. */
  readonly former?: readonly Answering[];
  /** What the life before computed with. Absent in the first life. */
  readonly before?: IncrementalTransducer;
};

type Told = (relation: number, tuples: readonly Fact["values"][]) => readonly Fact["values"][];

/** Opens the log of a node, which gives it a new incarnation; one in memory goes on from that of
 * the life before. Throws a `LogError`. */
export async function openNodeLog(
  { name, program, data, fsync, ephemeral = false }: NodeServerOptions,
  { onFlushed, onFailed }: Pick<LifeEvents, "onFlushed" | "onFailed">,
  before?: DurableLog | MemoryLog,
): Promise<DurableLog> {
  const kept = program.network.roles.map((role) => role.kept);
  const written = before !== undefined && "written" in before ? before.written() : [];
  if (ephemeral) return memoryLog({ onFlushed, kept }, written);
  return openLog(data, {
    ...{ name, fsync, program: program.hash, schema: program.schema, onFlushed, onFailed, kept },
  });
}

/** Begins a life with what the log holds. Nothing is told of it before the caller has given up its
 * turn. Throws a `StepFault` where the records cannot be evaluated. */
export function beginLife(
  options: NodeServerOptions,
  signing: Signing,
  log: DurableLog,
  events: LifeEvents,
  { leaving, former, before }: Heritage,
): NodeLife {
  const { node, transducer } = nodeOf(options, log, signing, leaving, events);
  const unknown = log.records.some(tells) ? "unknown" : [];
  log.forgetRecords();
  const { name, program, cluster, peers, token, tls } = options;
  const present = presentMembers(node.members, name, leaving);
  const shards = program.parts && new Shards(program.parts, name, present);
  if (shards !== undefined && haveChanged(node.members)) shards.unsettle(former ?? unknown);
  const told: Told = (relation, tuples) => shards?.told(relation, tuples) ?? tuples;
  const live = new LiveRelations(liveRelations(options, node, told));
  const network = connectPeers({
    ...{ name, cluster, signing, incarnation: log.incarnation },
    holds: (origin) => events.taken(origin),
    ...{ program: program.hash, schema: program.schema },
    peers: peersAmong(node.members, name, peers),
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls }),
    ...{ onConnected: events.onConnected, onDisconnected: events.onDisconnected },
    ...{ onFrame: events.onFrame, onText: events.onText, onEvent: events.onPeerEvent },
  });
  for (const [former, detail] of formerMembers(node.members)) network.remove(former, detail);
  const lost = before !== undefined && shards !== undefined;
  const inherited = lost ? heldBefore(program.network, before, transducer) : [];
  return { log, node, transducer, live, network, present, shards, told, inherited };
}

/** Returns the members whose rules reach each other, with or without a node that is to leave. */
export function presentMembers(members: Members, name: string, leaving: boolean): string[] {
  return presentNames(members).filter((member) => !leaving || member !== name);
}

/** How long a peer may take to get from others what these have accepted: somewhat longer than that
 * takes while they are busy, and not long where they cannot reach each other. */
const forwardMs = 200;

/** Whether others were members before: what they owned may not be where it is to be. */
function haveChanged(members: Members): boolean {
  return [...members.values()].some(({ epoch, status }) => epoch > 0 || status !== "member");
}

/** Whether something may have been told that follows from a record. */
function tells({ kind }: LogRecord): boolean {
  return kind !== "members";
}

function nodeOf(
  options: NodeServerOptions,
  { incarnation, records }: DurableLog,
  { identity }: Signing,
  leaving: boolean,
  { unread }: Pick<LifeEvents, "unread">,
): Pick<NodeLife, "node" | "transducer"> {
  const { name, program, backend, functors, evaluation, cluster, application } = options;
  const { network, plan, grows, floods, onDemand, question, parts } = program;
  const key = Buffer.from(identity.publicKey).toString("base64");
  const members = givenMembers(name, key, options.peers);
  const present = presentMembers(recordedMembers(members, records), name, leaving);
  const owning = ownerFunctors(plan.functors, new Owners(present));
  const evaluated = { backend, functors: { ...functors, ...owning }, limits: evaluation };
  const how = { network, plan, grows, onDemand, question, unread, ...evaluated };
  const transducer = new IncrementalTransducer(how, name, present);
  const kept = network.roles.map((role) => role.kept);
  const sign = signerOf(identity, { cluster, program: program.hash, schema: program.schema });
  const sealing = sealingOf(program, name, { members, present }, evaluated);
  const sealed = parts && sealedKeys(parts, (fact) => transducer.has(fact));
  const cleaning = application?.cleaning;
  const settings = {
    ...{ name, incarnation, members, transducer, kept, floods, sign, sealing },
    limits: { forwardMs },
    ...(sealed && { sealed }),
    ...(cleaning && { cleaning }),
  };
  return { transducer, node: new Node(settings, records) };
}

function sealingOf(
  { network, sealing: { relation, awaited, rules, early } }: NodeProgram,
  name: string,
  { members, present }: { readonly members: Members; readonly present: readonly string[] },
  evaluated: Pick<MaintainOptions, "backend" | "functors" | "limits">,
): Sealing {
  const names = network.roles.map((role) => role.name);
  if (early === undefined)
    return { ...{ relation, names, members, rules }, ...(awaited && { awaited }) };
  const transducer = new IncrementalTransducer({ ...evaluated, ...early }, name, present);
  return {
    ...{ relation, names, members, rules, early: { transducer, reads: early.relations } },
    ...(awaited && { awaited }),
  };
}

/** The outputs, as those who follow them see them. */
function liveRelations({ program: of, application }: NodeServerOptions, node: Node, told: Told) {
  const { program, verdict, network } = of;
  const { structures, relations } = program;
  const life = node.origin.slice(node.origin.lastIndexOf("/") + 1);
  return new Map(
    network.roles.flatMap(({ output, snapshot }, at): [number, LiveRelation][] => {
      const relation = relations[at];
      const reserved = application?.reserved.has(at) === true;
      if (!output || relation === undefined || reserved) return [];
      const { name, attributes, lattices = [] } = relation;
      const mode = snapshot ? "view" : lattices.length > 0 ? "rows" : "additions";
      const schema: LiveSchema = {
        ...{ name, attributes, structures, mode, latticeColumns: lattices.length },
        final: verdict.relations[at]?.final === true,
      };
      return [[at, new LiveRelation(schema, life, () => told(at, node.tuples(at)))]];
    }),
  );
}
