// What becomes of single frames, writes and acknowledgements. Each has a key; a fate is a list of
// numbers, and what has none takes its ordinary course.
import { random, type Random } from "../base/random.ts";
import type { FaultKind } from "./faults.ts";

/** Drawn by chance, or written down before. */
export type Fates =
  | { readonly kind: "random"; readonly seed: number; readonly faults: readonly FaultKind[] }
  | { readonly kind: "fixed"; readonly fates: ReadonlyMap<string, readonly number[]> };

/** A node stops. */
export type Crash = {
  readonly kind: "crash";
  readonly node: string;
  /** How many of the records survive that were not durable yet. */
  readonly keeps: number;
  /** The next of them is half there. */
  readonly torn: boolean;
  readonly downMs: number;
};

/** The fates of a run, in the order in which they are asked for. */
export class FateSource {
  /** What was not ordinary. */
  readonly fates = new Map<string, readonly number[]>();
  private readonly fixed: ReadonlyMap<string, readonly number[]>;
  private readonly from: Random | undefined;
  private readonly has: ReadonlySet<FaultKind>;
  private readonly counts = new Map<string, number>();
  private readonly rates: { readonly loss: number; readonly twice: number; readonly slow: number };

  constructor(fates: Fates) {
    const drawn = fates.kind === "random";
    // Not the numbers that the schedule was drawn with.
    this.from = drawn ? random(fates.seed ^ 0x5eed) : undefined;
    this.has = new Set(drawn ? fates.faults : []);
    this.fixed = drawn ? new Map() : fates.fates;
    const rate = (most: number): number => (this.from?.next() ?? 0) * most;
    this.rates = { loss: rate(0.4), twice: rate(0.3), slow: rate(0.6) };
  }

  /** The delays with which the copies of a frame arrive; none where it is lost. */
  frame(from: string, to: string): readonly number[] {
    const { loss, twice, slow } = this.rates;
    const drawn = this.fate(`${from}>${to}`, (chances) => {
      if (this.has.has("loss") && chances.chance(loss)) return [];
      const delay = (): number =>
        this.has.has("delay") && chances.chance(slow)
          ? chances.between(2, chances.chance(0.05) ? 400 : 40)
          : 1;
      const delays = [delay()];
      if (this.has.has("duplicate") && chances.chance(twice)) delays.push(delay());
      if (this.has.has("reorder") && chances.chance(slow)) delays[0] = chances.between(1, 60);
      return delays.length === 1 && delays[0] === 1 ? undefined : delays;
    });
    return drawn ?? [1];
  }

  /** How long it takes until what a node has written is durable. */
  fsync(node: string): number {
    const drawn = this.fate(`fsync ${node}`, (chances) =>
      this.has.has("slow-fsync") && chances.chance(this.rates.slow)
        ? [chances.between(3, chances.chance(0.1) ? 300 : 60)]
        : undefined,
    );
    return drawn?.[0] ?? 1;
  }

  /** Whether a node stops right when it has accepted or written something, before its frames are
   * out. */
  crash(node: string, when: "accepted" | "written"): Crash | undefined {
    const drawn = this.fate(`${when} ${node}`, (chances) => {
      if (!this.has.has("crash") || !chances.chance(0.06)) return undefined;
      const { keeps, torn, downMs } = crashOf(chances, node, this.has.has("torn"));
      return [keeps, Number(torn), downMs];
    });
    if (drawn === undefined) return undefined;
    const [keeps = 0, torn = 0, downMs = 1] = drawn;
    return { kind: "crash", node, keeps, torn: torn === 1, downMs };
  }

  /** After how long a client repeats a request that was accepted. */
  repeat(request: string): number | undefined {
    const drawn = this.fate(`repeat ${request}`, (chances) =>
      this.has.has("duplicate") && chances.chance(0.2) ? [chances.between(1, 300)] : undefined,
    );
    return drawn?.[0];
  }

  private fate(
    of: string,
    draw: (from: Random) => readonly number[] | undefined,
  ): readonly number[] | undefined {
    const count = (this.counts.get(of) ?? 0) + 1;
    this.counts.set(of, count);
    const key = `${of} ${count}`;
    const fate = this.from === undefined ? this.fixed.get(key) : draw(this.from);
    if (fate !== undefined) this.fates.set(key, fate);
    return fate;
  }
}

/** Returns how a node stops. */
export function crashOf(from: Random, node: string, torn: boolean): Crash {
  return {
    ...{ kind: "crash", node, keeps: from.chance(0.5) ? 0 : from.below(4) },
    ...{ torn: torn && from.chance(0.5), downMs: from.between(1, 200) },
  };
}
