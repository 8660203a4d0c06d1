// A node, as programs elsewhere see it: in Node and in browsers, with nothing but `fetch`.
import { ClientSession, sessionHeader } from "./client-session.ts";
import { eventData } from "./events.ts";
import type { Explanation } from "./explanation.ts";
import { KvClient } from "./kv-client.ts";
import { errorOf } from "./node-error.ts";
import { type Answers, answersOf, queryPath, type QueryOptions } from "./queries.ts";
import { OrderedClient, type TransactionEnd, type TransactionOptions } from "./ordered-client.ts";
import { Retry, type RetryOptions } from "./retry.ts";
import { type ClientTuple, type ClientValue, type Column, decoded, encoded } from "./values.ts";

/** How a client asks. */
export type ClientOptions = {
  /** The secret of the node. */
  readonly token?: string;
  readonly retry?: Partial<RetryOptions>;
  /** What requests are made with; the platform's `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /** What questions follow, and what takes note of all that is written and seen. */
  readonly session?: ClientSession;
};

/** What every call takes. */
export type CallOptions = { readonly signal?: AbortSignal };

/** What is said of facts that are durable. */
export type Inserted = {
  readonly relation: string;
  readonly facts: number;
  /** The node in one of its lives; the facts have the numbers from `from` to `to` there. */
  readonly origin?: string;
  readonly from?: number;
  readonly to?: number;
};

/** What is to be sealed: a relation, or one key of a relation in parts. */
export type ToSeal = string | { readonly relation: string; readonly key?: readonly ClientValue[] };

/** How things stand with the seals of a relation. */
export type SealState = {
  readonly relation: string;
  /** Whether the node answers nothing before all have sealed it. */
  readonly awaited: boolean;
  /** The members that have sealed it, and those that have not. */
  readonly sealed: readonly string[];
  readonly missing: readonly string[];
  /** Whether all have, and the node holds all of it. */
  readonly complete: boolean;
};

/** A relation of the node's program. */
export type RelationInfo = {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly input: boolean;
  readonly output: boolean;
  readonly level: string;
  readonly final: boolean;
  readonly tuples: number;
};

/** How things stand with a node. */
export type NodeStatus = {
  readonly name: string;
  readonly state: string;
  /** The hash of its program. */
  readonly program: string;
  /** How many facts of each origin are durable there. */
  readonly holds: Readonly<Record<string, number>>;
  readonly peers: readonly { readonly name: string; readonly connected: boolean }[];
};

/** What one who follows an output is told. */
export type LiveChange =
  /** What was told before is of no use: all there is follows. */
  | { readonly kind: "reset" }
  /** Tuples are there from now on. */
  | { readonly kind: "added"; readonly final: boolean; readonly tuples: readonly ClientTuple[] }
  /** The lattice values of rows have grown from `old` (none: null) to `new`. */
  | { readonly kind: "changed"; readonly rows: readonly LiveRow[] }
  /** Tuples of a snapshot have come, or are gone. */
  | {
      readonly kind: "viewed";
      readonly tuples: readonly ClientTuple[];
      readonly removed: readonly ClientTuple[];
    }
  /** All that there was has been told; `position` is where another subscription can go on. */
  | { readonly kind: "current"; readonly position: string };

/** A row with lattice values. */
export type LiveRow = {
  readonly key: ClientTuple;
  readonly old: ClientTuple | null;
  readonly new: ClientTuple;
};

/** What a node sends to those who follow. */
type Message = { readonly position?: string } & (
  | { readonly kind: "start"; readonly reset: boolean; readonly columns: readonly Column[] }
  | Extract<LiveChange, { kind: "added" | "changed" | "current" }>
  | {
      readonly kind: "viewed";
      readonly tuples: readonly ClientTuple[];
      readonly removed?: readonly ClientTuple[];
    }
);

/** A client of one node. It keeps no connection but those of subscriptions. */
export class NodeClient {
  private readonly url: string;
  private readonly options: ClientOptions;

