// Of connections that end before there is TLS on them nobody else says anything: no request comes.
import type { Socket } from "node:net";
import type { Server, TLSSocket } from "node:tls";

/** A connection that was refused: from where, why, and how many others were since the last one that
 * was told of. */
export type TlsRefusal = { readonly from: string; readonly why: string; readonly others: number };

/** How often a refusal is told of: who tries again and again does not fill the log. */
const everyMs = 10_000;

/** Has the refusals of a server told of, the first one at once. */
export function tellRefusals(server: Server, tell: (refusal: TlsRefusal) => void): void {
  const refusals = new TlsRefusals(tell);
  // By the time that a certificate is refused its connection is gone, and its address with it.
  const addresses = new WeakMap<object, string | undefined>();
  server.on("connection", (socket: Socket) => addresses.set(socket, socket.remoteAddress));
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Node's name for what TLS goes over is not among its types.
    const wire: unknown = Reflect.get(socket, "_parent");
    const from = typeof wire === "object" && wire !== null ? addresses.get(wire) : undefined;
    refusals.refused(error, socket, from ?? socket.remoteAddress ?? "somewhere");
  });
}

/** Which refusals are told of, and when. */
export class TlsRefusals {
  private readonly tell: (refusal: TlsRefusal) => void;
  private readonly nowMs: () => number;
  private toldMs = -Infinity;
  private others = 0;

  constructor(tell: (refusal: TlsRefusal) => void, nowMs: () => number = () => performance.now()) {
    this.tell = tell;
    this.nowMs = nowMs;
  }

  /** Takes note of what a server says of a connection (its event `tlsClientError`). */
  refused(
    error: NodeJS.ErrnoException,
    socket: Pick<TLSSocket, "authorizationError">,
    from: string,
  ): void {
    const why = reasonOf(error, socket);
    if (why === undefined) return;
    const now = this.nowMs();
    if (now - this.toldMs < everyMs) {
      this.others++;
      return;
    }
    this.tell({ from, why, others: this.others });
    this.toldMs = now;
    this.others = 0;
  }
}

/** Why there is no TLS; undefined where somebody has left without a word, as who looks whether a
 * port is open does. */
function reasonOf(
  { code, message }: NodeJS.ErrnoException,
  { authorizationError }: Pick<TLSSocket, "authorizationError">,
): string | undefined {
  // A certificate that is not trusted: the code of the error. There is none, or null, otherwise,
  // which Node's types do not say.
  const untrusted = authorizationError as Error | string | null | undefined;
  if (untrusted !== undefined && untrusted !== null) return String(untrusted);
  if (code === "ECONNRESET") return undefined;
  // Of OpenSSL's words, between colons, this alone is for people.
  const [, , , , , reason] = message.split(":");
  return reason ?? code ?? message;
}
