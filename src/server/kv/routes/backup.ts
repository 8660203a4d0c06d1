// A copy of what a node holds, as one archive, while it goes on.
import * as z from "zod";

import { archiveOf } from "../../../runtime/node/archived-folder.ts";
import { Problem } from "../../http/problem.ts";
import type { Reply, Request, Route } from "../../http/router.ts";
import type { Store } from "../store.ts";

/** The path of backups. */
export const backupPath = "/v1/store/backup";

/** The route of backups: what was acknowledged before is in them, and the node's private key. */
export function backupRoute(store: Store): Route {
  let open = 0;
  const handle = async ({ message }: Request): Promise<Reply> => {
    if (open >= store.limits.backupsMax)
      throw new Problem(429, "overloaded", "as many backups as may be are on their way", {
        headers: { "retry-after": "5" },
      });
    open++;
    let archive;
    try {
      await store.durable(() => undefined);
      archive = await archiveOf(store.service.data);
    } catch (error) {
      open--;
      throw error;
    }
    const { name, bytes, content, close } = archive;
    const headers = {
      "content-length": String(bytes),
      "content-disposition": `attachment; filename="${encodeURIComponent(name)}.tar"`,
    };
    const type = "application/x-tar";
    if (message.method === "HEAD") {
      open--;
      await close();
      return { type, body: "", headers };
    }
    return {
      ...{ type, headers },
      body: (async function* () {
        try {
          yield* content();
        } finally {
          open--;
        }
      })(),
    };
  };
  return {
    method: "GET",
    path: backupPath,
    operator: true,
    secret: true,
    summary: "Gives a copy of the node's data folder, as it is now, with its private key",
    gives: { "application/x-tar": z.string() },
    problems: [401, 403, 429, 503],
    handle,
  };
}
