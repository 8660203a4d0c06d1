// How things stand with a store.
import { json, type Route } from "../../http/router.ts";
import { storeStatus } from "../schemas.ts";
import type { Store } from "../store.ts";

/** The route that says how things stand; `watchers` is how many watch. */
export function storeStatusRoute(
  { service }: Store,
  gcIntervalMs: number,
  watchers: () => number,
): Route {
  return {
    method: "GET",
    path: "/v1/store",
    summary: "Says how things stand with the store",
    gives: { "application/json": storeStatus },
    problems: [401, 403],
    handle: () => json({ ...service.node.stored, gcIntervalMs, watchers: watchers() }),
  };
}
