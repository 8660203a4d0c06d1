import { json, type Route } from "./http/router.ts";
import type { NodeService } from "./node-service.ts";
import { openApi } from "./openapi.ts";
import { answerRoutes } from "./routes/answers.ts";
import { insertRoute } from "./routes/insert.ts";
import { liveRoute } from "./routes/live.ts";
import { memberRoutes } from "./routes/members.ts";
import { type PageFiles, pageRoutes } from "./page-routes.ts";
import { operationRoutes } from "./routes/operations.ts";
import { queryRoute } from "./routes/query.ts";
import { sealRoute } from "./routes/seal.ts";
import { whyRoute } from "./routes/why.ts";
import * as z from "zod";

/** All that can be asked of a node; `first` goes before what all nodes answer. The description does
 * not list the files of the page: it is of what programs ask. */
export function nodeRoutes(
  service: NodeService,
  first: readonly Route[] = [],
  page?: PageFiles,
): readonly Route[] {
  const routes: Route[] = [
    ...first,
    ...(service.ordered?.routes ?? []),
    insertRoute(service),
    sealRoute(service),
    ...answerRoutes(service),
    queryRoute(service),
    whyRoute(service),
    liveRoute(service),
    ...operationRoutes(service),
    ...memberRoutes(service),
    {
      method: "GET",
      path: "/openapi.json",
      summary: "Gives this description",
      open: true,
      gives: { "application/json": z.record(z.string(), z.any()) },
      problems: [],
      handle: () => json(openApi(routes)),
    },
  ];
  return page === undefined ? routes : [...routes, ...pageRoutes(page, "/ui")];
}
