// Nodes that answer as a test says: HTTP servers on free ports of this machine.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a node was asked. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: string;
};

/** What a node answers; undefined breaks the connection. */
export type Scripted = (asked: Asked) => readonly [status: number, body: object] | undefined;

/** Nodes of a test, with what each was asked. */
export class ScriptedNodes {
  readonly asked: Asked[] = [];
  private readonly servers: Server[] = [];

  /** Starts a node; returns where it is. */
  async start(script: Scripted): Promise<string> {
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const { method = "", url: path = "", headers } = request;
        const key = headers["idempotency-key"] as string | undefined;
        const asked = { method, path, key, body };
        this.asked.push(asked);
        const answer = script(asked);
        if (answer === undefined) {
          request.socket.destroy();
          return;
        }
        const [status, said] = answer;
        response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
        response.end(JSON.stringify(said));
      });
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Ends all. */
  close(): void {
    for (const server of this.servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
    this.asked.length = 0;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
