/** Where the ordered log is. */
export type LogAddress =
  | { readonly kind: "file"; readonly folder: string }
  | { readonly kind: "etcd"; readonly urls: readonly string[] }
  /** Other nodes keep it in files: one leads, and may be followed. */
  | { readonly kind: "http"; readonly urls: readonly string[] };

/** Returns the address that a text is: `file:DIR`, `etcd:URL,URL…` or `http(s)://HOST:PORT,…`;
 * undefined where it is none. */
export function logAddress(text: string): LogAddress | undefined {
  const [, scheme, rest = ""] = /^(file|etcd):(.+)$/s.exec(text) ?? [];
  if (scheme === "file") return { kind: "file", folder: rest };
  const urls = (scheme === "etcd" ? rest : text).split(",").map((url) => url.replace(/\/$/, ""));
  if (!urls.every((url) => /^https?:\/\/[^/\s]+$/.test(url))) return undefined;
  return { kind: scheme === "etcd" ? "etcd" : "http", urls };
}
