// What nodes need while a soak runs, and whether that stays flat.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import type { ClusterNode } from "../test/support/cluster.ts";

/** What is measured of a node. */
export const measures = [
  "heap",
  "garbage",
  "buffers",
  "resident",
  "descriptors",
  "folder",
] as const;

/** One of `measures`: bytes, but for descriptors. */
export type Measure = (typeof measures)[number];

/** A node at one moment of the soak. */
export type Sample = Readonly<Record<Measure, number>> & { readonly atMs: number };

/** How a measure of one node has gone in the second and the last quarter of the soak. */
export type Course = {
  readonly measure: Measure;
  readonly second: number;
  readonly last: number;
  readonly verdict: "flat" | "grows" | "too short";
};

/** Where a value of the last quarter is above `factor` times that of the second, and `slack`, there
 * is a leak. Heap and buffers go up and down with what is collected and compacted: what counts is
 * the bottom. Folders grow until they are compacted, and what was cleaned up waits until it is worth
 * to give its memory back: what counts is the top. */
const rules: Readonly<Record<Measure, { of: number; factor: number; slack: number }>> = {
  heap: { of: 0.1, factor: 1.25, slack: 16 << 20 },
  garbage: { of: 1, factor: 1.25, slack: 4 << 20 },
  buffers: { of: 0.1, factor: 1.25, slack: 16 << 20 },
  resident: { of: 0.5, factor: 1.25, slack: 64 << 20 },
  descriptors: { of: 0.5, factor: 1, slack: 8 },
  folder: { of: 1, factor: 1.25, slack: 32 << 20 },
};

/** Samples in a quarter below which nothing can be said: logs are compacted every few minutes. */
const quarterSamplesMin = 60;

/** The names of the metrics behind the measures. */
const metricOf = {
  heap: "nodejs_heap_size_used_bytes",
  garbage: "calm_garbage_bytes",
  buffers: "nodejs_external_memory_bytes",
  resident: "process_resident_memory_bytes",
  descriptors: "process_open_fds",
} as const;

/** Returns what a node needs now, with its folders; undefined where it does not answer. */
export async function sampleOf(
  node: ClusterNode,
  folders: readonly string[],
  atMs: number,
): Promise<Sample | undefined> {
  try {
    const response = await fetch(`${node.url}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const text = await response.text();
    const of = (name: string): number => Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
    return {
      atMs,
      heap: of(metricOf.heap),
      garbage: of(metricOf.garbage),
      buffers: of(metricOf.buffers),
      resident: of(metricOf.resident),
      descriptors: of(metricOf.descriptors),
      folder: folders.reduce((sum, folder) => sum + bytesIn(folder), 0),
    };
  } catch {
    return undefined;
  }
}

/** Returns how the measures of a node have gone in a soak of `lengthMs`. */
export function coursesOf(samples: readonly Sample[], lengthMs: number): Course[] {
  const quarter = (at: number): readonly Sample[] =>
    samples.filter(({ atMs }) => Math.floor((4 * atMs) / lengthMs) === at);
  const [early, late] = [quarter(1), quarter(3)];
  const enough = Math.min(early.length, late.length) >= quarterSamplesMin;
  return measures.flatMap((measure): Course[] => {
    const { of, factor, slack } = rules[measure];
    const [second, last] = [early, late].map((some) =>
      quantile(
        some.map((one) => one[measure]),
        of,
      ),
    );
    if (second === undefined || last === undefined) return [];
    const grows = last > factor * second + slack;
    return [{ measure, second, last, verdict: !enough ? "too short" : grows ? "grows" : "flat" }];
  });
}

/** The value that a part of all is at most; undefined where there are none, or some are no numbers. */
function quantile(values: readonly number[], part: number): number | undefined {
  if (values.some(Number.isNaN)) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** The bytes of the files in a folder; of those that go meanwhile none. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    if (!entry.isFile()) return sum;
    const { size } = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) ?? {};
    return sum + (size ?? 0);
  }, 0);
}
