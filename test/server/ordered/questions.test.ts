// Which epoch a question is asked at: never one that is too early for what its answer is to hold.
import { expect } from "chai";

import { understand } from "../../../src/understand.ts";
import { readGoal } from "../../../src/server/goal.ts";
import { Problem } from "../../../src/server/http/problem.ts";
import { CutQueries } from "../../../src/server/ordered/cut-queries.ts";
import { type CutParts, Cuts } from "../../../src/server/ordered/cuts.ts";
import { ahead } from "../../../src/server/ordered/gathered-reads.ts";
import type { Level } from "../../../src/server/ordered/question.ts";
import { OrderedQuestions } from "../../../src/server/ordered/questions.ts";
import type { OrderedReads } from "../../../src/server/ordered/reads.ts";

const { program } = understand(`
.decl seen(x: number) ordered(x)
.decl heard(x: number) message
heard(x) :~ seen(x).
.transaction see(x: number) { +seen(x). }
`);

/** Epochs come one by one, and at each 10 more facts of `a/1` are seen; one tuple, the epoch. */
function questions(given: Partial<CutParts> = {}): {
  readonly answer: (level: Level, session?: string, waitMs?: number) => Promise<string>;
  readonly relation: (name: string) => Promise<string>;
} {
  let completed = 7;
  const reads: OrderedReads = {
    get completed() {
      return completed;
    },
    oldest: 3,
    rowsAt: (_, epoch) => Promise.resolve([[BigInt(epoch)]]),
    frontierAt: (epoch) => new Map([["a/1", epoch * 10]]),
    reached: (epoch) => {
      if (epoch > 20) return Promise.reject(ahead(epoch, completed));
      completed = epoch;
      return Promise.resolve();
    },
  };
  const cuts = new Cuts({
    reads,
    log: { tail: () => Promise.resolve(8) },
    links: { ask: () => Promise.resolve({ holds: { "a/1": 95 } }) },
    others: () => ["b", "c"],
    holds: () => new Map([["a/1", 20]]),
    ...given,
  });
  if (program === undefined) throw new Error("the program is right");
  const queries = new CutQueries(program, reads);
  const asked = new OrderedQuestions({ reads, cuts, queries });
  const ask = async (goal: string, level: Level, facts: number, waitMs: number) => {
    const read = readGoal(goal, { ...program, accepted: new Set() });
    if ("kind" in read) throw new Error(read.messages.join());
    const session = { facts: new Map(facts === 0 ? [] : [["a/1", facts]]), epoch: 0 };
    try {
      const found = await asked.ask({ goal: read, level, session, waitMs });
      expect(found.tuples).to.deep.equal([[BigInt(found.epoch)]]);
      return `epoch ${found.epoch}`;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return `${error.status} ${error.code}`;
    }
  };
  return {
    answer: (level, facts = "0", waitMs = 100) => ask("seen(X)", level, Number(facts), waitMs),
    relation: (name) => ask(`${name}(X)`, "local", 0, 0),
  };
}

describe("the epoch of a question", () => {
  it("is the last one here, one that has what the session saw, or what all have acknowledged", async () => {
    expect(await questions().answer("local")).to.equal("epoch 7");
    expect(await questions().answer("session", "70")).to.equal("epoch 7");
    expect(await questions().answer("session", "71")).to.equal("epoch 8");
    // 95 facts are acknowledged at others; the log goes up to 8.
    expect(await questions().answer("strict")).to.equal("epoch 10");
    expect(await questions().answer("strict", "120")).to.equal("epoch 12");
    const log = { tail: () => Promise.resolve(15) };
    expect(await questions({ log }).answer("strict")).to.equal("epoch 15");
  });

  it("is the one that was named, if it is there", async () => {
    const epochs = [2, 3, 7, 8] as const;
    const answers = await Promise.all(epochs.map((at) => questions().answer(at, "0", 0)));
    expect(answers).to.deep.equal(["410 forgotten", "epoch 3", "epoch 7", "404 ahead"]);
    expect(await questions().answer(8)).to.equal("epoch 8");
  });

  it("is none where somebody is silent, or it takes too long", async () => {
    const failing = (): Promise<never> => Promise.reject(new Error("away"));
    const never = (): Promise<number> => new Promise(() => undefined);
    expect(await questions({ links: { ask: failing } }).answer("strict")).to.equal(
      "503 unavailable",
    );
    for (const tail of [failing, never])
      expect(await questions({ log: { tail } }).answer("strict", "0", 1)).to.equal(
        "503 unavailable",
      );
    const log = { tail: () => Promise.resolve(21) };
    expect(await questions({ log }).answer("strict")).to.equal("503 unavailable");
    expect(await questions().answer("session", "1000")).to.equal("503 behind");
  });

  it("has no answer for what depends on more than facts", async () => {
    expect(await questions().relation("seen")).to.equal("epoch 7");
    expect(await questions().relation("heard")).to.equal("422 not-supported");
  });
});
