// From a request to the handler of its route, and from what that returns to a response.
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import type { ZodObject, ZodType } from "zod";

import type { HttpLimits } from "./http-limits.ts";
import { Problem, problemBody, problemType } from "./problem.ts";

/** What a handler is given. */
export type Request = {
  readonly message: IncomingMessage;
  /** The parts of the path that the route leaves open, and what follows the question mark. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** What a handler returns. A stream is written by itself. */
export type Reply =
  | {
      readonly status?: number;
      /** Empty where there is no body. */
      readonly type: string;
      readonly body: string | Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly stream: (response: ServerResponse) => void };

/** One thing that can be asked, with what the description of the interface says of it. */
export type Route = {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the parts in braces that are left open: `/v1/facts/{relation}`. */
  readonly path: string;
  readonly summary: string;
  /** Whether it is answered without a token. */
  readonly open?: boolean;
  /** Whether a page's own request is answered whatever site the page is of: what is given is no
   * secret, and asking changes nothing. */
  readonly anyOrigin?: boolean;
  /** Whether it is for operators and peers alone, where clients have a token of their own. */
  readonly operator?: boolean;
  /** Whether it gives away what nobody else may have: then others than those on the machine itself
   * need a token. */
  readonly secret?: boolean;
  /** What may follow the question mark. */
  readonly query?: ZodObject;
  readonly headers?: ZodObject;
  /** The types of bodies that are taken, with what they hold. */
  readonly takes?: Readonly<Record<string, ZodType>>;
  /** The types of bodies that are given, with what they hold. */
  readonly gives: Readonly<Record<string, ZodType>>;
  /** The statuses of answers; 200 unless given. */
  readonly statuses?: readonly number[];
  /** The statuses of problems. */
  readonly problems: readonly number[];
  readonly handle: (request: Request) => Reply | Promise<Reply>;
};

/** Returns a JSON reply. */
export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n`, headers };
}

/** A route, with the parts of the path that it leaves open. */
export type Match = { readonly route: Route; readonly parameters: Record<string, string> };

/** Returns the route of a request; throws a problem where there is none. */
export function matchOf(routes: readonly Route[], method: string, url: string): Match {
  const { pathname, searchParams } = urlOf(url);
  const found = routes.flatMap((route) => {
    const parts = partsOf(route.path, pathname);
    return parts === undefined ? [] : [{ route, parts }];
  });
  const asked = method === "HEAD" ? "GET" : method;
  const match = found.find(({ route }) => route.method === asked);
  if (match !== undefined)
    return {
      route: match.route,
      parameters: { ...Object.fromEntries(searchParams), ...match.parts },
    };
  if (found.length === 0) throw new Problem(404, "not-found", `there is nothing at ${pathname}`);
  const allow = found.map(({ route }) => route.method).join(", ");
  throw new Problem(405, "method-not-allowed", `${pathname} takes ${allow}`, {
    headers: { allow },
  });
}

/** Returns the parameters of a request as a schema has them; throws a problem that says all that is
 * wrong with them. */
export function checked<T extends ZodObject>(schema: T, parameters: object): z.infer<T> {
  const { success, data, error } = schema.safeParse(parameters);
  if (success) return data;
  const errors = error.issues.map(({ path, message }) => ({ at: path.join("."), message }));
  throw new Problem(400, "bad-request", "the parameters are not what they should be", { errors });
}

/** Writes a reply; a client that takes nothing of it for too long is cut off. */
export async function writeReply(
  reply: Reply,
  request: IncomingMessage,
  response: ServerResponse,
  { stalledMs }: Pick<HttpLimits, "stalledMs">,
): Promise<void> {
  if ("stream" in reply) {
    // Who asks for headers alone does not wait for what comes.
    if (request.method === "HEAD") {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" }).end();
      return;
    }
    reply.stream(response);
    return;
  }
  const { status = 200, type, body, headers = {} } = reply;
  const typed = type === "" ? {} : { "content-type": type };
  response.writeHead(status, { ...typed, "cache-control": "no-store", ...headers });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  if (typeof body === "string") {
    response.end(body);
    return;
  }
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response, stalledMs);
  }
  response.end();
}

/** Returns the reply that a problem is; what is none is our own mistake. */
export function problemReply(error: unknown): Reply {
  const problem =
    error instanceof Problem
      ? error
      : new Problem(500, "fault", "the node has made a mistake; its log says which");
  const { headers = {} } = problem.more;
  return { status: problem.status, type: problemType, body: problemBody(problem), headers };
}

function urlOf(url: string): URL {
  try {
    return new URL(url, "http://node");
  } catch {
    throw new Problem(400, "bad-request", "the address of the request cannot be read");
  }
}

/** The open parts of a path; undefined where it is not of the route. */
function partsOf(path: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [path.split("/"), pathname.split("/")];
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    const text = given[at] ?? "";
    // A `*` stands for all, where a route has one; one that is meant is `%2A`.
    if (name === undefined || text === "*") {
      if (part !== text) return undefined;
    } else parts[name] = decoded(text);
  }
  return parts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(400, "bad-request", "the address of the request cannot be read");
  }
}

function drained(response: ServerResponse, stalledMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => response.destroy(), stalledMs);
    const done = (): void => {
      clearTimeout(late);
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
