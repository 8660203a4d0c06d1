// A connection to one node of a store on which many requests are on their way at a time.
import { NodeError } from "./node-error.ts";
import { bodyType, type KvCell, type KvValue, memberOf } from "./kv-values.ts";
import type { KvCallOptions, KvPut, KvPutOptions, KvRemoved, KvWriteOptions } from "./kv-client.ts";
import type { ClientSession } from "./client-session.ts";

/** What a connection needs of a WebSocket: those of browsers, of Node 22 and of `ws` have it. */
export type SocketLike = {
  /** Sends one message. */
  send(text: string): void;
  /** Ends the connection. */
  close(): void;
  /** Has a listener called when the connection opens, fails or ends. */
  addEventListener(kind: "open" | "close" | "error", listener: () => void): void;
  /** Has a listener called with each message. */
  addEventListener(kind: "message", listener: (event: { data: unknown }) => void): void;
};

/** How a connection is made. */
export type KvSocketOptions = {
  /** The secret of the node. */
  readonly token?: string;
  /** What connections are made with; the platform's `WebSocket` unless given. */
  readonly WebSocket?: new (url: string, protocols: string[]) => SocketLike;
  /** What reads are to follow, and what takes note of all that is written. */
  readonly session?: ClientSession;
};

type Answer = { readonly id: number; readonly status: number; readonly session?: string };
type Waiting = {
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
};

/** A connection to a node. What is asked is sent at once; answers come in any order. When it is
 * lost, all that waits fails with a `TypeError`: whether a write was done is not known then. */
export class KvSocket {
  private readonly socket: SocketLike;
  private readonly session: ClientSession | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;
  private ended = false;

  private constructor(socket: SocketLike, session: ClientSession | undefined) {
    this.socket = socket;
    this.session = session;
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.session?.add(answer.session ?? "");
      this.settle(answer.id)?.done(answer);
    });
    socket.addEventListener("close", () => {
      this.ended = true;
      for (const id of [...this.waiting.keys()]) this.settle(id)?.failed(lost());
    });
  }

  /** Connects with the node at `url` (http or https). Throws a `TypeError` where none answers. */
  static open(url: string, options: KvSocketOptions = {}): Promise<KvSocket> {
    const { token, session } = options;
    // Node has one from version 22 on.
    const platform = globalThis as { readonly WebSocket?: KvSocketOptions["WebSocket"] };
    const WebSocket = options.WebSocket ?? platform.WebSocket;
    if (WebSocket === undefined)
      throw new TypeError("this platform has no WebSocket: give one, such as that of ws");
    const protocols = ["calm.kv.v1", ...(token === undefined ? [] : [`bearer.${token}`])];
    const address = `${url.replace(/^http/, "ws").replace(/\/$/, "")}/v1/kv`;
    const socket = new WebSocket(address, protocols);
    return new Promise((resolve, reject) => {
      socket.addEventListener("open", () => {
        resolve(new KvSocket(socket, session));
      });
      const fail = (): void => {
        reject(new TypeError(`no store answers at ${address}`));
      };
      socket.addEventListener("error", fail);
      socket.addEventListener("close", fail);
    });
  }

  /** Puts a value; resolves when it is durable. */
  async put(k1: string, k2: string, value: KvValue, options: KvPutOptions = {}): Promise<KvPut> {
    const { key, wait, type = bodyType(value), replaces, signal } = options;
    const said = { ...memberOf(value), type, replaces, request: key, wait };
    return (await this.asked({ op: "put", k1, k2, ...said }, signal)) as Answer & KvPut;
  }

  /** Removes the values that the node sees at a pair, or those of `dots`. */
  async remove(
    k1: string,
    k2: string,
    options: KvWriteOptions & { readonly dots?: readonly string[] } = {},
  ): Promise<KvRemoved> {
    const { key, wait, dots, signal } = options;
    const said = { dots, request: key, wait };
    return (await this.asked({ op: "remove", k1, k2, ...said }, signal)) as Answer & KvRemoved;
  }

  /** Returns what is at a pair; undefined where nothing is. */
  async get(k1: string, k2: string, { signal }: KvCallOptions = {}): Promise<KvCell | undefined> {
    const session = this.session?.text;
    const answer = await this.asked({ op: "get", k1, k2, session }, signal);
    return answer.status === 404 ? undefined : (answer as Answer & KvCell);
  }

  /** Ends the connection; what was asked and is not answered fails. */
  close(): void {
    this.socket.close();
  }

  private asked(request: object, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.ended) throw lost();
      const id = this.count++;
      let waiting: Waiting = {
        done: (answer) => {
          if (answer.status < 400 || answer.status === 404) resolve(answer);
          else reject(new NodeError(answer.status, answer, null));
        },
        failed: reject,
      };
      if (signal !== undefined) waiting = this.abortable(id, signal, waiting);
      this.waiting.set(id, waiting);
      this.socket.send(JSON.stringify({ id, ...request }));
    });
  }

  /** Has what waits fail when a signal is given. What was sent is done all the same. */
  private abortable(id: number, signal: AbortSignal, { done, failed }: Waiting): Waiting {
    const stop = (): void => {
      this.settle(id)?.failed(signal.reason);
    };
    const off = (): void => {
      signal.removeEventListener("abort", stop);
    };
    signal.addEventListener("abort", stop, { once: true });
    return {
      done: (answer) => {
        off();
        done(answer);
      },
      failed: (error) => {
        off();
        failed(error);
      },
    };
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}

function lost(): TypeError {
  return new TypeError("the connection has ended");
}
