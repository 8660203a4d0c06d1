// Who may ask for what.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isLoopback } from "../loopback.ts";
import { Problem } from "./problem.ts";

/** What a client has to show. */
export type AccessRules = {
  /** The secret that clients show as `Authorization: Bearer …`. */
  readonly token?: string;
  /** Another one that clients show; the other is that of operators then, who may do all. */
  readonly clientToken?: string;
  /** The sites whose pages may ask, as browsers name them: `https://example.org`. */
  readonly origins: readonly string[];
  /** Whether the node listens on loopback alone: then names of other hosts are those of pages that
   * have let their own name lead here. */
  readonly loopback: boolean;
};

/** What a route says of who may ask for it. */
type Asked = {
  readonly open?: boolean;
  readonly anyOrigin?: boolean;
  readonly operator?: boolean;
  readonly secret?: boolean;
};

/** Throws the problem that keeps a request from being answered, if there is one. Requests that are
 * `open` need no token; those for an `operator` need theirs; what is `secret` nobody elsewhere gets
 * from a node that has none. */
export function checkAccess(
  request: IncomingMessage,
  rules: AccessRules,
  { open = false, anyOrigin = false, operator = false, secret = false }: Asked,
): void {
  const { origin, host } = request.headers;
  const allowed = anyOrigin || origin === undefined || rules.origins.includes(origin);
  if (!allowed && !ownPage(request, rules))
    throw new Problem(403, "forbidden", `pages of ${origin} may not ask this node`, {
      hint: `let them with --allow-origin ${origin}`,
    });
  if (rules.token === undefined && rules.loopback && !local(host))
    throw new Problem(403, "forbidden", `the node is not called ${String(host)}`, {
      hint: "ask 127.0.0.1 or localhost, or give the node a token",
    });
  if (rules.token === undefined && !rules.loopback && secret)
    throw new Problem(403, "forbidden", "a node without a token does not give this away", {
      hint: "start the node with --token",
    });
  if (rules.token === undefined || open || shown(request, rules.token)) return;
  const client = rules.clientToken !== undefined && shown(request, rules.clientToken);
  if (client && !operator) return;
  if (client)
    throw new Problem(403, "forbidden", "this is for operators and other nodes", {
      hint: "show the secret of peers (--token) in place of that of clients",
    });
  throw new Problem(401, "unauthorized", "the node wants its token", {
    hint: "send it as Authorization: Bearer <token>",
    headers: { "www-authenticate": 'Bearer realm="calm"' },
  });
}

/** Whether it is the page that the node serves itself, at `/ui/`, that asks. On loopback the name
 * of the node is checked, elsewhere a page has to show the token: so that one of another site,
 * whose name was led here, is not taken for it. */
function ownPage({ headers, socket }: IncomingMessage, { token, loopback }: AccessRules): boolean {
  const scheme = "encrypted" in socket ? "https" : "http";
  const own = headers.origin === `${scheme}://${String(headers.host)}`;
  return own && (token !== undefined || loopback);
}

/** Whether a request names the machine itself: the `Host` header without its port. */
function local(host: string | undefined): boolean {
  return isLoopback((host ?? "").replace(/:\d+$/, ""));
}

/** Browsers cannot set headers of WebSockets: there the token is one of the protocols asked for. */
function shown({ headers }: IncomingMessage, token: string): boolean {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  const protocols = (headers["sec-websocket-protocol"] ?? "").split(/\s*,\s*/);
  const protocol = protocols.find((name) => name.startsWith(tokenProtocol));
  const given = bearer ?? protocol?.slice(tokenProtocol.length);
  return given !== undefined && same(given, token);
}

/** What stands before the token in the name of a WebSocket's protocol. */
export const tokenProtocol = "bearer.";

function same(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
