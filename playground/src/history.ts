// What was written, kept by the browser: the project as it is, and how it was when it was last run,
// some times back. A browser that keeps nothing, or has no room, loses nothing but that.
import { type Shared, sharedOf } from "./link.ts";

/** One earlier state. */
export type Entry = { readonly atMs: number; readonly shared: Shared };

const currentKey = "calmdb.playground.current";
const historyKey = "calmdb.playground.history";

/** How many earlier states are kept. */
const historyMax = 20;

/** Returns what was open when the page was left. */
export function current(): Shared | undefined {
  return stored(currentKey, sharedOf);
}

/** Keeps what is open. */
export function keep(shared: Shared): void {
  store(currentKey, shared);
}

/** Returns earlier states, the latest first. */
export function history(): readonly Entry[] {
  return (
    stored(historyKey, (given) => {
      if (!Array.isArray(given)) return [];
      return given.flatMap((entry: { atMs?: unknown; shared?: unknown }): Entry[] =>
        typeof entry.atMs === "number"
          ? [{ atMs: entry.atMs, shared: sharedOf(entry.shared) }]
          : [],
      );
    }) ?? []
  );
}

/** Adds a state, unless it is the latest one. */
export function remember(shared: Shared, atMs: number): void {
  const before = history();
  const same = (a: Shared, b: Shared): boolean =>
    JSON.stringify([a.main, a.files]) === JSON.stringify([b.main, b.files]);
  const [latest] = before;
  if (latest !== undefined && same(latest.shared, shared)) return;
  store(historyKey, [{ atMs, shared }, ...before].slice(0, historyMax));
}

function stored<T>(key: string, read: (given: unknown) => T): T | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : read(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function store(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full ones: what is open stays open.
  }
}
