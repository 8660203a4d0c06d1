// The ordered plane, as programs elsewhere see it: transactions, which are carried out once however
// often they are asked for.
import { ClientSession } from "./client-session.ts";
import { Endpoints, type EndpointOptions } from "./endpoints.ts";
import { NodeError } from "./node-error.ts";
import { type Answers, answersOf, queryPath, type QueryOptions } from "./queries.ts";
import { type ClientValue, encoded } from "./values.ts";

/** How a transaction is asked for. */
export type TransactionOptions = {
  readonly signal?: AbortSignal;
  /** The name of the request: what is asked again under one name is carried out once. Made up where
   * none is given. */
  readonly id?: string;
};

/** How a transaction has ended. */
export type TransactionEnd =
  | {
      readonly status: "done";
      readonly id: string;
      readonly epoch: number;
      /** Its place in the order of all transactions. */
      readonly position: number;
      /** How many rows it has removed, and inserted. */
      readonly removed: number;
      readonly inserted: number;
    }
  /** Nothing is changed. */
  | {
      readonly status: "aborted";
      readonly id: string;
      readonly epoch: number;
      readonly position: number;
      readonly reason: string;
    };

/** A transaction of the program. */
export type TransactionInfo = {
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly kind: string;
  }[];
};

/** How far something is carried out. */
export type OrderedProgress = { readonly epoch: number; readonly hash: string };

/** The partition of a replica that a node is. */
export type OrderedPlace = { readonly replica: number; readonly partition: number };

/** What a node knows of a member of the ordered plane. */
export type OrderedMember = {
  readonly name: string;
  readonly connected: boolean;
  /** Whether the log names it as a member. */
  readonly member: boolean;
  readonly place?: OrderedPlace;
  readonly completed?: OrderedProgress;
  /** The epoch of its last checkpoint. */
  readonly checkpoint?: number;
};

/** Who is a member, as the log says, and where. */
export type OrderedMemberPlace = OrderedPlace & { readonly name: string };

/** How things stand with the ordered plane at a node. */
export type OrderedStatus = {
  readonly name: string;
  readonly place: OrderedPlace;
  readonly partitions: number;
  readonly replicas: number;
  readonly log: { readonly kind: string; readonly tail: number };
  readonly completed: OrderedProgress;
  readonly pending: {
    readonly sequencer: number;
    readonly partition: number;
    readonly clients: number;
  };
  readonly checkpoint?: number;
  /** The oldest epoch that can be asked about. */
  readonly horizon: number;
  readonly frontier: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly members: readonly OrderedMember[];
};

/** A checkpoint that was made. */
export type OrderedCheckpoint = OrderedProgress & {
  readonly rows: number;
  readonly bytes: number;
};

/** The log that a node keeps in files. */
export type OrderedLogState = {
  readonly role: "leader" | "follower" | "fenced";
  readonly term: number;
  /** The last epoch that is on its disk. */
  readonly tail: number;
};

/** Nobody has said how a transaction ended: whether it is carried out is open. Asking again with
 * the same id is safe, and tells. */
export class TransactionUnknown extends Error {
  override readonly name = "TransactionUnknown";
  readonly id: string;

  constructor(id: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`nobody has said whether the transaction ${id} is carried out: ${why}`, { cause });
    this.id = id;
  }
}

/** How long a node may take to answer until the next one is asked. */
const callMs = 15_000;

/** A client of the ordered plane, which is asked at any of its nodes. */
export class OrderedClient {
  private readonly urls: string | readonly string[];
  private readonly options: EndpointOptions;
  private readonly nodes: Endpoints;

  constructor(urls: string | readonly string[], options: EndpointOptions = {}) {
    this.urls = urls;
    this.options = options;
    this.nodes = new Endpoints(urls, { callMs, ...options });
  }

  /** Returns a client whose questions follow its transactions, and what it has seen, at whatever
   * node: `current.text` takes that along, and is given back as `text`. */
  session(text?: string): OrderedClient & { readonly current: ClientSession } {
    const session = new ClientSession(text);
    const client = new OrderedClient(this.urls, { ...this.options, session });
    return Object.assign(client, { current: session });
  }

  /** Carries out a transaction; resolves when it is carried out, or has aborted. What fails on the
   * way is sent again, at one node after the other, under the same id. Throws a `NodeError` where
   * it is refused, and a `TransactionUnknown` where nobody has said how it ended. */
  async transaction(
    name: string,
    args: readonly ClientValue[] | Readonly<Record<string, ClientValue>>,
    { signal, id = crypto.randomUUID() }: TransactionOptions = {},
  ): Promise<TransactionEnd> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": id },
      body: encoded({ args }),
    };
    const path = `/v1/transactions/${encodeURIComponent(name)}`;
    try {
      return (await this.asked(path, init, signal)) as TransactionEnd;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof NodeError)) throw new TransactionUnknown(id, error);
      if (error.code === "aborted") return { ...abortedOf(error), id, status: "aborted" };
      if (error.retryAfterMs !== undefined) throw new TransactionUnknown(id, error);
      throw error;
    }
  }

  /** Returns the answers of a goal, such as `total(X)`. */
  async query(goal: string, options: QueryOptions = {}): Promise<Answers> {
    return answersOf(await this.asked(queryPath(goal, options), {}, options.signal));
  }

  /** Returns the transactions of the program. */
  async transactions({ signal }: { readonly signal?: AbortSignal } = {}): Promise<
    readonly TransactionInfo[]
  > {
    const found = (await this.asked("/v1/transactions", {}, signal)) as {
      readonly transactions: readonly TransactionInfo[];
    };
    return found.transactions;
  }

  /** Returns how things stand at the node that answers. */
  async status({ signal }: { readonly signal?: AbortSignal } = {}): Promise<OrderedStatus> {
    return (await this.asked("/v1/ordered", {}, signal)) as OrderedStatus;
  }

  /** Has the node that answers make a checkpoint of its partition. */
  async checkpoint({ signal }: { readonly signal?: AbortSignal } = {}): Promise<OrderedCheckpoint> {
    const init = { method: "POST" };
    return (await this.asked("/v1/ordered/checkpoint", init, signal)) as OrderedCheckpoint;
  }

  /** Has the log name another member, or one no longer; resolves with all once it does. One who is
   * to be added is connected, and has said where it is. */
  async changeMembers(
    change: { readonly add: string } | { readonly remove: string },
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly OrderedMemberPlace[]> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(change) };
    const found = (await this.asked("/v1/ordered/members", init, signal)) as {
      readonly members: readonly OrderedMemberPlace[];
    };
    return found.members;
  }

  /** Has the node that answers lead the log that it follows: an operator does so once the leader is
   * dead. Epochs that it had not fetched are lost. */
  async promote({ signal }: { readonly signal?: AbortSignal } = {}): Promise<OrderedLogState> {
    return (await this.asked("/v1/log/promote", { method: "POST" }, signal)) as OrderedLogState;
  }

  private asked(path: string, init: RequestInit, signal: AbortSignal | undefined) {
    return this.nodes.asked(path, init, signal, (response) => response.json());
  }
}

function abortedOf({ more }: NodeError): {
  readonly reason: string;
  readonly epoch: number;
  readonly position: number;
} {
  const { reason, epoch, position } = more;
  return { reason: String(reason), epoch: Number(epoch), position: Number(position) };
}
