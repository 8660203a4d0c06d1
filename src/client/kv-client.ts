// The store, as programs elsewhere see it: in Node and in browsers, with nothing but `fetch`.
import { Endpoints, type EndpointOptions } from "./endpoints.ts";
import { eventData } from "./events.ts";
import { NodeError } from "./node-error.ts";
import { ClientSession } from "./client-session.ts";
import { bodyOf, type KvBytes, type KvCell, type KvListed, type KvValue } from "./kv-values.ts";

/** How a client of the store asks. */
export type KvOptions = EndpointOptions;

/** What every call takes. */
export type KvCallOptions = { readonly signal?: AbortSignal };

/** How a write is done. */
export type KvWriteOptions = KvCallOptions & {
  /** Answer once so many nodes hold it durably. */
  readonly wait?: number | "all";
  /** How long to wait for them, in milliseconds. */
  readonly timeoutMs?: number;
  /** What makes the same write, sent again, be done once. */
  readonly key?: string;
};

/** How a value is put. */
export type KvPutOptions = KvWriteOptions & {
  /** The content type. */
  readonly type?: string;
  /** What it takes the place of: what the node sees there (unless given), nothing, these dots. */
  readonly replaces?: "seen" | "none" | readonly string[];
  /** Put if nothing is there, in an order of all such writes; a `NodeError` with the status 412
   * says that something is. */
  readonly ifAbsent?: boolean;
  /** Put if what is there has this tag. */
  readonly ifMatch?: string;
};

/** What came of a put. */
export type KvPut = {
  readonly k1: string;
  readonly k2: string;
  readonly dot: string;
  /** The values whose place it took. */
  readonly replaced: readonly string[];
  /** With `wait`: how many nodes hold it. */
  readonly nodes?: number;
  /** Of a write on condition: where it was done, and how far it has seen other writes. */
  readonly epoch?: number;
  readonly frontier?: Readonly<Record<string, number>>;
};

/** What came of a remove. */
export type KvRemoved = {
  readonly k1: string;
  readonly k2: string;
  /** Of the remove; absent where nothing was there. */
  readonly dot?: string;
  readonly removed: readonly string[];
  readonly nodes?: number;
};

/** Which pairs: those of a first key, of a second one, or all. */
export type KvKeys = { readonly k1?: string; readonly k2?: string };

/** How many pairs are read. */
export type KvScanOptions = KvCallOptions & {
  /** Whether values are given with the keys; they are unless said. */
  readonly values?: boolean;
  /** How many are asked for at a time. */
  readonly pageCells?: number;
};

/** What one who watches is told. */
export type KvChange =
  /** All pairs that are there follow; with `reset` what was told before is of no use. */
  | { readonly kind: "start"; readonly reset: boolean }
  | ({ readonly kind: "put"; readonly id?: string } & KvListed)
  | { readonly kind: "removed"; readonly id?: string; readonly k1: string; readonly k2: string }
  /** A rule of the program fails on what is at the pair. */
  | {
      readonly kind: "failed";
      readonly id?: string;
      readonly k1: string;
      readonly k2: string;
      readonly detail: string;
    }
  /** All that there was has been told; `id` is where another watcher can go on. */
  | { readonly kind: "current"; readonly id: string };

/** A client of a store, which is asked at any of its nodes. */
export class KvClient {
  private readonly nodes: Endpoints;
  private readonly options: KvOptions;
  private readonly urls: string | readonly string[];

  constructor(urls: string | readonly string[], options: KvOptions = {}) {
    this.urls = urls;
    this.options = options;
    this.nodes = new Endpoints(urls, options);
  }

  /** Returns a client whose reads follow its writes and what it read before, at whatever node: they
   * wait for a node that is behind, or ask the next one. `text` is that of an earlier session. */
  session(text?: string): KvClient & { readonly current: ClientSession } {
    const session = new ClientSession(text);
    return Object.assign(new KvClient(this.urls, { ...this.options, session }), {
      current: session,
    });
  }

  /** Puts a value; resolves when it is durable. What fails on the way is sent again: at the same
   * node it is done once; if another one has to be asked, the value may be there under two dots,
   * until the next put. */
  async put(k1: string, k2: string, value: KvValue, options: KvPutOptions = {}): Promise<KvPut> {
    const { type, body } = bodyOf(value, options.type);
    const { replaces, ifAbsent = false, ifMatch } = options;
    const given = replaces === undefined ? {} : { replaces: [replaces].flat().join(",") };
    return (await this.write("POST", k1, k2, options, given, {
      headers: {
        "content-type": type,
        ...(ifAbsent && { "if-none-match": "*" }),
        ...(ifMatch !== undefined && { "if-match": ifMatch }),
      },
      body: body as NonNullable<RequestInit["body"]>,
    })) as KvPut;
  }

  /** Removes the values that the node sees at a pair, or those of `dots`; resolves when that is
   * durable. */
  async remove(
    k1: string,
    k2: string,
    options: KvWriteOptions & { readonly dots?: readonly string[] } = {},
  ): Promise<KvRemoved> {
    const given = options.dots === undefined ? {} : { dots: options.dots.join(",") };
    return (await this.write("DELETE", k1, k2, options, given, {})) as KvRemoved;
  }

