// What the clients of a cluster asked for, what they heard, and when.
import type { Result } from "../../src/calvin/ending.ts";
import type { Value } from "../../src/value/schema.ts";

/** What a client asks for: a transaction by its name. */
export type ClusterCall = { readonly name: string; readonly args: readonly Value[] };

/** A call as its client saw it. */
export type HeardCall = ClusterCall & {
  readonly id: string;
  /** Who asked: one thing after the other. */
  readonly process: string;
  readonly from: number;
  /** When it heard the answer, and which; infinite and none where it heard nothing. */
  readonly to: number;
  readonly result: Result | undefined;
};

/** The calls of a run. Who has its answer asks next; where all wait someone new comes. */
export class CallHistory {
  private readonly calls = new Map<string, HeardCall>();
  private readonly idle: string[] = [];
  private processes = 0;

  /** How many wait for an answer. */
  get open(): number {
    return this.processes - this.idle.length;
  }

  asked(id: string, call: ClusterCall, from: number): void {
    const process = this.idle.shift() ?? `p${++this.processes}`;
    this.calls.set(id, { ...call, id, process, from, to: Infinity, result: undefined });
  }

  answered(id: string, result: Result, to: number): void {
    const call = this.calls.get(id);
    if (call === undefined) throw new Error(`nobody asked for ${id}`);
    if (call.result !== undefined) return;
    this.calls.set(id, { ...call, to, result });
    this.idle.push(call.process);
  }

  /** All calls in the order of the questions. Of some, which `lost` tells, the answer is left out:
   * their clients gave up, and others ask in their place. */
  heard(lost: (id: string) => boolean): HeardCall[] {
    return [...this.calls.values()].map((call) =>
      lost(call.id)
        ? { ...call, process: `${call.process}/${call.id}`, to: Infinity, result: undefined }
        : call,
    );
  }
}
