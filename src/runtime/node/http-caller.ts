import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  request as requestHttp,
} from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";

/** In PEM: whom to trust, and who this client is. */
export type CallerTls = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** One call. */
export type HttpCall = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** How long a call may take, and how long its answer may be. */
export type CallBounds = {
  readonly ms: number;
  readonly bytesMax: number;
  readonly signal?: AbortSignal;
};

/** What came back, whatever its status. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
};

/** Makes calls over connections that are kept. It tries nothing twice: whoever calls has to know
 * whether a call may have happened. */
export class HttpCaller {
  private readonly agents: { readonly http: Agent; readonly https: SecureAgent };

  constructor(tls: CallerTls = {}) {
    const kept = { keepAlive: true };
    this.agents = { http: new Agent(kept), https: new SecureAgent({ ...kept, ...tls }) };
  }

  /** Returns the answer; rejects where none comes in time, or one that is too long. */
  call(url: URL, call: HttpCall, { ms, bytesMax, signal }: CallBounds): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.begin(url, call);
      const abort = (): void => void request.destroy(new Error("nobody waits for the answer"));
      const late = (): void => void request.destroy(new Error(`no answer within ${ms} ms`));
      const timer = setTimeout(late, ms);
      const over = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: Error): void => {
        over();
        reject(error);
      };
      signal?.addEventListener("abort", abort);
      if (signal?.aborted === true) abort();
      request.on("error", fail);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > bytesMax)
            request.destroy(new Error(`an answer of more than ${bytesMax} bytes`));
          else chunks.push(chunk);
        });
        response.on("error", fail);
        response.on("end", () => {
          over();
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, bytes: Buffer.concat(chunks) });
        });
      });
    });
  }

  /** Begins a call; the caller listens to it. */
  begin(url: URL, { method, headers, body }: HttpCall): ClientRequest {
    const secure = url.protocol === "https:";
    const agent = secure ? this.agents.https : this.agents.http;
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const all = { ...headers, ...length };
    const make = secure ? requestHttps : requestHttp;
    return make(url, { method, headers: all, agent }).end(body);
  }

  /** Ends all connections. */
  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }
}
