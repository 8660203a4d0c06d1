// The store as an application of a node: its routes, and those who wait.
import type { Application, ApplicationOf } from "../application.ts";
import type { Reply, Request, Route } from "../http/router.ts";
import type { NodeService } from "../node-service.ts";
import { type StoreLimits, storeLimits } from "./limits.ts";
import { reservedRelations, type StoreRelations } from "./relations.ts";
import { backupRoute } from "./routes/backup.ts";
import { bulkRoute, failedHint } from "./routes/bulk.ts";
import { legacyRoutes } from "./routes/legacy.ts";
import { evaluationProblem } from "../routes/insert.ts";
import { pairRoutes } from "./routes/pair.ts";
import { scanRoutes } from "./routes/scan.ts";
import { socketPath, socketRoute, socketUpgrade } from "./routes/socket.ts";
import { storeStatusRoute } from "./routes/status.ts";
import { watchPath, watchRoute, watchUpgrade } from "./routes/watch.ts";
import { Store } from "./store.ts";
import { Waits } from "../waits.ts";
import { Watchers } from "./watchers.ts";

/** How a store is served. */
export type StoreOptions = {
  readonly limits?: Partial<StoreLimits>;
  /** How often is cleaned up what nobody needs. */
  readonly gcIntervalMs?: number;
  /** Whether the node has an ordered plane, which keeps what it has seen: nothing is cleaned up. */
  readonly ordered?: boolean;
};

/** How often is cleaned up unless said otherwise. */
const gcIntervalMs = 10_000;

/** Returns the store whose program has these relations (`storeRelations`). */
export function storeApplication(
  relations: StoreRelations,
  options: StoreOptions = {},
): ApplicationOf {
  return {
    reserved: reservedRelations(relations),
    ...(options.ordered !== true && {
      cleaning: { spent: relations.spent, names: relations.names },
    }),
    start: (service) => started(service, relations, options),
  };
}

/** A route that says of what the program cannot evaluate that it cannot. */
function refusing(route: Route): Route {
  const handle = async (request: Request): Promise<Reply> => {
    try {
      const reply = await route.handle(request);
      if (!("stream" in reply)) return reply;
      return {
        stream: (response) => {
          try {
            reply.stream(response);
          } catch (error) {
            throw evaluationProblem(error, failedHint);
          }
        },
      };
    } catch (error) {
      throw evaluationProblem(error, failedHint);
    }
  };
  return { ...route, handle };
}

function started(
  service: NodeService,
  relations: StoreRelations,
  options: StoreOptions,
): Application {
  const store = new Store(service, relations, { ...storeLimits, ...options.limits });
  const waits = new Waits();
  const watchers = new Watchers(store);
  const everyMs = options.gcIntervalMs ?? gcIntervalMs;
  const clock = setInterval(() => {
    service.driver.collect();
  }, everyMs);
  return {
    routes: [
      // `*` in a path stands for itself: it goes before a key in its place.
      ...scanRoutes(store, waits),
      ...pairRoutes(store, waits),
      bulkRoute(store, waits),
      watchRoute(store, watchers),
      socketRoute(),
      backupRoute(store),
      storeStatusRoute(store, everyMs, () => watchers.size),
      ...legacyRoutes(store),
    ].map(refusing),
    upgrades: new Map([
      [socketPath, socketUpgrade(store, waits)],
      [watchPath, watchUpgrade(store, watchers)],
    ]),
    changed: (changes) => {
      for (const { relation, tuples } of changes) {
        if (relation !== relations.cell) continue;
        for (const [k1, k2] of tuples as readonly (readonly [string, string])[])
          store.changed({ k1, k2 });
        watchers.changed(tuples);
      }
    },
    unread: (relation) => relation === relations.cell && !store.listed && !watchers.asking,
    progressed: () => {
      waits.check();
    },
    close: () => {
      clearInterval(clock);
      waits.close();
      watchers.close();
    },
  };
}
