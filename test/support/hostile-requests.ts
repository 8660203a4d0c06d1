// What clients send that mean no good, or know no better: HTTP requests and WebSocket frames, made
// from a seed. They are bytes, as latin1 texts: each character is a byte.
import type { Random } from "../../src/base/random.ts";

const wide = "k".repeat(2_000);

/** Keys, as paths have them. */
const keys = [
  ...["a", "b", "*", "%2A", "", ".", "..", "%2e", "%2e%2e", "%252e", "a%2fb", "%00", "%ff", "%zz"],
  ...["%", "__proto__", "constructor", "a;b", "a b", "%F0%9F%98%80", "%ED%A0%80", "\xff", wide],
  ...["{k1}", "kv", "a%0d%0ab", "a:b", "//", "\\", "%5c..%5c", "-1", "%E2%80%A8"],
];

const paths = [
  ...["/", "/kv", "/watch", "/v1/kv", "/v1/store", "/v1/status", "/v1/query", "/metrics", "*"],
  ...["/v1/relations/live", "/v1/facts/put", "/v1/facts/named", "/v1/live/cell", "/v1/why"],
  ...["/openapi.json", "http://other/kv", "//kv//", "/kv/../v1/status", "/v1/peer", "kv", ""],
];

const methods = [
  "GET",
  "GET",
  "POST",
  "POST",
  "DELETE",
  "HEAD",
  "PUT",
  "OPTIONS",
  "CONNECT",
  "get",
];

const names = [
  ...["replaces", "dots", "wait", "timeout", "limit", "cursor", "format", "values", "from"],
  ...["k1", "k2", "goal", "__proto__", "a[]", "partial"],
];

const values = [
  ...["", "none", "seen", "all", "0", "-1", "1e9", "NaN", "9".repeat(400), "true", "false", "json"],
  ...["ndjson", "a/1:1", "a/1:1,a/1:1", "/:", ",".repeat(3_000), "%00", "%", "W10", "bnVsbA"],
  ...["WyJhIiwiYiJd", "1-1", "0-99999999999999999999", "put(A,B,C,D,E)", "put(", "winner(_,_,_)"],
  ...["$R(".repeat(500), '"'.repeat(99), "%F0%9F", "csv", "raw", "__proto__"],
];

