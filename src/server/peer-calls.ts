// What the drivers of nodes ask each other, beside the frames of their nodes: one text for each
// question and one for its answer, over the connection of the two, and so as safe as that is.
//
//     {"ask":7,"of":{"kind":"tuples", …}}
//     {"answer":7,"is":{ … }}
//     {"answer":8,"problem":{"status":409,"code":"sealed","detail":"…"}}
//     {"tell":{"kind":"batch", …}}
import * as z from "zod";

import { Problem, problemCodes } from "./http/problem.ts";

/** What calls are made with. */
export type PeerCallsParts = {
  /** Sends a text; returns whether it is on its way. */
  readonly send: (peer: string, text: string) => boolean;
  /** Answers what a peer asks. Throws a `Problem` that it is told. */
  readonly answer: (peer: string, ask: unknown) => Promise<unknown>;
  /** Takes in what a peer tells, and wants no answer to. */
  readonly told: (peer: string, what: unknown) => void;
  /** Something was our own mistake. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: Partial<CallLimits>;
};

/** The limits of calls. */
export type CallLimits = {
  /** How long an answer is waited for, unless the call says otherwise. */
  readonly answerMs: number;
  /** What one peer may ask before it has answers. */
  readonly asksMax: number;
};

/** The limits of calls unless others are given. */
const callLimits: CallLimits = { answerMs: 10_000, asksMax: 10_000 };

/** A peer did not answer: it cannot be reached, or takes too long. Whether it did what it was asked
 * for is not known. */
export class PeerAway extends Error {
  override readonly name = "PeerAway";
  readonly peer: string;

  constructor(peer: string, reason: string) {
    super(`node ${peer} ${reason}`);
    this.peer = peer;
  }
}

const number = z.int().min(0);

const problem = z.object({
  status: z.int().min(400).max(599),
  code: z.enum(problemCodes),
  detail: z.string(),
  hint: z.string().optional(),
  retryAfter: z.string().optional(),
});

const message = z.union([
  z.object({ ask: number, of: z.unknown() }),
  z.object({ answer: number, problem }),
  z.object({ answer: number, is: z.unknown() }),
  z.object({ tell: z.record(z.string(), z.unknown()) }),
]);

type Waiting = {
  readonly peer: string;
  readonly done: (answer: unknown) => void;
  readonly failed: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
};

/** The calls of one node: what it asks, and what it is asked. */
export class PeerCalls {
  private readonly parts: PeerCallsParts;
  private readonly limits: CallLimits;
  private readonly waiting = new Map<number, Waiting>();
  /** How much each peer has asked that is not answered. */
  private readonly asked = new Map<string, number>();
  private last = 0;

  constructor(parts: PeerCallsParts) {
    this.parts = parts;
    this.limits = { ...callLimits, ...parts.limits };
  }

  /** Asks a peer; resolves with its answer. Throws the `Problem` that it answers with, or
   * `PeerAway`. */
  ask(peer: string, of: unknown, answerMs = this.limits.answerMs): Promise<unknown> {
    const ask = ++this.last;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        this.fail(ask, "does not answer in time");
      }, answerMs);
      this.waiting.set(ask, { peer, done, failed, timer });
      if (!this.parts.send(peer, JSON.stringify({ ask, of }))) this.fail(ask, "cannot be reached");
    });
  }

  /** Tells a peer, if it is there; returns whether that is on its way. */
  tell(peer: string, what: unknown): boolean {
    return this.parts.send(peer, JSON.stringify({ tell: what }));
  }

  /** Takes in a text of a peer; returns whether it was understood. */
  take(peer: string, text: string): boolean {
    const { success, data } = message.safeParse(parsed(text));
    if (!success) return false;
    if ("ask" in data) void this.reply(peer, data.ask, data.of);
    else if ("tell" in data) this.parts.told(peer, data.tell);
    else if ("problem" in data) this.settle(peer, data.answer)?.failed(problemOf(data.problem));
    else this.settle(peer, data.answer)?.done(data.is);
    return true;
  }

  /** There is no connection with a peer any more: what it was asked it does not answer. */
  disconnected(peer: string): void {
    for (const [ask, waiting] of [...this.waiting])
      if (waiting.peer === peer) this.fail(ask, "cannot be reached any more");
  }

  /** Waits for nothing any more. */
  close(): void {
    for (const ask of [...this.waiting.keys()]) this.fail(ask, "is not waited for any more");
  }

  private fail(ask: number, reason: string): void {
    const peer = this.waiting.get(ask)?.peer ?? "";
    this.settle(peer, ask)?.failed(new PeerAway(peer, reason));
  }

  /** What waits for an answer of this peer, which does so no more. */
  private settle(peer: string, ask: number): Waiting | undefined {
    const waiting = this.waiting.get(ask);
    if (waiting?.peer !== peer) return undefined;
    this.waiting.delete(ask);
    clearTimeout(waiting.timer);
    return waiting;
  }

  private async reply(peer: string, answer: number, of: unknown): Promise<void> {
    const open = this.asked.get(peer) ?? 0;
    this.asked.set(peer, open + 1);
    const reply = await this.answered(peer, of, open);
    this.asked.set(peer, (this.asked.get(peer) ?? 1) - 1);
    this.parts.send(peer, JSON.stringify({ answer, ...reply }));
  }

  private async answered(peer: string, of: unknown, open: number): Promise<object> {
    try {
      if (open >= this.limits.asksMax)
        throw new Problem(503, "overloaded", "the owner is asked for more than it answers");
      return { is: await this.parts.answer(peer, of) };
    } catch (error) {
      if (error instanceof Problem) return { problem: said(error) };
      this.parts.onFault(error);
      return { problem: said(new Problem(500, "fault", "the owner has made a mistake")) };
    }
  }
}

function said({ status, code, message: detail, more }: Problem): z.infer<typeof problem> {
  const retryAfter = more.headers?.["retry-after"];
  return {
    ...{ status, code, detail },
    ...(more.hint !== undefined && { hint: more.hint }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function problemOf({ status, code, detail, hint, retryAfter }: z.infer<typeof problem>): Problem {
  return new Problem(status, code, detail, {
    ...(hint !== undefined && { hint }),
    ...(retryAfter !== undefined && { headers: { "retry-after": retryAfter } }),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