  /** Returns what is at a pair; undefined where nothing is. */
  async get(k1: string, k2: string, { signal }: KvCallOptions = {}): Promise<KvCell | undefined> {
    const path = pathOf(k1, k2, { format: "json" });
    return this.found(path, signal, async (response) => (await response.json()) as KvCell);
  }

  /** Returns the winner at a pair as it was put; undefined where nothing is. */
  async bytes(
    k1: string,
    k2: string,
    { signal }: KvCallOptions = {},
  ): Promise<KvBytes | undefined> {
    return this.found(pathOf(k1, k2), signal, async (response) => {
      const { headers } = response;
      return {
        type: headers.get("content-type") ?? "",
        bytes: new Uint8Array(await response.arrayBuffer()),
        dot: decodeURI(headers.get("calm-dot") ?? ""),
        etag: headers.get("etag") ?? "",
        siblings: Number(headers.get("calm-siblings") ?? 0),
      };
    });
  }

  /** Yields the pairs of these keys, by k1 and then k2, page by page. */
  async *scan(
    keys: KvKeys = {},
    { signal, values = true, pageCells = 1_000 }: KvScanOptions = {},
  ): AsyncGenerator<KvListed, void, undefined> {
    type Page = { readonly cells: readonly KvListed[]; readonly next?: string };
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const query = new URLSearchParams({
        ...given(keys),
        ...{ values: String(values), limit: String(pageCells) },
        ...(cursor !== "" && { cursor }),
      });
      const path = `/kv?${query.toString()}`;
      const page: Page = await this.nodes.asked(path, {}, signal, async (response) => {
        return (await response.json()) as Page;
      });
      yield* page.cells;
      cursor = page.next;
    }
  }

  /** Yields what is there and then what becomes of it, until the signal or the loop ends it. A
   * connection that is lost is made again, where it was left; if that cannot be, or at another
   * node, there is a `start` with `reset`, and all that there is. */
  async *watch(
    keys: KvKeys = {},
    { signal, values = true, from }: KvScanOptions & { readonly from?: string } = {},
  ): AsyncGenerator<KvChange, void, undefined> {
    const retry = this.nodes.retry(Infinity);
    let last = from;
    for (;;) {
      // Ends the connection when nobody takes what comes.
      const end = new AbortController();
      const stop = (): void => {
        end.abort(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      try {
        signal?.throwIfAborted();
        const query = new URLSearchParams({
          ...{ ...given(keys), values: String(values) },
          ...(last !== undefined && { from: last }),
        });
        const path = `/watch?${query.toString()}`;
        const { body } = await this.nodes.fetched(path, { signal: end.signal });
        if (body === null) throw new TypeError("the response has no body");
        for await (const data of eventData(body)) {
          retry.reset();
          const change = JSON.parse(data) as KvChange;
          yield change;
          if (change.kind === "start") last = change.reset ? undefined : last;
          else last = change.id ?? last;
        }
        throw new TypeError("the connection has ended");
      } catch (error) {
        signal?.throwIfAborted();
        await retry.after(error, signal);
        this.nodes.next();
      } finally {
        signal?.removeEventListener("abort", stop);
        end.abort();
      }
    }
  }

  private async write(
    method: string,
    k1: string,
    k2: string,
    { wait, timeoutMs, key = crypto.randomUUID(), signal }: KvWriteOptions,
    said: Readonly<Record<string, string>>,
    init: RequestInit,
  ): Promise<unknown> {
    const path = pathOf(k1, k2, {
      ...said,
      ...(wait !== undefined && { wait: String(wait) }),
      ...(timeoutMs !== undefined && { timeout: String(timeoutMs) }),
    });
    const headers = { ...(init.headers as Record<string, string>), "idempotency-key": key };
    return this.nodes.asked(path, { ...init, method, headers }, signal, (response) =>
      response.json(),
    );
  }

  private async found<T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.nodes.asked(path, {}, signal, read);
    } catch (error) {
      if (error instanceof NodeError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** The keys that are given. */
function given({ k1, k2 }: KvKeys): Record<string, string> {
  return { ...(k1 !== undefined && { k1 }), ...(k2 !== undefined && { k2 }) };
}

/** The address of a pair. A `*` in a path stands for any, and a key that is one is written
 * otherwise; every address is read as if `.` and `..` in its path named folders, also when they are
 * escaped, so that keys which are these go behind it. */
function pathOf(k1: string, k2: string, query: Readonly<Record<string, string>> = {}): string {
  if ([k1, k2].some((key) => key === "." || key === ".."))
    return `/v1/pair?${new URLSearchParams({ k1, k2, ...query }).toString()}`;
  const [first, second] = [k1, k2].map((key) => encodeURIComponent(key).replaceAll("*", "%2A"));
  const asked = new URLSearchParams(query).toString();
  return `/kv/${first}/${second}${asked === "" ? "" : `?${asked}`}`;
}
