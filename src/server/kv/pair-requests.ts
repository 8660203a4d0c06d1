// What clients ask about pairs of keys. What comes in one turn of the event loop is done together:
// the questions of all are one question, their facts go in in one step, and one write to the disk.
// It is as if each had been done by itself, in the order in which they came.
import { randomBytes } from "node:crypto";

import type { Fact } from "../../transducer/fact.ts";
import type { InsertRequest } from "../../transducer/protocol.ts";
import { StepFault } from "../../transducer/transducer.ts";
import type { Waiter } from "../node-driver.ts";
import type { NodeService } from "../node-service.ts";
import type { StoreLimits } from "./limits.ts";
import { type Cell, type Pair, pairText, type Put, type Told, type Written } from "./pair.ts";
import type { StoreRelations } from "./relations.ts";

/** A store as requests see it. */
export type PairStore = {
  readonly service: Pick<NodeService, "node" | "driver">;
  readonly relations: Pick<StoreRelations, "put" | "remove">;
  readonly limits: Pick<StoreLimits, "togetherMax" | "waitingMax" | "gatheredMax">;
  /** What is at each of some pairs now. */
  cellsAt(pairs: readonly Pair[]): (Cell | undefined)[];
  /** The dots that are seen at pairs, by their texts (`pairText`). */
  seenAt(pairs: readonly Pair[]): ReadonlyMap<string, readonly string[]>;
};

/** A request about one pair of keys, and who is told what came of it. A write that has a name is
 * done once. */
export type PairRequest = PairWrite | PairRead;

type PairRead = Pair & { readonly kind: "read" } & Told<Cell | undefined>;

type PairWrite = Told<Written> & { readonly request: string | undefined } & (
    | ({ readonly kind: "put" } & Put)
    | (Pair & { readonly kind: "remove"; readonly dots: readonly string[] | undefined })
  );

/** `pair` is the text of its pair. `alone`: it was among others that could not be evaluated, and is
 * not to be again. */
type Queued<R extends PairRequest = PairRequest> = {
  readonly request: R;
  readonly pair: string;
  readonly alone: boolean;
};

/** The requests of a store that wait for the end of the turn. */
export class PairRequests {
  private readonly store: PairStore;
  private queue: Queued[] = [];
  /** Whether what waits is about to be done. */
  private gathering = false;
  /** What writes without a name are called until they are done: no client knows it. */
  private readonly unnamedPrefix = randomBytes(9).toString("base64");
  private unnamed = 0;

  constructor(store: PairStore) {
    this.store = store;
  }

  /** Has a request done at the end of this turn, after those that came before; or of the one in
   * which the disk has finished what it is at, as nobody would be told earlier. */
  add(request: PairRequest): void {
    const waiting = this.queue.push({ request, pair: pairText(request), alone: false });
    if (waiting === 1)
      this.store.service.driver.onCommit(() => {
        this.performSoon();
      });
    else if (waiting === this.store.limits.waitingMax) this.performSoon();
  }

  private performSoon(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.gather();
  }

