// Load for stores: connections that each have so many requests on their way, and what they saw.
import { readFileSync } from "node:fs";

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
  /** Microseconds of the processor that a request took of all servers together, and of who asks:
   * these say more than the time where the machine does other things. */
  readonly serverUs: number | undefined;
  readonly clientUs: number;
};

/** How much is asked. */
export type LoadOptions = {
  readonly inFlight: number;
  readonly requests: number;
  /** The processes of the servers. */
  readonly pids: readonly (number | undefined)[];
  readonly ask: (connection: Connection, at: number) => Promise<unknown>;
};

/** Asks over all connections until all requests are answered. */
export async function load(
  connections: readonly Connection[],
  { inFlight, requests, pids, ask }: LoadOptions,
): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const [startMs, own, others] = [performance.now(), process.cpuUsage(), processorUs(pids)];
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
  const { user, system } = process.cpuUsage(own);
  const taken = processorUs(pids);
  times.sort((a, b) => a - b);
  const part = (of: number): number => times[Math.floor(times.length * of)] ?? NaN;
  return {
    ...{ perSecond: requests / seconds, p50Ms: part(0.5), p99Ms: part(0.99) },
    serverUs: others === undefined || taken === undefined ? undefined : (taken - others) / requests,
    clientUs: (user + system) / requests,
  };
}

/** Ticks of the clock by which Linux counts what processes take of the processor. */
const tickUs = 10_000;

/** Returns how much processes have taken of the processor; undefined where the system does not say
 * so in files. */
function processorUs(pids: readonly (number | undefined)[]): number | undefined {
  try {
    return pids.reduce<number>((sum, pid) => {
      const [, rest = ""] = readFileSync(`/proc/${pid ?? 0}/stat`, "utf8").split(") ");
      const [user, system] = rest.split(" ").slice(11, 13);
      return sum + (Number(user) + Number(system)) * tickUs;
    }, 0);
  } catch {
    return undefined;
  }
}
