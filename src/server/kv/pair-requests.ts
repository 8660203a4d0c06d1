// What clients ask about pairs of keys. What comes in one turn of the event loop is done together:
// the questions of all are one question, their facts go in in one step, and one write to the disk.
// It is as if each had been done by itself, in the order in which they came.
import { randomUUID } from "node:crypto";

import type { Fact } from "../../transducer/fact.ts";
import type { Accepted, InsertRequest } from "../../transducer/protocol.ts";
import { StepFault } from "../../transducer/transducer.ts";
import type { Waiter } from "../node-driver.ts";
import type { Cell, Pair, Put, Store, Told, Written } from "./store.ts";

/** A request about one pair of keys, and who is told what came of it. A write that has a name is
 * done once. */
export type PairRequest = PairWrite | PairRead;

type PairRead = Pair & { readonly kind: "read" } & Told<Cell | undefined>;

type PairWrite = Told<Written> & { readonly request: string | undefined } & (
    | ({ readonly kind: "put" } & Put)
    | (Pair & { readonly kind: "remove"; readonly dots: readonly string[] | undefined })
  );

/** `alone`: it was among others that could not be evaluated, and is not to be again. */
type Queued = { readonly request: PairRequest; readonly alone: boolean };

/** The requests of a store that wait for the end of the turn. */
export class PairRequests {
  private readonly store: Store;
  private queue: Queued[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  /** Has a request done at the end of this turn, after those that came before. */
  add(request: PairRequest): void {
    this.enqueue({ request, alone: false });
  }

  /** Does now what waits. */
  perform(): void {
    const { driver } = this.store.service;
    while (this.queue.length > 0) {
      if (driver.renewing) {
        // Dots are of the life that takes the facts in.
        driver.onLiving(() => {
          this.perform();
        });
        return;
      }
      this.together(this.queue.splice(0, this.independent()));
    }
  }

  private enqueue(queued: Queued): void {
    if (this.queue.push(queued) > 1) return;
    setImmediate(() => {
      this.perform();
    });
  }

  /** How many requests from the first on do not depend on each other: where one is about a pair at
   * which an earlier one writes, or is the same write again, the earlier ones are to be done. */
  private independent(): number {
    const written = new Set<string>();
    const { togetherMax } = this.store.limits;
    for (const [at, { request, alone }] of this.queue.entries()) {
      const pair = pairText(request);
      const name = request.kind === "read" ? undefined : request.request;
      const again = name !== undefined && written.has(`name ${name}`);
      if (at === togetherMax || written.has(pair) || again) return at;
      if (alone) return Math.max(at, 1);
      if (request.kind !== "read") written.add(pair);
      if (name !== undefined) written.add(`name ${name}`);
    }
    return this.queue.length;
  }

  private together(queued: readonly Queued[]): void {
    const reads: PairRead[] = [];
    const writes: PairWrite[] = [];
    for (const { request } of queued)
      if (request.kind === "read") reads.push(request);
      else writes.push(request);
    try {
      this.read(reads);
      this.write(writes);
    } catch (error) {
      for (const { request } of queued) request.failed(error);
    }
  }

  private read(reads: readonly PairRead[]): void {
    if (reads.length === 0) return;
    this.store.service.driver.onDurable(
      () => this.store.cellsAt(reads),
      (cells) => {
        for (const [at, { done }] of reads.entries()) done(cells[at]);
      },
      (error) => {
        for (const { failed } of reads) failed(error);
      },
    );
  }

  private write(writes: readonly PairWrite[]): void {
    if (writes.length === 0) return;
    const { node, driver } = this.store.service;
    const seen = this.store.seenAt(writes.filter(asksSeen));
    const inserts: (InsertRequest & { readonly waiter?: Waiter })[] = [];
    const nothing: PairWrite[] = [];
    let number = node.nextNumber;
    const insert = (name: string, once: boolean, facts: readonly Fact[], waiter?: Waiter): void => {
      inserts.push({ request: name, facts, ...(once && { once }), ...(waiter && { waiter }) });
    };
    const nextDot = (): string => `${node.origin}:${number}`;
    for (const write of writes) {
      const { k1, k2, request } = write;
      const name = request ?? randomUUID();
      const once = request === undefined;
      const known = once ? undefined : node.accepted(name);
      const there = seen.get(pairText(write)) ?? [];
      if (write.kind === "remove") {
        const removed = known === undefined ? [...new Set(write.dots ?? there)] : [];
        if (known === undefined && removed.length === 0) {
          nothing.push(write);
          continue;
        }
        const dot = known === undefined ? nextDot() : dotOf(known);
        const waiter = this.waiter(write, dot, removed, writes.length > 1);
        insert(name, once, this.tombstones(write, removed, dot), waiter);
        number += removed.length;
        continue;
      }
      const dot = known === undefined ? nextDot() : dotOf(known);
      if (known === undefined) number++;
      // A put that was replaced meanwhile replaces nothing any more.
      const late = known !== undefined && !there.includes(dot);
      const replaced = late ? [] : replacedBy(write, there).filter((one) => one !== dot);
      const waiter = this.waiter(write, dot, replaced, writes.length > 1);
      const { type, data } = write.content;
      const values = [k1, k2, dot, type, data];
      const alone = replaced.length === 0;
      insert(
        name,
        once,
        [{ relation: this.store.relations.put, values }],
        alone ? waiter : undefined,
      );
      if (alone) continue;
      // A batch of their own: the value can go as soon as it is replaced itself, they cannot.
      insert(`${name} replaces`, true, this.tombstones(write, replaced, nextDot()), waiter);
      number += replaced.length;
    }
    driver.insertAll(inserts);
    for (const { done, failed } of nothing)
      driver.onDurable(
        () => undefined,
        () => {
          done({ dot: undefined, replaced: [], last: undefined });
        },
        failed,
      );
  }

  private waiter(
    write: PairWrite,
    dot: string,
    replaced: readonly string[],
    together: boolean,
  ): Waiter {
    return {
      done: ({ origin, to }) => {
        write.done({ dot, replaced, last: { origin, number: to } });
      },
      failed: (error) => {
        // Which of them cannot be evaluated shows when each is done by itself.
        if (together && error instanceof StepFault) this.enqueue({ request: write, alone: true });
        else write.failed(error);
      },
    };
  }

  private tombstones({ k1, k2 }: Pair, dots: readonly string[], by: string): Fact[] {
    return dots.map((dot) => ({
      relation: this.store.relations.remove,
      values: [k1, k2, dot, by],
    }));
  }
}

/** A text for a pair, different from that of every other one. */
export function pairText({ k1, k2 }: Pair): string {
  return `${k1.length}:${k1}${k2}`;
}

/** Whether what a write does depends on what is seen at the pair. */
function asksSeen(write: PairWrite): boolean {
  if (write.kind === "remove") return write.dots === undefined;
  return (write.replaces ?? "seen") === "seen" || write.request !== undefined;
}

function replacedBy({ replaces = "seen" }: Put, seen: readonly string[]): readonly string[] {
  if (replaces === "none") return [];
  return replaces === "seen" ? seen : [...new Set(replaces)];
}

function dotOf({ origin, from }: Accepted): string {
  return `${origin}:${from}`;
}