  /** Does what waits once the sockets bring no more, or enough has come: what a step costs at all
   * is shared by those in it. One request alone goes at the end of its turn. */
  private gather(): void {
    const before = this.queue.length;
    setImmediate(() => {
      const { length } = this.queue;
      if (length > before && length < this.store.limits.gatheredMax) this.gather();
      else {
        this.gathering = false;
        this.perform();
      }
    });
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

  /** How many requests from the first on do not depend on each other: where one is about a pair at
   * which an earlier one writes, or is the same write again, the earlier ones are to be done. */
  private independent(): number {
    const written = new Set<string>();
    const { togetherMax } = this.store.limits;
    let at = 0;
    for (const { request, pair, alone } of this.queue) {
      const name = request.kind === "read" ? undefined : request.request;
      const again = name !== undefined && written.has(`name ${name}`);
      if (at === togetherMax || written.has(pair) || again) return at;
      if (alone) return Math.max(at, 1);
      if (request.kind !== "read") written.add(pair);
      if (name !== undefined) written.add(`name ${name}`);
      at++;
    }
    return at;
  }

  private together(queued: readonly Queued[]): void {
    const reads: PairRead[] = [];
    const writes: Queued<PairWrite>[] = [];
    const asked: PairWrite[] = [];
    for (const one of queued) {
      const { request } = one;
      if (request.kind === "read") reads.push(request);
      else {
        writes.push(one as Queued<PairWrite>);
        if (asksSeen(request)) asked.push(request);
      }
    }
    try {
      const cells = this.store.cellsAt(reads);
      const seen = this.store.seenAt(asked);
      this.tell(reads, cells);
      this.write(writes, seen);
    } catch (error) {
      // A rule fails on what is at some pair: which one it is shows when each is done by itself.
      if (error instanceof StepFault && queued.length > 1)
        this.queue.unshift(...queued.map((one) => ({ ...one, alone: true })));
      else for (const { request } of queued) request.failed(error);
    }
  }

  private tell(reads: readonly PairRead[], cells: readonly (Cell | undefined)[]): void {
    if (reads.length === 0) return;
    this.store.service.driver.onDurable(
      () => cells,
      () => {
        for (const [at, { done }] of reads.entries()) done(cells[at]);
      },
      (error) => {
        for (const { failed } of reads) failed(error);
      },
    );
  }

  private write(
    writes: readonly Queued<PairWrite>[],
    seen: ReadonlyMap<string, readonly string[]>,
  ): void {
    if (writes.length === 0) return;
    const { node, driver } = this.store.service;
    const inserts: (InsertRequest & { readonly waiter: Waiter })[] = [];
    // Which of several cannot be evaluated shows when each is done by itself.
    const again: Queued[] = [];
    let number = node.nextNumber;
    for (const { request: write, pair } of writes) {
      const { request = `${this.unnamedPrefix} ${this.unnamed++}`, done, failed } = write;
      const once = write.request === undefined;
      const known = once ? undefined : node.accepted(request);
      const there = seen.get(pair) ?? [];
      const { dot, replaced, facts, split } =
        known === undefined
          ? this.planned(write, there, node.origin, number)
          : { dot: `${known.origin}:${known.from}`, replaced: [], facts: [], split: undefined };
      if (dot === undefined) {
        driver.onDurable(() => ({ dot, replaced, last: undefined }), done, failed);
        continue;
      }
      const waiter: Waiter = {
        done: ({ origin, to }) => {
          done({ dot, replaced, last: { origin, number: to } });
        },
        failed: (error) => {
          if (writes.length > 1 && error instanceof StepFault)
            again.push({ request: write, pair, alone: true });
          else failed(error);
        },
      };
      inserts.push(
        split === undefined
          ? { request, facts, once, waiter }
          : { request, facts, once, waiter, split },
      );
      number += facts.length;
    }
    driver.insertAll(inserts);
    this.queue.unshift(...again);
  }

  /** The facts of a write, which get numbers from `number` on. A put and the tombstones of what it
   * replaces are two parts of one batch: the value can go as soon as it is replaced itself, they
   * cannot. */
  private planned(
    write: PairWrite,
    there: readonly string[],
    origin: string,
    number: number,
  ): Planned {
    const { k1, k2 } = write;
    const dot = `${origin}:${number}`;
    if (write.kind === "remove") {
      const replaced = [...new Set(write.dots ?? there)];
      if (replaced.length === 0) return { dot: undefined, replaced, facts: [], split: undefined };
      return { dot, replaced, facts: this.tombstones(write, replaced, dot), split: undefined };
    }
    const { type, data } = write.content;
    const put: Fact = { relation: this.store.relations.put, values: [k1, k2, dot, type, data] };
    const replaced = replacedBy(write, there);
    if (replaced.length === 0) return { dot, replaced, facts: [put], split: undefined };
    const tombstones = this.tombstones(write, replaced, `${origin}:${number + 1}`);
    // It has as much memory as it needs, and is kept: one that grows has more.
    return { dot, replaced, facts: [put].concat(tombstones), split: 1 };
  }

  private tombstones({ k1, k2 }: Pair, dots: readonly string[], by: string): Fact[] {
    const relation = this.store.relations.remove;
    return dots.map((dot) => ({ relation, values: [k1, k2, dot, by] }));
  }
}

/** What a write comes to: its dot, if it does anything, and the facts of its batch. */
type Planned = Pick<Written, "dot" | "replaced"> & {
  readonly facts: readonly Fact[];
  readonly split: number | undefined;
};

/** Whether what a write does depends on what is seen at the pair. */
function asksSeen(write: PairWrite): boolean {
  if (write.kind === "remove") return write.dots === undefined;
  return (write.replaces ?? "seen") === "seen";
}

function replacedBy({ replaces = "seen" }: Put, seen: readonly string[]): readonly string[] {
  if (replaces === "none") return [];
  return replaces === "seen" ? seen : [...new Set(replaces)];
}
