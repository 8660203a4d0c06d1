// What nodes say to each other, what they write down, and what they are told: values that a driver
// carries. How they become bytes is the runtime's.
//
// Input facts are shared: every node comes to hold all of them, and passes them on. Each has a dot:
// the node that accepted it, that node's incarnation, and a sequence number there. What a node
// holds of an origin has no gaps, so one number per origin says what it holds (a version vector).
// What rules send (`:~`) is a message: it goes from one node to another and is numbered on the way
// between the two.
import type { Fact } from "./fact.ts";
import type { Members } from "./membership.ts";
import type { Gone } from "./ranges.ts";

/** A node in one of its lives, as text: `name/incarnation`. Dots of one origin are never used
 * twice, because a node that comes back, or is restored, begins a new incarnation. */
export type Origin = string;

/** The name of the node that an origin is a life of. */
export function nameOf(origin: Origin): string {
  return origin.slice(0, origin.lastIndexOf("/"));
}

/** Which life of its node an origin is. */
export function incarnationOf(origin: Origin): number {
  return Number(origin.slice(origin.lastIndexOf("/") + 1));
}

/** For each origin how many of its facts are held: those numbered 1 to that number. */
export type VersionVector = ReadonlyMap<Origin, number>;

/** Facts that one origin accepted together: `from` is the number of the first. They are held and
 * passed on together. */
export type Batch = {
  readonly origin: Origin;
  readonly from: number;
  readonly facts: readonly Fact[];
  /** How many facts the first of its two parts has (`batch-parts.ts`), where it has two: at least
   * one, and not all. */
  readonly split?: number;
  /** The client's name for the request, under which repeating it changes nothing. */
  readonly request?: string;
  /** What the origin's key made of all the rest. */
  readonly signature?: string;
};

/** What one node sends another. Frames may be lost, repeated, reordered and late. */
export type Frame =
  /** Opens a connection: what the sender holds, and which of the receiver's messages it has. */
  | {
      readonly kind: "hello";
      readonly origin: Origin;
      readonly holds: VersionVector;
      readonly heard: Heard;
      /** The last change of what is gone at the receiver that the sender has, durably. */
      readonly cleared?: Heard;
      /** Whether the sender has to hear a hello, too. */
      readonly reply: boolean;
    }
  | { readonly kind: "batch"; readonly batch: Batch }
  /** Messages of rules, the first of which has the number `from` among those of the sender's
   * incarnation to this receiver. */
  | {
      readonly kind: "messages";
      readonly origin: Origin;
      readonly from: number;
      readonly facts: readonly Fact[];
    }
  /** What the sender now holds, durably, and has heard. */
  | {
      readonly kind: "ack";
      readonly holds: VersionVector;
      readonly heard: Heard;
      readonly cleared?: Heard;
    }
  /** What has gone at the sender, durably, up to the change of that number: all of it, or what went
   * since the last change that the receiver is known to have. */
  | {
      readonly kind: "gone";
      readonly origin: Origin;
      readonly number: number;
      readonly gone: Gone;
    }
  /** What the sender knows, durably, of who the members are. */
  | {
      readonly kind: "members";
      readonly members: Members;
      /** Whether the sender has to hear what the receiver knows. */
      readonly reply: boolean;
    };

/** The last message that was received of a node, with the incarnation that sent it; all before it
 * were received too. */
export type Heard = { readonly origin: Origin; readonly number: number } | undefined;

/** What a node writes down, in this order, and is given when it starts again. */
export type LogRecord =
  | { readonly kind: "batch"; readonly batch: Batch }
  /** What the rules of a peer have sent; of the node itself, what an earlier life of it held. */
  | {
      readonly kind: "messages";
      readonly peer: string;
      readonly origin: Origin;
      readonly from: number;
      readonly facts: readonly Fact[];
    }
  /** What the node learned of the members. */
  | { readonly kind: "members"; readonly members: Members }
  /** What is gone from then on: facts of batches before, and of ones that are still to come. */
  | { readonly kind: "gone"; readonly gone: Gone };

/** A batch that a peer sent. */
export type PeerBatch = { readonly peer: string; readonly batch: Batch };

/** A client inserts facts; `request` names the attempt. */
export type InsertRequest = {
  readonly request: string;
  readonly facts: readonly Fact[];
  /** How many facts the first of two parts of its batch has. */
  readonly split?: number;
  /** The request is sent once: it need not be known again. */
  readonly once?: boolean;
};

/** What happens to a node. */
export type NodeInput =
  | ({ readonly kind: "insert" } & InsertRequest)
  /** Clients insert at once: it is as if they did one after the other. */
  | { readonly kind: "inserts"; readonly inserts: readonly InsertRequest[] }
  /** The node's share of these relations is complete: it takes in no more of them. */
  | { readonly kind: "seal"; readonly request: string; readonly relations: readonly number[] }
  /** The node is told of members: of one that is admitted, has another address, leaves, or is
   * forgotten. */
  | { readonly kind: "members"; readonly members: Members }
  | { readonly kind: "connected" | "disconnected"; readonly peer: string }
  | { readonly kind: "frame"; readonly peer: string; readonly frame: Frame }
  /** Frames with batches come at once: it is as if they came one after the other. */
  | { readonly kind: "batches"; readonly batches: readonly PeerBatch[] }
  /** The first that happens in a life: an earlier one held these messages, and what follows from
   * them was told. */
  | { readonly kind: "inherited"; readonly facts: readonly Fact[] }
  /** What rules say is of no use is let go, where nothing can bring back what it was needed
   * against. */
  | { readonly kind: "collect" }
  /** All records that were given out before the `count`-th are durable. */
  | { readonly kind: "persisted"; readonly count: number }
  | { readonly kind: "tick"; readonly nowMs: number };

/** What a node does. */
export type NodeOutput = {
  readonly frames: readonly { readonly to: string; readonly frame: Frame }[];
  /** To be made durable, after all that came before. */
  readonly records: readonly LogRecord[];
  /** Requests whose facts are durable here, with the dots that they got. */
  readonly accepted: readonly Accepted[];
  /** Requests that insert into what the node has sealed. Nothing of them was taken in. */
  readonly refused: readonly { readonly request: string; readonly sealed: number }[];
  readonly changes: readonly Change[];
  /** What is new, and durable, of the members. Unless inputs flood, rules may depend on who they
   * are, and have sent to them: then the node has to begin a new life. */
  readonly members: Members;
  /** Peers that have forgotten messages which this node has not any more: they lost the end of
   * their log. The node has to begin a new life, in which its rules send all messages again. */
  readonly stalled: readonly string[];
  /** Facts that rules addressed to nodes that are no peers. */
  readonly undeliverable: number;
};

/** A request that was accepted: its facts are numbered from `from` to `to`. */
export type Accepted = {
  readonly request: string;
  readonly origin: Origin;
  readonly from: number;
  readonly to: number;
};

/** What became of an output relation: tuples are new; where the relation has a lattice they take
 * the place of those with the same key; where it is `replaced`, they are all there is. */
export type Change = {
  readonly relation: number;
  readonly tuples: readonly Fact["values"][];
  readonly replaced: boolean;
};
