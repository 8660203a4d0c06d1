// Nodes of which one leads the ordered log, over HTTP: who of them does is found by asking.
import { OrderedLogError, type OrderedLogErrorCode } from "../ordered-log-error.ts";
import { type CallerTls, HttpCaller, type HttpAnswer, type HttpCall } from "./http-caller.ts";

/** Where the nodes are that keep a log, and how they are spoken to. */
export type LogNodesOptions = {
  /** Addresses of the leader and its followers: `http://host:port`, or `https://…`. */
  readonly urls: readonly string[];
  /** The log's program: a node that keeps another one's is none of these. */
  readonly program: string;
  /** The secret of the nodes. */
  readonly token?: string;
  readonly tls?: CallerTls;
};

/** Nobody knows whether a call has happened: no node that leads the log answered in time. */
export class NoLeader extends Error {
  override readonly name = "NoLeader";
}

/** A call to whoever leads the log. */
export type LogCall = HttpCall & {
  readonly query: Readonly<Record<string, number>>;
  readonly ms: number;
  readonly bytesMax: number;
  readonly signal?: AbortSignal;
};

/** The header that names the term of whoever answers. */
export const termHeader = "calm-log-term";

/** What a node refuses for good, by the codes of problems. What is not here may pass. */
const codes: ReadonlyMap<unknown, OrderedLogErrorCode> = new Map(
  (
    [
      ...["other-program", "truncated", "too-large", "damaged", "disk-full", "disk-failed"],
      ...["fenced", "follower"],
    ] as const
  ).map((code) => [code, code]),
);

/** Asks the nodes that keep a log. */
export class LogNodes {
  private readonly options: LogNodesOptions;
  private readonly caller: HttpCaller;
  private preferred = 0;

  constructor(options: LogNodesOptions) {
    this.options = options;
    this.caller = new HttpCaller(options.tls);
  }

  /** Calls each node at most once, until one answers that leads. `later` is told the term of one
   * that refuses since it leads in a later term than the caller knows. Throws a `NoLeader`, or an
   * `OrderedLogError` where the leader refuses. */
  async leader(call: LogCall, later: (term: number) => void = () => undefined): Promise<Buffer> {
    const { urls } = this.options;
    let last = "no address is given";
    const first = this.preferred;
    for (let tries = 0; tries < urls.length; tries++) {
      const at = (first + tries) % urls.length;
      const url = urls[at] ?? "";
      try {
        const answer = await this.ask(url, call);
        if (answer.status === 200) {
          this.preferred = at;
          return answer.bytes;
        }
        const error = errorOf(url, answer);
        const term = Number(answer.headers[termHeader] ?? 0);
        if (error.code === "fenced" && term > (call.query["term"] ?? 0)) later(term);
        if (error.code !== "follower" && error.code !== "fenced") throw error;
        last = error.message;
      } catch (error) {
        if (error instanceof OrderedLogError) throw error;
        last = `${url}: ${error instanceof Error ? error.message : String(error)}`;
        if (call.signal?.aborted === true) break;
      }
    }
    throw new NoLeader(`no node answers that leads the ordered log: ${last}`);
  }

  /** Ends all connections. */
  close(): void {
    this.caller.close();
  }

  private ask(url: string, { query, ms, bytesMax, signal, ...call }: LogCall): Promise<HttpAnswer> {
    const { program, token } = this.options;
    const address = new URL(`${url.replace(/\/$/, "")}/v1/log/records`);
    address.searchParams.set("program", program);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, `${value}`);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { ...authorization, ...call.headers };
    const bounds = { ms, bytesMax, ...(signal && { signal }) };
    return this.caller.call(address, { ...call, headers }, bounds);
  }
}

/** What a node refused as an error of the log; throws where it may pass. */
function errorOf(url: string, { status, bytes }: HttpAnswer): OrderedLogError {
  const { code, detail, hint } = problemOf(bytes);
  const said = [detail ?? `status ${status}`, ...(hint === undefined ? [] : [hint])].join("; ");
  const known = codes.get(code);
  if (known !== undefined) return new OrderedLogError(known, `${url}: ${said}`);
  if (status >= 500 || status === 429) throw new Error(said);
  return new OrderedLogError(
    "refused",
    `${url} does not serve the ordered log to this node (${said}): see its address and its token`,
  );
}

type Said = { readonly code?: unknown; readonly detail?: string; readonly hint?: string };

function problemOf(bytes: Buffer): Said {
  try {
    const said: unknown = JSON.parse(bytes.toString());
    if (typeof said !== "object" || said === null) return {};
    const { code, detail, hint } = said as Readonly<Record<string, unknown>>;
    return {
      code,
      ...(typeof detail === "string" && { detail }),
      ...(typeof hint === "string" && { hint }),
    };
  } catch {
    return {};
  }
}
