// Files that settings of a node name: its secrets, its certificates, those for etcd.
import { readFileSync } from "node:fs";

import type { TlsFiles } from "../server/http/http-server.ts";
import type { NodeSettings } from "../server/node-settings.ts";
import type { EtcdSettings, Secret } from "../server/ordered/etcd-settings.ts";
import type { OrderedOptions } from "../server/ordered/open-ordered.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** Returns the text of a file that a setting names; `what` is what it holds. */
export function fileText(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code;
    throw new CommandError(exitCodes.usage, `cannot read ${what} "${path}": ${reason}`);
  }
}

/** Returns a secret, from its file if it is in one. */
export function secretText(what: string, secret: Secret): string {
  return "text" in secret ? secret.text : fileText(what, secret.path).trim();
}

/** Returns the certificates of a node. */
export function tlsFiles({ cert, key, ca }: NonNullable<NodeSettings["tls"]>): TlsFiles {
  return {
    cert: fileText("certificate", cert),
    key: fileText("key", key),
    ...(ca !== undefined && { ca: fileText("certificate", ca) }),
  };
}

/** Returns how a node is let in by etcd. */
export function etcdAccess({ user, tls = {} }: EtcdSettings): NonNullable<OrderedOptions["etcd"]> {
  const { ca, cert, key } = tls;
  return {
    ...(user && {
      user: { name: user.name, password: secretText("password of etcd", user.password) },
    }),
    tls: {
      ...(ca !== undefined && { ca: fileText("certificate", ca) }),
      ...(cert !== undefined && { cert: fileText("certificate", cert) }),
      ...(key !== undefined && { key: fileText("key", key) }),
    },
  };
}