  constructor(url: string, options: ClientOptions = {}) {
    this.url = url.replace(/\/$/, "");
    this.options = options;
  }

  /** The store that the node serves, where it is one (`calm kv serve`). `others` are more of its
   * nodes, to ask when this one does not answer. */
  kv(others: readonly string[] = []): KvClient {
    return new KvClient([this.url, ...others], this.options);
  }

  /** The ordered plane that the node is part of (`calm node --ordered`). `others` are more of its
   * nodes, to ask when this one does not answer. */
  ordered(others: readonly string[] = []): OrderedClient {
    return new OrderedClient([this.url, ...others], this.options);
  }

  /** Carries out a transaction of the ordered plane; resolves when it is carried out, or has
   * aborted. What fails on the way is sent again under the same id, so that it is done once. Throws
   * as `OrderedClient` does. */
  transaction(
    name: string,
    args: readonly ClientValue[] | Readonly<Record<string, ClientValue>>,
    options: TransactionOptions = {},
  ): Promise<TransactionEnd> {
    return this.ordered().transaction(name, args, options);
  }

  /** Inserts facts, as arrays or objects; resolves when they are durable. What fails on the way is
   * sent again, under the same key, so that it is inserted once. Throws a `NodeError` where the
   * node does not take them. */
  async insert(
    relation: string,
    rows: readonly (readonly unknown[] | Readonly<Record<string, unknown>>)[],
    { signal, key = crypto.randomUUID() }: CallOptions & { readonly key?: string } = {},
  ): Promise<Inserted> {
    return (await this.asked(`/v1/facts/${encodeURIComponent(relation)}`, signal, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: encoded(rows),
    })) as Inserted;
  }

  /** Says that the node's share of inputs is complete; returns when that is durable. From then on
   * the node takes no more of their facts (`NodeError` with the code `sealed`). */
  async seal(
    relations: readonly ToSeal[] | "all",
    { signal, key = crypto.randomUUID() }: CallOptions & { readonly key?: string } = {},
  ): Promise<readonly SealState[]> {
    const said = (await this.asked("/v1/seal", signal, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: encoded({ relations }),
    })) as { readonly relations: readonly SealState[] };
    return said.relations;
  }

  /** Returns a client whose questions follow what it has written and seen, at whatever node:
   * `current.text` takes that along, and is given back as `text`. */
  session(text?: string): NodeClient & { readonly current: ClientSession } {
    const session = new ClientSession(text);
    const client = new NodeClient(this.url, { ...this.options, session });
    return Object.assign(client, { current: session });
  }

  /** Returns the answers of a goal, such as `path(1, X)`. */
  async query(goal: string, options: QueryOptions = {}): Promise<Answers> {
    const { session } = this.options;
    const headers = session === undefined ? {} : { headers: { [sessionHeader]: session.text } };
    return answersOf(await this.asked(queryPath(goal, options), options.signal, headers));
  }

  /** Returns why what fits a goal holds at the node: of the first tuples that do. With `absence`,
   * of one tuple that does not hold, why not. */
  async why(
    goal: string,
    { signal, ...more }: CallOptions & { readonly depth?: number; readonly absence?: boolean } = {},
  ): Promise<Explanation> {
    return (await this.asked("/v1/why", signal, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ goal, ...more }),
    })) as Explanation;
  }

  /** Returns the relations of the node's program. */
  async relations({ signal }: CallOptions = {}): Promise<readonly RelationInfo[]> {
    const found = (await this.asked("/v1/relations", signal)) as {
      readonly relations: readonly RelationInfo[];
    };
    return found.relations;
  }

  /** Returns how things stand with the node. */
  async status({ signal }: CallOptions = {}): Promise<NodeStatus> {
    return (await this.asked("/v1/status", signal)) as NodeStatus;
  }

  /** Yields the tuples of a relation, page by page. */
  async *relation(
    name: string,
    { signal, pageTuples = 1_000 }: CallOptions & { readonly pageTuples?: number } = {},
  ): AsyncGenerator<ClientTuple, void, undefined> {
    type Page = {
      readonly columns: readonly Column[];
      readonly tuples: readonly ClientTuple[];
      readonly next?: string;
    };
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const from: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const path = `/v1/relations/${encodeURIComponent(name)}?limit=${pageTuples}${from}`;
      const { columns, tuples, next } = (await this.asked(path, signal)) as Page;
      for (const tuple of tuples) yield decoded(tuple, columns);
      cursor = next;
    }
  }

  /** Yields what an output holds and then what becomes of it, until the signal or the loop ends it.
   * A connection that is lost is made again, and goes on where it was left; where that cannot be,
   * there is a `reset` and all that there is. */
  async *subscribe(
    relation: string,
    { signal, from }: CallOptions & { readonly from?: string } = {},
  ): AsyncGenerator<LiveChange, void, undefined> {
    const retry = new Retry(this.options.retry);
    let position = from;
    let columns: readonly Column[] = [];
    for (;;) {
      // Ends the connection when nobody takes what comes.
      const end = new AbortController();
      const stop = (): void => {
        end.abort(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      try {
        signal?.throwIfAborted();
        for await (const data of await this.followed(relation, position, end.signal)) {
          retry.reset();
          const message = JSON.parse(data) as Message;
          if (message.kind === "start") {
            ({ columns } = message);
            if (!message.reset) continue;
            position = undefined;
            yield { kind: "reset" };
            continue;
          }
          yield changeOf(message, columns);
          position = message.position ?? position;
        }
        // The node has ended the connection: it is going away, or we were too slow.
        await retry.after(new TypeError("the connection has ended"), signal);
      } catch (error) {
        await retry.after(error, signal);
      } finally {
        signal?.removeEventListener("abort", stop);
        end.abort();
      }
    }
  }

  private async followed(
    relation: string,
    position: string | undefined,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<string>> {
    const from = position === undefined ? "" : `?from=${encodeURIComponent(position)}`;
    const path = `/v1/live/${encodeURIComponent(relation)}${from}`;
    const { body } = await this.fetched(path, { signal });
    if (body === null) throw new TypeError("the response has no body");
    return eventData(body);
  }

  /** Asks until there is an answer, or an error that asking again does not mend. */
  private async asked(
    path: string,
    signal: AbortSignal | undefined,
    init: RequestInit = {},
  ): Promise<unknown> {
    const retry = new Retry({ attemptsMax: 8, ...this.options.retry });
    for (;;) {
      try {
        const response = await this.fetched(path, { ...init, ...(signal && { signal }) });
        return await response.json();
      } catch (error) {
        await retry.after(error, signal);
      }
    }
  }

  private async fetched(path: string, init: RequestInit): Promise<Response> {
    const { token, fetch: make = fetch } = this.options;
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const response = await make(`${this.url}${path}`, { ...init, headers });
    if (!response.ok) throw await errorOf(response);
    this.options.session?.add(response.headers.get(sessionHeader) ?? "");
    return response;
  }
}

function changeOf(
  message: Exclude<Message, { kind: "start" }>,
  columns: readonly Column[],
): LiveChange {
  const all = (tuples: readonly ClientTuple[]) => tuples.map((tuple) => decoded(tuple, columns));
  switch (message.kind) {
    case "added":
      return { kind: "added", final: message.final, tuples: all(message.tuples) };
    case "viewed":
      return { kind: "viewed", tuples: all(message.tuples), removed: all(message.removed ?? []) };
    case "changed":
      return { kind: "changed", rows: message.rows.map((row) => rowOf(row, columns)) };
    case "current":
      return { kind: "current", position: message.position };
  }
}

function rowOf(row: LiveRow, columns: readonly Column[]): LiveRow {
  const values = columns.slice(row.key.length);
  const key: readonly ClientValue[] = decoded(row.key, columns);
  return { key, old: row.old && decoded(row.old, values), new: decoded(row.new, values) };
}
