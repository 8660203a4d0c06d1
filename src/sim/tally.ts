import type { Frame } from "../transducer/protocol.ts";
import { lastOf } from "../transducer/shared.ts";

/** Counts the facts that each node sends to others: each once for each of those, however often it
 * goes again. */
export class Tally {
  /** By who sends, to whom, and of which origin: how many have gone. */
  private readonly sent = new Map<string, Map<string, number>>();

  note(from: string, to: string, frame: Frame): void {
    if (frame.kind !== "batch" && frame.kind !== "messages") return;
    const { origin, last } =
      frame.kind === "batch"
        ? { origin: frame.batch.origin, last: lastOf(frame.batch) }
        : { origin: frame.origin, last: frame.from + frame.facts.length - 1 };
    const known = this.sent.get(from) ?? new Map<string, number>();
    const key = `${frame.kind} ${to} ${origin}`;
    this.sent.set(from, known.set(key, Math.max(known.get(key) ?? 0, last)));
  }

  /** How many facts a node has sent. */
  of(name: string): number {
    return [...(this.sent.get(name)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }
}
