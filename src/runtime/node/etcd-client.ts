// etcd's v3 API by its JSON gateway. A client library would bring gRPC and its own retries; what an
// ordered log needs are four calls, of each of which it has to know whether it may have happened.
import type { ClientRequest } from "node:http";

import { OrderedLogError } from "../ordered-log-error.ts";
import { type CallerTls, type HttpCall, HttpCaller } from "./http-caller.ts";

/** Where etcd is, and how it is spoken to. */
export type EtcdOptions = {
  /** Addresses of members: `http://host:port`, or `https://…`. */
  readonly endpoints: readonly string[];
  readonly user?: { readonly name: string; readonly password: string };
  readonly tls?: CallerTls;
  /** How long one call to one member may take. */
  readonly callMs: number;
};

/** Nobody knows whether a call has happened: no member answered in time, or one could not tell. */
export class EtcdUnknown extends Error {
  override readonly name = "EtcdUnknown";
}

/** An answer of the gateway. */
export type EtcdAnswer = Readonly<Record<string, unknown>>;

/** Codes of gRPC of calls that another member may answer, or the same one later. */
const passing = new Set([1, 2, 4, 8, 10, 14]);

/** An answer is not longer: a read has at most 64 records, as text. */
const answerBytesMax = 128 << 20;

/** Of an answer that cannot be read so much is shown. */
const shownMax = 200;

/** What a member said instead of an answer. */
type Refusal = { readonly code: number; readonly message: string };

/** A client of several members: a call goes to the one that answered last, and on to the next where
 * that does not answer. */
export class EtcdClient {
  private readonly options: EtcdOptions;
  private readonly caller: HttpCaller;
  private preferred = 0;
  private token: string | undefined;

  constructor(options: EtcdOptions) {
    this.options = options;
    this.caller = new HttpCaller(options.tls);
  }

  /** Calls each member at most once until one answers. Throws `EtcdUnknown` where none does, and an
   * `OrderedLogError` where etcd refuses. */
  async call(path: string, body: object): Promise<EtcdAnswer> {
    const { endpoints } = this.options;
    let last = "no endpoint is given";
    let renewed = false;
    for (let tries = 0; tries < endpoints.length; tries++) {
      const endpoint = endpoints[this.preferred % endpoints.length] ?? "";
      try {
        if (this.options.user !== undefined) this.token ??= await this.authenticate(endpoint);
        const answer = await this.post(endpoint, path, body);
        const refusal = refusalOf(answer);
        if (refusal === undefined) return answer;
        if (/invalid auth token/.test(refusal.message) && !renewed) {
          this.token = undefined;
          renewed = true;
          tries--;
          continue;
        }
        last = `${endpoint}: ${refusal.message}`;
        if (!passing.has(refusal.code) || /space exceeded/.test(last)) throw refused(last);
      } catch (error) {
        if (error instanceof OrderedLogError) throw error;
        last = `${endpoint}: ${error instanceof Error ? error.message : String(error)}`;
      }
      this.preferred++;
    }
    throw new EtcdUnknown(`no member of etcd answers: ${last}`);
  }

  /** Waits until a key of a range is put, as a hint: returns also when the stream ends, nothing is
   * heard for `ms`, or the signal is aborted. */
  async watch(key: string, end: string, ms: number, signal: AbortSignal): Promise<void> {
    const endpoint = this.options.endpoints[this.preferred % this.options.endpoints.length] ?? "";
    await new Promise<void>((resolve) => {
      const body = { create_request: { key: base64(key), range_end: base64(end) } };
      const request = this.begin(endpoint, "/v3/watch", JSON.stringify(body));
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        request.destroy();
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
      request.on("error", done);
      request.on("response", (response) => {
        response.on("data", (chunk: Buffer) => {
          if (chunk.includes('"events"')) done();
        });
        response.on("end", done);
        response.on("error", done);
      });
      if (signal.aborted) done();
    });
  }

  /** Ends all connections. */
  close(): void {
    this.caller.close();
  }

  private async authenticate(endpoint: string): Promise<string> {
    const answer = await this.post(endpoint, "/v3/auth/authenticate", this.options.user ?? {});
    const refusal = refusalOf(answer);
    if (refusal !== undefined && !passing.has(refusal.code))
      throw refused(`${endpoint}: ${refusal.message}`);
    const { token } = answer;
    if (typeof token !== "string") throw new Error(refusal?.message ?? "etcd gives no token");
    return token;
  }

  private async post(endpoint: string, path: string, body: object): Promise<EtcdAnswer> {
    const bounds = { ms: this.options.callMs, bytesMax: answerBytesMax };
    const call = this.callOf(JSON.stringify(body));
    const { status, bytes } = await this.caller.call(new URL(path, endpoint), call, bounds);
    const text = bytes.toString();
    const said = parsed(text);
    if (said !== undefined) return said;
    const shown = text.trim().slice(0, shownMax);
    // What the gateway refuses before it comes to etcd: the certificate of a client with users on.
    if (status >= 400 && status < 500) throw refused(`${endpoint}: ${shown}`);
    throw new Error(`an answer that is no JSON, to ${path}: ${shown}`);
  }

  private begin(endpoint: string, path: string, body: string): ClientRequest {
    return this.caller.begin(new URL(path, endpoint), this.callOf(body));
  }

  private callOf(body: string): HttpCall {
    const authorization = this.token === undefined ? {} : { authorization: this.token };
    return {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization },
      body,
    };
  }
}

/** Returns a text as the gateway writes bytes. */
export function base64(text: string | Uint8Array): string {
  return Buffer.from(text as string).toString("base64");
}

function parsed(text: string): EtcdAnswer | undefined {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? (said as EtcdAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf({ code, error, message }: EtcdAnswer): Refusal | undefined {
  if (typeof code !== "number" && typeof error !== "string") return undefined;
  const said = typeof message === "string" ? message : typeof error === "string" ? error : "";
  return { code: typeof code === "number" ? code : 2, message: said };
}

function refused(message: string): OrderedLogError {
  if (message.includes("space exceeded"))
    return new OrderedLogError(
      "disk-full",
      `etcd is full (${message}): raise --quota-backend-bytes or take checkpoints, so that the ` +
        "log can be cut off; then etcdctl defrag and etcdctl alarm disarm",
    );
  return new OrderedLogError("refused", `etcd refuses (${message}): see its users and options`);
}
