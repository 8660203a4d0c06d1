import type { FateSource } from "./fates.ts";
import type { FaultKind } from "./faults.ts";

/** When frames arrive: what their fates make of them, and in which order. */
export class Traffic {
  /** How many frames were sent. */
  frames = 0;
  private readonly fates: FateSource;
  private readonly ordered: boolean;
  private readonly count: (kind: FaultKind) => void;
  /** When the last frame arrives from one node at another. */
  private readonly last = new Map<string, number>();

  /** `count` is told of each fault. */
  constructor(fates: FateSource, ordered: boolean, count: (kind: FaultKind) => void) {
    this.fates = fates;
    this.ordered = ordered;
    this.count = count;
  }

  /** When the copies of a frame arrive that is sent now; none where it is lost. */
  arrivals(from: string, to: string, nowMs: number, calm: boolean): readonly number[] {
    this.frames++;
    const delays = calm ? [1] : this.fates.frame(from, to);
    if (delays.length === 0) this.count("loss");
    if (delays.length > 1) this.count("duplicate");
    return delays.map((delayMs) => {
      if (delayMs > 1) this.count("delay");
      const last = this.last.get(`${from}>${to}`) ?? 0;
      const early = nowMs + delayMs;
      if (early < last && !this.ordered) this.count("reorder");
      const atMs = this.ordered ? Math.max(early, last) : early;
      this.last.set(`${from}>${to}`, Math.max(atMs, last));
      return atMs;
    });
  }
}
