// Requests of clients that this node has taken, until they are answered: what they will touch is
// found out, they are put into the log, and begun again where they touched something else.
import { Reconnaissance } from "../../calvin/reconnaissance.ts";
import type { OrderedRequest } from "../../calvin/record.ts";
import { requestBytes } from "../../calvin/request-size.ts";
import type { Answer } from "../../calvin/replica.ts";
import { type Footprint, type Pattern, TransactionFault } from "../../calvin/transaction.ts";
import type { Value } from "../../value/schema.ts";
import { Problem } from "../http/problem.ts";
import type { OrderedLimits } from "./limits.ts";
import type { OrderedProgram } from "./ordered-program.ts";
import type { WantedTransaction } from "./service.ts";

/** What carries requests out. */
export type SubmissionParts = {
  readonly of: OrderedProgram;
  readonly limits: OrderedLimits;
  /** Puts a request into the log; false where too many wait. */
  readonly sequence: (request: OrderedRequest) => boolean;
  /** The tuples that fit a pattern now, as some replica has them. */
  readonly rowsNow: (pattern: Pattern) => Promise<readonly (readonly Value[])[]>;
};

type Waiting = { readonly done: (answer: Answer | undefined) => void };

/** The requests of one node. */
export class Submissions {
  /** How often a transaction had to start over. */
  restarts = 0;
  private readonly parts: SubmissionParts;
  /** By request and attempt. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly open = new Map<string, Promise<Answer>>();
  private closed = false;

  constructor(parts: SubmissionParts) {
    this.parts = parts;
  }

  /** How many requests wait for their answers. */
  get size(): number {
    return this.open.size;
  }

  /** Has a transaction carried out; one that is under way under this name is the same. */
  submit(wanted: WantedTransaction): Promise<Answer> {
    const known = this.open.get(wanted.id);
    if (known !== undefined) return known;
    if (this.closed) return Promise.reject(stopping());
    const { waitingMax, sequencedBytesMax } = this.parts.limits;
    if (this.open.size >= waitingMax) return Promise.reject(overloaded());
    if (requestBytes({ ...wanted, attempt: 0 }) > sequencedBytesMax)
      return Promise.reject(
        new Problem(
          413,
          "too-large",
          `a transaction may take ${sequencedBytesMax} bytes in the log`,
        ),
      );
    const answer = this.carryOut(wanted).finally(() => this.open.delete(wanted.id));
    this.open.set(wanted.id, answer);
    return answer;
  }

  /** Takes in the answer to a request; others than those that wait are of no use. */
  answered(answer: Answer): void {
    this.waiting.get(nameOf(answer))?.done(answer);
  }

  /** Waits for nothing any more. */
  close(): void {
    this.closed = true;
    for (const { done } of [...this.waiting.values()]) done(undefined);
  }

  private async carryOut({ id, transaction, args }: WantedTransaction): Promise<Answer> {
    const { limits } = this.parts;
    const untilMs = performance.now() + limits.answerMs;
    for (let attempt = 0; ; attempt++) {
      const footprint =
        attempt < limits.restartsMax ? await this.footprint(transaction, args) : undefined;
      const bare = { id, transaction, args, attempt };
      const known = footprint === undefined ? bare : { ...bare, footprint };
      // What names more than a batch takes locks relations as a whole.
      const request = requestBytes(known) > limits.sequencedBytesMax ? bare : known;
      const answer = await this.logged(request, untilMs);
      if (answer.result.kind !== "restart") return answer;
      this.restarts++;
    }
  }

  /** What a transaction is about to touch; undefined where that cannot be told. */
  private async footprint(
    transaction: string,
    args: readonly Value[],
  ): Promise<Footprint | undefined> {
    const { of, rowsNow } = this.parts;
    const code = of.codes.get(transaction);
    // What its arguments say the log need not.
    if (code === undefined || code.footprint(args) !== undefined) return undefined;
    const found = new Reconnaissance(code, args, of.keys);
    try {
      for (let step = found.step(); ; step = found.step()) {
        if (step.kind === "known") return step.footprint;
        const rows = await Promise.all(step.patterns.map(rowsNow));
        for (const [at, pattern] of step.patterns.entries()) found.learn(pattern, rows[at] ?? []);
      }
    } catch (error) {
      // What fails now may not fail at its place in the order: there it is said.
      if (error instanceof TransactionFault) return undefined;
      throw error;
    }
  }

  /** Puts a request into the log, again where nothing is heard of it, and waits for its answer. */
  private async logged(request: OrderedRequest, untilMs: number): Promise<Answer> {
    const { sequence, limits } = this.parts;
    for (;;) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw unanswered(limits.answerMs);
      if (this.over()) throw stopping();
      const answer = this.answer(request, Math.min(leftMs, limits.resendMs));
      if (!sequence(request)) {
        this.waiting.get(nameOf(request))?.done(undefined);
        throw overloaded();
      }
      const came = await answer;
      if (came !== undefined) return came;
    }
  }

  private over(): boolean {
    return this.closed;
  }

  /** Resolves with an answer, or with nothing after so long, or when nothing is waited for. */
  private answer(request: OrderedRequest, ms: number): Promise<Answer | undefined> {
    const name = nameOf(request);
    return new Promise((resolve) => {
      const end = (answer: Answer | undefined): void => {
        clearTimeout(timer);
        this.waiting.delete(name);
        resolve(answer);
      };
      const timer = setTimeout(end, ms, undefined);
      this.waiting.set(name, { done: end });
    });
  }
}

function nameOf({ id, attempt }: Pick<Answer, "id" | "attempt">): string {
  return `${id} ${attempt}`;
}

const again = "whether it is carried out is not known: send it again, under the same key";

function stopping(): Problem {
  return new Problem(503, "stopped", "the node is about to stop", {
    hint: again,
    headers: { "retry-after": "1" },
  });
}

function unanswered(ms: number): Problem {
  return new Problem(503, "unavailable", `nobody has answered within ${ms / 1000} s`, {
    hint: again,
    headers: { "retry-after": "1" },
  });
}

function overloaded(): Problem {
  return new Problem(429, "overloaded", "more transactions come than the log takes", {
    hint: "send it again a little later",
    headers: { "retry-after": "1" },
  });
}
