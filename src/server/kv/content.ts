// Values between the bytes that clients send and what facts hold: a content type and a text.
import { Problem } from "../http/problem.ts";

/** A value as the store's facts have it. Bytes are base64, and their `type` ends in `;base64`. */
export type Content = { readonly type: string; readonly data: string };

/** A value in JSON. */
export type ContentJson = {
  readonly type: string;
  readonly text?: string;
  readonly json?: unknown;
  readonly base64?: string;
};

/** What a content type may be: it goes back out as a header. */
export const typePattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

/** How deep JSON may be nested that is a member of other JSON; what is deeper is a text. */
const jsonDepthMax = 200;

const bytesMark = ";base64";
/** The content type of a text of which nothing else is said. */
export const plainText = "text/plain; charset=utf-8";

/** What clients send who think of no type. */
const untyped = ["", "application/x-www-form-urlencoded"];

/** Returns the content of the body of a request. */
export function contentOf(header: string | undefined, bytes: Uint8Array): Content {
  const given = (header ?? "").trim();
  if (!typePattern.test(given) && given !== "")
    throw new Problem(400, "bad-request", "a content type has at most 256 ASCII characters");
  const type = untyped.includes(nameOf(given)) ? undefined : withoutMark(given);
  const text = type === undefined || textual(type) ? utf8(bytes) : undefined;
  if (text !== undefined) return { type: type ?? plainText, data: text };
  const data = Buffer.from(bytes).toString("base64");
  return { type: `${type ?? "application/octet-stream"}${bytesMark}`, data };
}

/** Returns the content that JSON says; throws a problem where it says none, or more than one. */
export function contentFromJson(from: {
  readonly [name in keyof ContentJson]?: ContentJson[name] | undefined;
}): Content {
  const { type, text, json, base64 } = from;
  if (Number(text !== undefined) + Number(json !== undefined) + Number(base64 !== undefined) !== 1)
    throw new Problem(400, "bad-request", "a put has one of text, json and base64");
  // One text for all that have it: each value is kept with its type.
  if (text !== undefined && (type ?? plainText) === plainText)
    return { type: plainText, data: text };
  if (text !== undefined) return { type: withoutMark(type ?? ""), data: text };
  if (base64 === undefined) {
    if (deeper(json, jsonDepthMax))
      throw new Problem(400, "bad-request", `JSON is nested ${jsonDepthMax} deep at most`);
    return { type: withoutMark(type ?? "application/json"), data: JSON.stringify(json) };
  }
  return contentOf(type ?? "application/octet-stream", Buffer.from(base64, "base64"));
}

/** The bytes of a value, and its content type. */
export function bytesOf({ type, data }: Content): {
  readonly type: string;
  readonly bytes: Buffer;
} {
  const bytes = type.endsWith(bytesMark);
  return { type: withoutMark(type), bytes: Buffer.from(data, bytes ? "base64" : "utf8") };
}

/** A value as JSON has it. */
export function contentJson({ type, data }: Content): ContentJson {
  if (type.endsWith(bytesMark)) return { type: withoutMark(type), base64: data };
  if (!isJson(type)) return { type, text: data };
  try {
    const json: unknown = JSON.parse(data);
    // It would be written by a function that calls itself for each level.
    if (!deeper(json, jsonDepthMax)) return { type, json };
  } catch {
    // What calls itself JSON and is none is a text.
  }
  return { type, text: data };
}

function deeper(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((part) => deeper(part, most - 1));
}

function nameOf(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}

function textual(type: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1] ?? "utf-8";
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) return false;
  return nameOf(type).startsWith("text/") || isJson(type) || /[/+]xml$/.test(nameOf(type));
}

function isJson(type: string): boolean {
  return /[/+]json$/.test(nameOf(type));
}

function withoutMark(type: string): string {
  return type.endsWith(bytesMark) ? type.slice(0, -bytesMark.length) : type;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
