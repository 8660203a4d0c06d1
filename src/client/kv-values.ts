// Values of the store, as clients give them and get them.

/** What is put: a text, bytes, or what JSON can say. */
export type KvValue = string | Uint8Array | { readonly json: unknown };

/** A value with the dot that names it for good. Text, JSON or the base64 of bytes, by its type. */
export type KvVersion = {
  readonly dot: string;
  /** The content type. */
  readonly type: string;
  readonly text?: string;
  readonly json?: unknown;
  readonly base64?: string;
};

/** What is at a pair of keys: the winner, and the values that were put at the same time. */
export type KvCell = KvVersion & {
  readonly k1: string;
  readonly k2: string;
  /** Tells whether the values at the pair are the same. */
  readonly etag: string;
  readonly siblings?: readonly KvVersion[];
};

/** A cell whose values were not asked for. */
export type KvListed = Partial<KvVersion> & Pick<KvCell, "k1" | "k2" | "etag" | "siblings">;

/** The winner of a pair as it was put, byte for byte. */
export type KvBytes = {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly dot: string;
  readonly etag: string;
  /** How many values there are beside it. */
  readonly siblings: number;
};

/** Returns a value as the body of a request, with its content type. */
export function bodyOf(
  value: KvValue,
  type: string | undefined,
): { readonly type: string; readonly body: string | Uint8Array } {
  const said = type ?? bodyType(value);
  if (typeof value === "string" || value instanceof Uint8Array) return { type: said, body: value };
  return { type: said, body: jsonOf(value.json) };
}

/** Returns the content type of a value, unless another one is given. */
export function bodyType(value: KvValue): string {
  if (typeof value === "string") return "text/plain; charset=utf-8";
  return value instanceof Uint8Array ? "application/octet-stream" : "application/json";
}

/** Returns a value as a member of JSON. */
export function memberOf(value: KvValue): object {
  if (typeof value === "string") return { text: value };
  if (value instanceof Uint8Array) return { base64: base64Of(value) };
  return { json: value.json };
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("JSON has nothing for undefined, or a function");
  return text;
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 1 << 13)
    text += String.fromCharCode(...bytes.subarray(at, at + (1 << 13)));
  return btoa(text);
}
