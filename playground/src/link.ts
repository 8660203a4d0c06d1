// What a link carries: all that is needed to see the same thing. `#v1=` and the deflated JSON in the
// letters of base64url; what is not understood in a later version's link is left out, what is
// missing in an earlier one's has its default.
import type { Project, RunLimits } from "./protocol.ts";

/** The tabs beside the editor. */
export const tabs = ["results", "monotonicity", "network", "store", "plan", "node"] as const;

/** One of `tabs`. */
export type Tab = (typeof tabs)[number];

/** What a link carries. */
export type Shared = Project & {
  readonly tab: Tab;
  readonly limits?: Partial<RunLimits>;
  /** What a tab wants to be seen with: it knows its own. */
  readonly views?: Readonly<Record<string, unknown>>;
};

/** A longer link is not pasted into most places: a file is better. */
export const linkLettersMax = 8192;

/** Returns the part of a link after `#`. */
export async function encoded(shared: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  const deflated = await piped(bytes, new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of deflated) binary += String.fromCharCode(byte);
  return `v1=${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** Returns what a link carries; undefined where it carries nothing. Throws where that cannot be
 * read. */
export async function decoded(hash: string): Promise<Shared | undefined> {
  const letters = /(?:^#?|&)v1=([\w-]+)/.exec(hash)?.[1];
  if (letters === undefined) return undefined;
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const deflated = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const bytes = await piped(deflated, new DecompressionStream("deflate-raw"));
  return sharedOf(JSON.parse(new TextDecoder().decode(bytes)));
}

/** Returns the lines that a link points to: `L12` or `L12-L20`. */
export function linesOf(hash: string): { readonly from: number; readonly to: number } | undefined {
  const [, from, to = from] = /(?:^#|&)L(\d+)(?:-L?(\d+))?/.exec(hash) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}

/** Reads what a file or a link holds; it is a stranger's. */
export function sharedOf(given: unknown): Shared {
  if (!isObject(given)) throw new Error("there is no project in it");
  const { main, files, tab, limits, views } = given;
  if (typeof main !== "string" || !isObject(files)) throw new Error("there is no project in it");
  const texts = Object.entries(files).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  if (!texts.some(([name]) => name === main)) throw new Error(`there is no file "${main}" in it`);
  return {
    main,
    files: Object.fromEntries(texts),
    tab: tabs.find((one) => one === tab) ?? "results",
    ...(isObject(limits) && { limits: numbersOf(limits) }),
    ...(isObject(views) && { views }),
  };
}

function numbersOf(given: Readonly<Record<string, unknown>>): Partial<RunLimits> {
  const known = ["seconds", "tuples", "steps"];
  return Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => known.includes(name) && typeof value === "number" && value > 0,
    ),
  );
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null;
}

async function piped(
  bytes: Uint8Array<ArrayBuffer>,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
