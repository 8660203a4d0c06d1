/** Where the ordered log is. */
export type LogAddress =
  /** In files of this node; with `follow` the leader's, that other nodes keep. */
  | { readonly kind: "file"; readonly folder: string; readonly follow?: readonly string[] }
  | { readonly kind: "etcd"; readonly urls: readonly string[] }
  /** Other nodes keep it in files: one leads, and may be followed. */
  | { readonly kind: "http"; readonly urls: readonly string[] };

/** Returns the address that a text is: `file:DIR`, `etcd:URL,URL…` or `http(s)://HOST:PORT,…`;
 * undefined where it is none. */
export function logAddress(text: string): LogAddress | undefined {
  const [, scheme, rest = ""] = /^(file|etcd):(.+)$/s.exec(text) ?? [];
  if (scheme === "file") return { kind: "file", folder: rest };
  const urls = nodeAddresses(scheme === "etcd" ? rest : text);
  return urls && { kind: scheme === "etcd" ? "etcd" : "http", urls };
}

/** Returns the addresses of a text, which has commas between them; undefined where it has none. */
export function nodeAddresses(text: string): readonly string[] | undefined {
  const urls = text.split(",").map((url) => url.replace(/\/$/, ""));
  return urls.every((url) => /^https?:\/\/[^/\s]+$/.test(url)) ? urls : undefined;
}
