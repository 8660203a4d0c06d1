// The store as an application of a node: its routes, and those who wait.
import type { Application, ApplicationOf } from "../application.ts";
import type { NodeService } from "../node-service.ts";
import { type StoreLimits, storeLimits } from "./limits.ts";
import { reservedRelations, type StoreRelations } from "./relations.ts";
import { legacyRoutes } from "./routes/legacy.ts";
import { pairRoutes } from "./routes/pair.ts";
import { Store } from "./store.ts";
import { Waits } from "./waits.ts";

/** How a store is served. */
export type StoreOptions = {
  readonly limits?: Partial<StoreLimits>;
  /** How often is cleaned up what nobody needs. */
  readonly gcIntervalMs?: number;
};

/** How often is cleaned up unless said otherwise. */
export const gcIntervalMs = 10_000;

/** Returns the store whose program has these relations (`storeRelations`). */
export function storeApplication(
  relations: StoreRelations,
  options: StoreOptions = {},
): ApplicationOf {
  return {
    reserved: reservedRelations(relations),
    cleaning: { spent: relations.spent, names: relations.names },
    start: (service) => started(service, relations, options),
  };
}

function started(
  service: NodeService,
  relations: StoreRelations,
  options: StoreOptions,
): Application {
  const store = new Store(service, relations, { ...storeLimits, ...options.limits });
  const waits = new Waits();
  const clock = setInterval(() => {
    service.driver.collect();
  }, options.gcIntervalMs ?? gcIntervalMs);
  return {
    routes: [...pairRoutes(store, waits), ...legacyRoutes(store)],
    upgrades: new Map(),
    changed: () => undefined,
    progressed: () => {
      waits.check();
    },
    close: () => {
      clearInterval(clock);
      waits.close();
    },
  };
}
