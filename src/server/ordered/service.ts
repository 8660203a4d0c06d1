import type { Answer } from "../../calvin/replica.ts";
import type { Value } from "../../value/schema.ts";
import type { Route } from "../http/router.ts";
import type { Metric } from "../metrics.ts";
import type { Answering } from "./question.ts";
import type { OrderedReads } from "./reads.ts";

/** A transaction that a client wants. */
export type WantedTransaction = {
  /** Under one name it is carried out once. */
  readonly id: string;
  readonly transaction: string;
  readonly args: readonly Value[];
};

/** The ordered plane of a node that runs. */
export type OrderedService = {
  readonly reads: OrderedReads;
  /** Answers goals at epochs. */
  readonly questions: Answering;
  readonly routes: readonly Route[];
  /** Has a transaction carried out; resolves with how it ended. Throws a `Problem` where too much
   * waits, or where nobody says so in time. */
  submit(wanted: WantedTransaction): Promise<Answer>;
  /** Answers what another member asks. Throws a `Problem`. */
  answer(peer: string, ask: unknown): Promise<unknown>;
  /** Takes in what another member tells. */
  told(peer: string, news: unknown): void;
  metrics(): Metric[];
  /** Ends what goes on; resolves when the log and the storage are closed. */
  close(): Promise<void>;
};

/** How the ordered plane of a node reaches the others, and ends it. */
export type OrderedLinks = {
  /** Asks a member. Throws the `Problem` that it answers with, or `PeerAway`. */
  readonly ask: (peer: string, what: object, answerMs?: number) => Promise<unknown>;
  /** Tells a member, if it is connected; returns whether that is on its way. */
  readonly tell: (peer: string, what: object) => boolean;
  /** The node cannot go on. */
  readonly stop: (error: Error) => void;
};
