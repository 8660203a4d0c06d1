// Where a query of the ordered plane runs: how a node finds an epoch that is late enough.
import { joinedFrontier, reaches } from "../../calvin/frontier.ts";
import type { OrderedLog } from "../../calvin/ordered-log.ts";
import { pause } from "../../runtime/node/pause.ts";
import type { VersionVector } from "../../transducer/protocol.ts";
import { Problem } from "../http/problem.ts";
import { memberAnswers } from "./member-calls.ts";
import type { OrderedReads } from "./reads.ts";
import type { OrderedLinks } from "./service.ts";

/** What cuts are found by. */
export type CutParts = {
  readonly reads: Pick<OrderedReads, "completed" | "reached" | "frontierAt">;
  readonly log: Pick<OrderedLog, "tail">;
  readonly links: Pick<OrderedLinks, "ask">;
  /** The other declared members. */
  readonly others: () => readonly string[];
  /** How many facts of each origin are durable here. */
  readonly holds: () => VersionVector;
};

/** What was acknowledged by some moment, anywhere. */
export type Acknowledged = {
  /** Facts, by their origins. */
  readonly facts: VersionVector;
  /** Transactions: those up to this epoch. */
  readonly epoch: number;
};

/** Finds epochs for queries. */
export class Cuts {
  private readonly parts: CutParts;

  constructor(parts: CutParts) {
    this.parts = parts;
  }

  /** Returns how far reaches what anybody was told of before the call: as each declared member says
   * of its facts after it, and the log of its epochs. Throws `unavailable` where one of them does
   * not say so in time. */
  async acknowledged(waitMs: number): Promise<Acknowledged> {
    const [epoch, ...held] = await Promise.all([
      this.tail(waitMs),
      ...this.parts.others().map((member) => this.held(member, waitMs)),
    ]);
    return { epoch, facts: held.reduce(joinedFrontier, this.parts.holds()) };
  }

  /** Returns the last epoch that this node has carried out, once that is not before `epoch` and its
   * frontier names these facts: members write one when a majority of them holds the facts. Throws
   * `late` where that takes longer. */
  async covering({ facts, epoch }: Acknowledged, waitMs: number, late: Problem): Promise<number> {
    const { reads } = this.parts;
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const { completed } = reads;
      const frontier = reads.frontierAt(completed);
      if (completed >= epoch && frontier !== undefined && reaches(frontier, facts))
        return completed;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw late;
      await reads.reached(Math.max(epoch, completed + 1), leftMs).catch((error: unknown) => {
        if (error instanceof Problem && error.code === "ahead") throw late;
        throw error;
      });
    }
  }

  private async tail(waitMs: number): Promise<number> {
    const end = new AbortController();
    const late = pause(waitMs, end.signal).then(() => undefined);
    try {
      const tail = await Promise.race([this.parts.log.tail(), late]);
      if (tail !== undefined) return tail;
    } catch {
      // A log that fails has not answered.
    } finally {
      end.abort();
    }
    throw unavailable("the log does not say how far it goes");
  }

  private async held(member: string, waitMs: number): Promise<VersionVector> {
    try {
      const answer = await this.parts.links.ask(member, { kind: "ordered-held" }, waitMs);
      return new Map(Object.entries(memberAnswers["ordered-held"].parse(answer).holds));
    } catch {
      throw unavailable(`member ${member} does not say which facts it has acknowledged`);
    }
  }
}

/** Returns the problem of a question for which somebody would have to answer who does not. */
export function unavailable(why: string): Problem {
  return new Problem(503, "unavailable", why, {
    hint: "ask again; ?at=session and ?at=local need no other member's answer",
    headers: { "retry-after": "1" },
  });
}
