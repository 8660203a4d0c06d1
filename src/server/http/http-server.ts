// The port on which a node is asked: requests to routes, upgrades to live queries and peers.
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { type AccessRules, checkAccess } from "./access.ts";
import type { HttpLimits } from "./http-limits.ts";
import { Problem, problemBody, problemType } from "./problem.ts";
import { tellRefusals, type TlsRefusal } from "./tls-refusals.ts";
import { type Match, matchOf, problemReply, type Route, writeReply } from "./router.ts";

/** What a certificate is made of, as text; with `ca`, whoever connects has to show one of its. */
export type TlsFiles = { readonly cert: string; readonly key: string; readonly ca?: string };

/** What is served. */
export type HttpParts = {
  readonly routes: readonly Route[];
  readonly access: AccessRules;
  readonly tls: TlsFiles | undefined;
  readonly limits: HttpLimits;
  /** Takes over a request to upgrade that is not for clients; returns whether it did. */
  readonly peer: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** Takes over a client's request to upgrade. Throws a `Problem`. */
  readonly client: (request: IncomingMessage, socket: Duplex, head: Buffer, match: Match) => void;
  /** A connection was refused before there was TLS on it: the first one, and at most one in ten
   * seconds. */
  readonly onRefused?: (refusal: TlsRefusal) => void;
  /** Something was our own mistake. */
  readonly onFault: (error: unknown) => void;
};

/** One port. */
export class HttpServer {
  private readonly parts: HttpParts;
  private readonly server: Server;
  private readonly upgraded = new Set<Duplex>();

  constructor(parts: HttpParts) {
    this.parts = parts;
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void this.answer(request, response);
    const { tls, limits } = parts;
    const times = {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      // Who is late is found out not much later.
      connectionsCheckingInterval: limits.headersMs / 5,
    };
    this.server =
      tls === undefined
        ? createPlainServer(times, answer)
        : createTlsServer({ ...times, ...tls, requestCert: tls.ca !== undefined }, answer);
    if (this.server instanceof TlsServer && parts.onRefused !== undefined)
      tellRefusals(this.server, parts.onRefused);
    this.server.maxConnections = limits.connectionsMax;
    this.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.upgrade(request, socket, head);
    });
  }

  /** Listens; returns the port. */
  listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once("error", reject).listen(port, host, () => {
        server.off("error", reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Shows another certificate from the next connection on. Throws where it is none. */
  certify(tls: TlsFiles): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext(tls);
  }

  /** Takes no more requests; returns when those that are there are answered, or are cut off after
   * `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeIdleConnections();
    const timer = setTimeout(() => {
      this.server.closeAllConnections();
      for (const socket of this.upgraded) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { route, parameters } = this.match(request);
      const reply = await route.handle({ message: request, parameters });
      await writeReply(reply, request, response, this.parts.limits);
    } catch (error) {
      if (!(error instanceof Problem)) this.parts.onFault(error);
      if (response.headersSent || response.destroyed) response.destroy();
      else await writeReply(problemReply(error), request, response, this.parts.limits);
      if (!request.complete) this.discard(request);
    }
  }

  /** What is left of a body that nobody wants does not keep the connection, and does not end it:
   * who sends it would be told of a broken connection, and not of what was wrong. */
  private discard(request: IncomingMessage): void {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > this.parts.limits.discardedBytesMax) request.destroy();
    });
    request.resume();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.upgraded.add(socket);
    socket.on("close", () => this.upgraded.delete(socket));
    socket.on("error", () => void socket.destroy());
    try {
      if (this.parts.peer(request, socket, head)) return;
      this.parts.client(request, socket, head, this.match(request));
    } catch (error) {
      if (!(error instanceof Problem)) this.parts.onFault(error);
      const problem =
        error instanceof Problem ? error : new Problem(500, "fault", "the node has made a mistake");
      const body = problemBody(problem);
      const headers = { ...problem.more.headers, connection: "close", "content-type": problemType };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`;
      const length = `content-length: ${Buffer.byteLength(body)}`;
      socket.end([status, ...lines, length, "", body].join("\r\n"));
      // Who does not close its half is cut off.
      const late = setTimeout(() => socket.destroy(), this.parts.limits.headersMs);
      socket.on("close", () => {
        clearTimeout(late);
      });
    }
  }

  private match(request: IncomingMessage): Match {
    const match = matchOf(this.parts.routes, request.method ?? "GET", request.url ?? "/");
    checkAccess(request, this.parts.access, match.route);
    return match;
  }
}