const headers = [
  ...["host: 127.0.0.1", "host: evil.example", "host:", "origin: https://evil.example"],
  ...["content-type: application/json", "content-type: application/x-ndjson", "content-type: \x01"],
  ...["content-type: text/plain; charset=utf-16", "content-type: image/png;base64"],
  ...["content-type: text/html", "content-encoding: gzip", "transfer-encoding: chunked"],
  ...["transfer-encoding: chunked, gzip", "content-length: 0", "content-length: -1"],
  ...["content-length: 99999999999999999999", "content-length: 5", "expect: 100-continue"],
  ...["expect: nothing", "idempotency-key: k", "idempotency-key: \xff", `idempotency-key: ${wide}`],
  ...["calm-session: a/1:1", "calm-session: zz/9:9", "calm-session: ,,,", "if-none-match: *"],
  ...['if-none-match: "x', "if-match: *", "last-event-id: 1-1", "last-event-id: \xff"],
  ...["authorization: Bearer", "authorization: Basic eDp5", "range: bytes=0-1", "accept: \xff"],
  ...["accept: application/vnd.calm.cell+json", "upgrade: websocket", "connection: upgrade"],
  ...["upgrade: h2c", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version: 13"],
  ...["sec-websocket-version: 99", "sec-websocket-protocol: ,", "cookie: a=b", "te: trailers"],
  ...["x-forwarded-for: ::1", ": empty", "no colon", " folded: x", "x: \r y", "trailer: x"],
];

const bodies = [
  ...["", "x", "{", "[]", "{}", "null", "1e999", '"', '"\\ud800"', "\xff\xfe", "\x00".repeat(99)],
  ...["[".repeat(9_000), '{"a":'.repeat(9_000), `[${"[".repeat(9_000)}${"]".repeat(9_000)}]`],
  ...['{"oper":"INSERT","k1":"a","k2":"b","data":"c"}', '{"oper":"SELECT","k1":"\\ud800"}'],
  ...['{"oper":"DELETE","k1":"a","k2":"b"}', '{"OPER":"insert"}', '{"oper":1}', '{"oper":[]}'],
  ...['{"__proto__":{"oper":"SELECT"},"constructor":1}', '{"oper":"SELECT","k1":null}}}}'],
  ...['[{"op":"put","k1":"a","k2":"b","text":"c"}]', '[{"op":"remove","k1":"a","k2":"b"}]'],
  ...['[{"op":"put","k1":"a","k2":"b","json":{"__proto__":1}}]', '[{"op":"put"}]', "[null]"],
  ...['[{"op":"put","k1":"a","k2":"b","base64":"?"}]', '[{"op":"remove","k1":"","k2":""}]'],
  ...[
    '{"op":"put","k1":"a","k2":"b","text":"\\ud800"}\n{"op"',
    "\n\n\n",
    "5\r\nhello\r\n0\r\n\r\n",
  ],
  ...[`[{"op":"put","k1":"d","k2":"d","json":${"[".repeat(9_000)}${"]".repeat(9_000)}}]`],
  ...["fffffffffffffffff\r\n", "5;x=y\r\nhel", "-1\r\n\r\n", '{"goal":"put(A,B,C,D,E)"}'],
  ...['{"goal":"put(","absence":true}', '[["a","b","c","d","e"]]', '[{"op":"put","k1":1}]'],
];

/** Requests as they should be. */
const models = [
  request("POST /kv/a/b", ["content-type: application/json"], '{"n":[1]}'),
  request("POST /kv/a/b?wait=1&replaces=none", ["idempotency-key: k"], "x"),
  request("GET /kv/a/b?format=json", ["calm-session: a/1:1"]),
  request("DELETE /kv/a/b?dots=a/1:1", ["idempotency-key: k2"]),
  request("GET /kv?limit=2&values=false", []),
  request("GET /kv/*/b?format=ndjson", []),
  request("GET /watch?k1=a&from=1-1", []),
  request("GET /v1/query?goal=winner(A,B,C)&limit=3", []),
  ...bodies.slice(11, 15).map((body) => request("POST /", [], body)),
  ...bodies.slice(20).map((body) => request("POST /kv", ["content-type: application/json"], body)),
  request("POST /kv", ["content-type: application/x-ndjson"], `${bodies[20]?.slice(1, -1)}\n`),
  request("POST /v1/why", ["content-type: application/json"], '{"goal":"cell(A,B,C,D)"}'),
];

/** Returns a request with the length of its body. */
export function request(line: string, headers: readonly string[], body = ""): string {
  const all = ["host: 127.0.0.1", "connection: close", ...headers];
  if (body !== "") all.push(`content-length: ${body.length}`);
  return `${line} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}

/** Returns a request, whole or not. */
export function hostileRequest(from: Random): string {
  if (from.chance(0.3)) return mangled(from.pick(models), from);
  const query = from.chance(0.4)
    ? `?${list(from, 3, () => `${from.pick(names)}=${from.pick(values)}`).join("&")}`
    : "";
  const pair = (): string => `/kv/${list(from, 2, () => from.pick(keys)).join("/")}`;
  const path = from.chance(0.6) ? pair() : from.pick(paths);
  const lines = list(from, 4, () => from.pick(headers));
  const body = from.chance(0.6) ? from.pick(bodies) : "";
  if (from.chance(0.8)) lines.unshift("host: 127.0.0.1");
  if (from.chance(0.7)) lines.push(`content-length: ${body.length}`);
  const version = from.chance(0.95) ? "HTTP/1.1" : from.pick(["HTTP/1.0", "HTTP/9.9", "ICY", ""]);
  const head = [`${from.pick(methods)} ${path}${query} ${version}`, ...lines, "", ""].join("\r\n");
  return from.chance(0.3) ? mangled(`${head}${body}`, from) : `${head}${body}`;
}

/** What is said on a WebSocket of the store once it is open: well-made frames with wrong texts. */
export function hostileText(from: Random): string {
  const field = (): string => `${JSON.stringify(from.pick(fields))}:${from.pick(members)}`;
  const text = `{"id":${from.chance(0.9) ? "1" : from.pick(members)},${list(from, 5, field).join()}}`;
  return from.chance(0.3) ? mangled(text, from) : text;
}

const fields = ["id", "op", "k1", "k2", "text", "json", "base64", "type", "dots", "replaces"];

const members = [
  ...['"put"', '"get"', '"remove"', '"a"', '""', "null", "1", "-1.5e300", "[]", "{}", "true"],
  ...['"\\ud800"', '"\\u0000"', '["a/1:1"]', '["x"]', '"seen"', '"none"', '"AA=="', '"\\r\\n"'],
  ...[JSON.stringify(wide), `${"[".repeat(9_000)}${"]".repeat(9_000)}`, '"text/html"', '"all"'],
];

/** Frames of a WebSocket (RFC 6455) that are made wrong, or at least oddly. */
export function hostileFrames(from: Random): string {
  return list(from, 6, () => {
    const text = from.chance(0.5) ? hostileText(from) : from.pick(["", "\xff\xfe\xfd", "\x03\xe8"]);
    const masked = from.chance(0.9);
    const first = from.chance(0.6) ? 0x81 : from.below(256);
    const size = from.chance(0.9) ? text.length : from.below(1 << 16);
    return frame(text, { first, masked, size });
  }).join("");
}

/** A frame of bytes: its first byte has its kind, and whether it is the last; a mask of zeros leaves
 * the bytes as they are. */
function frame(
  text: string,
  { first, masked, size }: { readonly first: number; readonly masked: boolean; size: number },
): string {
  const bit = masked ? 0x80 : 0;
  const length =
    size < 126
      ? [bit | size]
      : size < 1 << 16
        ? [bit | 126, size >> 8, size & 255]
        : [bit | 127, 0, 0, 0, 0, 0, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  return String.fromCharCode(first, ...length, ...(masked ? [0, 0, 0, 0] : [])) + text;
}

/** A text with a few places changed, doubled, or cut out. */
function mangled(text: string, from: Random): string {
  let result = text;
  for (let times = 1 + from.below(4); times > 0; times--) {
    const at = from.below(result.length + 1);
    const [before, after] = [result.slice(0, at), result.slice(at)];
    const how = from.below(3);
    if (how === 0) result = before + String.fromCharCode(from.below(256)) + after;
    else if (how === 1) result = before + after.slice(1 + from.below(8));
    else result = before + before.slice(-from.below(20) - 1) + after;
  }
  return result;
}

function list<T>(from: Random, most: number, item: () => T): T[] {
  return Array.from({ length: from.below(most + 1) }, item);
}
