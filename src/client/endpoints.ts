// One of several nodes at a time: who does not answer is left for the next one.
import { type ClientSession, sessionHeader } from "./client-session.ts";
import { errorOf, NodeError } from "./node-error.ts";
import { Retry, type RetryOptions } from "./retry.ts";

/** How nodes are asked. */
export type EndpointOptions = {
  /** The secret of the nodes. */
  readonly token?: string;
  readonly retry?: Partial<RetryOptions>;
  /** What requests are made with; the platform's `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /** How long a node may take to answer until the next one is asked; as long as it likes unless
   * given. */
  readonly callMs?: number;
  /** What reads follow, and what takes note of all that is written and seen. */
  readonly session?: ClientSession;
};

/** Nodes that hold the same: any of them can be asked. */
export class Endpoints {
  private readonly urls: readonly string[];
  private readonly options: EndpointOptions;
  private at = 0;

  constructor(urls: string | readonly string[], options: EndpointOptions) {
    this.urls = [urls].flat().map((url) => url.replace(/\/$/, ""));
    if (this.urls.length === 0) throw new TypeError("a client wants the address of a node");
    this.options = options;
  }

  /** The node that is asked now. */
  get url(): string {
    return this.urls[this.at % this.urls.length] ?? "";
  }

  get token(): string | undefined {
    return this.options.token;
  }

  /** What waits between failures. */
  retry(attemptsMax: number): Retry {
    return new Retry({ attemptsMax, ...this.options.retry });
  }

  /** Asks, one node after the other, until there is an answer, or an error that asking again does
   * not mend. All of them are asked before there is a pause. */
  async asked<T>(
    path: string,
    init: RequestInit,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const retry = this.retry(8);
    for (let asked = 1; ; asked++) {
      const { callMs } = this.options;
      const late = callMs === undefined ? undefined : AbortSignal.timeout(callMs);
      const ends = [signal, late].filter((one) => one !== undefined);
      try {
        const until = ends.length === 0 ? {} : { signal: AbortSignal.any(ends) };
        return await read(await this.fetched(path, { ...init, ...until }));
      } catch (failure) {
        signal?.throwIfAborted();
        const error =
          late?.aborted === true ? new TypeError(`${this.url} does not answer`) : failure;
        if (!passing(error)) throw error;
        this.next();
        if (asked % this.urls.length === 0) await retry.after(error, signal);
      }
    }
  }

  /** Asks the node of now; throws a `NodeError` where it does not do what it was asked. */
  async fetched(path: string, init: RequestInit): Promise<Response> {
    const { token, session, fetch: make = fetch } = this.options;
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (session !== undefined) headers.set(sessionHeader, session.text);
    const response = await make(`${this.url}${path}`, { ...init, headers });
    session?.add(response.headers.get(sessionHeader) ?? "");
    if (!response.ok && response.status !== 304) throw await errorOf(response);
    return response;
  }

  /** Leaves the node of now for the next one. */
  next(): void {
    this.at = (this.at + 1) % this.urls.length;
  }
}

/** Whether another node, or the same one later, may do it: no connection came about, or the node
 * says so. */
function passing(error: unknown): boolean {
  return error instanceof NodeError ? error.retryAfterMs !== undefined : error instanceof TypeError;
}
