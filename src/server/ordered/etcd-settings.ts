// How a node is let in by the etcd that keeps its ordered log. Files are not read here.
import type { LogAddress } from "./log-address.ts";

/** The key of a setting. */
export type EtcdKey = "etcdUser" | "etcdPassword" | "etcdCa" | "etcdCert" | "etcdKey";

/** A secret itself, or the file that holds it. */
export type Secret = { readonly text: string } | { readonly path: string };

/** Who a node is to etcd, and whom it trusts: names of files in PEM. */
export type EtcdSettings = {
  readonly user?: { readonly name: string; readonly password: Secret };
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
};

const group = "Ordered plane:";

/** All that can be set: rows of `nodeSettings`. */
export const etcdSettings: readonly {
  readonly key: EtcdKey;
  readonly flag: string;
  readonly description: string;
  readonly group: string;
}[] = [
  {
    ...{ key: "etcdUser", flag: "--etcd-user <name>", group },
    description: "with --log etcd:…: the user that etcd knows this node by",
  },
  {
    ...{ key: "etcdPassword", flag: "--etcd-password <file>", group },
    description: "the file with the user's password; CALM_ETCD_PASSWORD is the password itself",
  },
  {
    ...{ key: "etcdCa", flag: "--etcd-ca <file>", group },
    description: "the authority of etcd's certificates, in PEM: that of the system, unless given",
  },
  {
    ...{ key: "etcdCert", flag: "--etcd-cert <file>", group },
    description: "the certificate that this node shows to etcd",
  },
  {
    ...{ key: "etcdKey", flag: "--etcd-key <file>", group },
    description: "its key",
  },
];

/** How settings are looked up. */
export type EtcdReading = {
  readonly text: (key: EtcdKey) => string | undefined;
  readonly secret: (key: EtcdKey) => Secret | undefined;
};

/** Returns how a node is let in by etcd; what is wrong with that is added to `wrong`. `log` is
 * undefined where the node has none, or one that is wrong itself. */
export function etcdSettingsOf(
  { text, secret }: EtcdReading,
  log: LogAddress | undefined,
  wrong: string[],
): EtcdSettings | undefined {
  const given = etcdSettings.find(({ key }) => text(key) !== undefined);
  if (given === undefined) return undefined;
  const [flag] = given.flag.split(" ");
  if (log?.kind !== "etcd") {
    wrong.push(`${flag} goes with --ordered --log etcd:URL`);
    return undefined;
  }
  const [name, password] = [text("etcdUser"), secret("etcdPassword")];
  if ((name === undefined) !== (password === undefined))
    wrong.push("--etcd-user and --etcd-password (or CALM_ETCD_PASSWORD) go together");
  const [ca, cert, key] = [text("etcdCa"), text("etcdCert"), text("etcdKey")];
  if ((cert === undefined) !== (key === undefined))
    wrong.push("--etcd-cert and --etcd-key go together");
  const certified = ca !== undefined || cert !== undefined || key !== undefined;
  if (certified && !log.urls.every((url) => url.startsWith("https:")))
    wrong.push("--etcd-ca and --etcd-cert are for addresses that begin with https://");
  return {
    ...(name !== undefined && password !== undefined && { user: { name, password } }),
    ...(certified && {
      tls: {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
      },
    }),
  };
}
