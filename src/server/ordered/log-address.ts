/** Where the ordered log is. */
export type LogAddress =
  | { readonly kind: "file"; readonly folder: string }
  | { readonly kind: "etcd"; readonly urls: readonly string[] }
  /** Another node keeps it in files. */
  | { readonly kind: "http"; readonly url: string };

/** Returns the address that a text is: `file:DIR`, `etcd:URL,URL…` or `http(s)://HOST:PORT`;
 * undefined where it is none. */
export function logAddress(text: string): LogAddress | undefined {
  const [, scheme, rest = ""] = /^(file|etcd):(.+)$/s.exec(text) ?? [];
  if (scheme === "file") return { kind: "file", folder: rest };
  if (scheme === "etcd") {
    const urls = rest.split(",").map((url) => url.replace(/\/$/, ""));
    return urls.every((url) => /^https?:\/\/[^/\s]+$/.test(url))
      ? { kind: "etcd", urls }
      : undefined;
  }
  if (/^https?:\/\/[^/\s]+\/?$/.test(text)) return { kind: "http", url: text.replace(/\/$/, "") };
  return undefined;
}
