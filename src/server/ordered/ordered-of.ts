import type { NodeService } from "../node-service.ts";
import type { OrderedLinks, OrderedService } from "./service.ts";

/** An ordered plane before its node runs: what it begins with is read. */
export type OrderedOf = {
  readonly start: (service: NodeService, links: OrderedLinks) => OrderedService;
  /** Lets go what was opened, where the node does not start. */
  readonly close: () => Promise<void>;
};
