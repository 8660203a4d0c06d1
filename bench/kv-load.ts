// Load for stores: connections that each have so many requests on their way, and what they saw.

/** One connection to a store. */
export type Connection = {
  put(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  close(): void;
};

/** What a run saw. */
export type Load = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** How much is asked. */
export type LoadOptions = {
  readonly inFlight: number;
  readonly requests: number;
  readonly ask: (connection: Connection, at: number) => Promise<unknown>;
};

/** Asks over all connections until all requests are answered. */
export async function load(
  connections: readonly Connection[],
  { inFlight, requests, ask }: LoadOptions,
): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const startMs = performance.now();
  const lane = async (connection: Connection): Promise<void> => {
    for (let at = next++; at < requests; at = next++) {
      const fromMs = performance.now();
      await ask(connection, at);
      times.push(performance.now() - fromMs);
    }
  };
  const lanes = connections.flatMap((one) => Array.from({ length: inFlight }, () => lane(one)));
  await Promise.all(lanes);
  const seconds = (performance.now() - startMs) / 1000;
  times.sort((a, b) => a - b);
  const part = (of: number): number => times[Math.floor(times.length * of)] ?? NaN;
  return { perSecond: requests / seconds, p50Ms: part(0.5), p99Ms: part(0.99) };
}
