import { NodeError } from "./node-error.ts";

/** When what failed is asked for again. */
export type RetryOptions = {
  /** How long to wait after the first failure; doubled after each. */
  readonly firstMs: number;
  /** How long to wait at most. */
  readonly maxMs: number;
  /** How many failures in a row are too many. */
  readonly attemptsMax: number;
};

/** When what failed is asked for again, unless said otherwise. */
const retryOptions: RetryOptions = { firstMs: 100, maxMs: 30_000, attemptsMax: Infinity };

/** Counts failures in a row, and waits after each. */
export class Retry {
  private readonly options: RetryOptions;
  private failures = 0;

  constructor(options: Partial<RetryOptions> = {}) {
    this.options = { ...retryOptions, ...options };
  }

  /** All is well again. */
  reset(): void {
    this.failures = 0;
  }

  /** Waits, unless trying again is of no use: then throws the error. */
  async after(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { firstMs, maxMs, attemptsMax } = this.options;
    if (error instanceof NodeError && error.retryAfterMs === undefined) throw error;
    // Where no connection comes about, fetch throws a TypeError.
    if (!(error instanceof NodeError || error instanceof TypeError)) throw error;
    this.failures++;
    if (this.failures >= attemptsMax) throw error;
    const most = Math.min(maxMs, firstMs * 2 ** Math.min(this.failures - 1, 30));
    // Many clients of a node that was away do not come back at once.
    const wait = most * (0.5 + Math.random() / 2);
    const least = error instanceof NodeError ? (error.retryAfterMs ?? 0) : 0;
    await pause(Math.max(wait, least), signal);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
