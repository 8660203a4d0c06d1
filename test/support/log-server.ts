// A log in files that is served over HTTP in this process, for tests.
import { OrderedLogError } from "../../src/runtime/ordered-log-error.ts";
import { openFileLog } from "../../src/runtime/node/open-file-log.ts";
import type { FileLog } from "../../src/runtime/node/ordered-log-file.ts";
import { httpLimits } from "../../src/server/http/http-limits.ts";
import { HttpServer } from "../../src/server/http/http-server.ts";
import { logRoutes, type ServedLogLimits } from "../../src/server/ordered/log-routes.ts";

export type LogServerOptions = {
  readonly role?: "leader" | "follower";
  readonly port?: number;
  readonly token?: string;
  readonly limits?: Partial<ServedLogLimits>;
};

/** A node that keeps a log, and does nothing else. */
export class LogServer {
  readonly faults: unknown[] = [];
  readonly log: FileLog;
  port = 0;
  private readonly http: HttpServer;

  private constructor(log: FileLog, { token, limits = {} }: LogServerOptions) {
    this.log = log;
    const access = { ...(token !== undefined && { token }), origins: [], loopback: true };
    this.http = new HttpServer({
      routes: logRoutes({ log, program: "p1", limits }),
      ...{ access, tls: undefined, limits: httpLimits, peer: () => false },
      client: () => {
        throw new OrderedLogError("refused", "there is nothing to upgrade to");
      },
      onFault: (error) => this.faults.push(error),
    });
  }

  static async start(folder: string, options: LogServerOptions = {}): Promise<LogServer> {
    const { role = "leader", port = 0 } = options;
    const log = await openFileLog(folder, { program: "p1", role });
    const server = new LogServer(log, options);
    server.port = await server.http.listen({ host: "127.0.0.1", port });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ends it, with all that waits for an answer. */
  async stop(): Promise<void> {
    await this.log.close();
    await this.http.close(0);
  }
}
