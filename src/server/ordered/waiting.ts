// Those who wait for something to come to pass that is told from elsewhere: an epoch, an answer.
import type { Problem } from "../http/problem.ts";

type Waiter = { readonly done: () => void; readonly failed: (problem: Problem) => void };

/** Who waits for epochs to be carried out. */
export class EpochWaits {
  private readonly waiting = new Map<Waiter, number>();
  private closed: Problem | undefined;

  /** Resolves when an epoch is reached; throws what `late` returns after so long. */
  wait(epoch: number, ms: number, late: () => Problem): Promise<void> {
    const { closed } = this;
    if (closed !== undefined) return Promise.reject(closed);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(late());
      }, ms);
      const waiter: Waiter = {
        done: () => {
          clearTimeout(timer);
          resolve();
        },
        failed: (problem) => {
          clearTimeout(timer);
          reject(problem);
        },
      };
      this.waiting.set(waiter, epoch);
    });
  }

  /** All epochs up to this one are reached. */
  reached(epoch: number): void {
    for (const [waiter, wanted] of [...this.waiting]) {
      if (wanted > epoch) continue;
      this.waiting.delete(waiter);
      waiter.done();
    }
  }

  /** Nothing is reached any more. */
  close(problem: Problem): void {
    this.closed = problem;
    for (const { failed } of this.waiting.keys()) failed(problem);
    this.waiting.clear();
  }
}
