/** Those who wait until the node, or others, hold what they want. */
export class Waits {
  private readonly waiting = new Set<{ readonly holds: () => boolean; readonly done: Done }>();

  /** Resolves to true as soon as a condition holds, to false after `ms` milliseconds. */
  until(holds: () => boolean, ms: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        one.done(false);
      }, ms);
      const one = {
        holds,
        done: (held: boolean) => {
          clearTimeout(timer);
          this.waiting.delete(one);
          resolve(held);
        },
      };
      this.waiting.add(one);
    });
  }

  /** Looks at all conditions: something may have changed. */
  check(): void {
    for (const one of [...this.waiting]) if (one.holds()) one.done(true);
  }

  /** Lets nobody wait any more. */
  close(): void {
    for (const one of [...this.waiting]) one.done(false);
  }
}

type Done = (held: boolean) => void;
