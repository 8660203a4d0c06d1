// Goals of the ordered plane: at the epoch that is late enough for what their answers are to hold.
import { joinedFrontier } from "../../calvin/frontier.ts";
import { epochRefusal } from "../../calvin/query.ts";
import { Problem } from "../http/problem.ts";
import type { CutQueries } from "./cut-queries.ts";
import { type Cuts, unavailable } from "./cuts.ts";
import { ahead, forgotten } from "./gathered-reads.ts";
import type { Answering, EpochAnswer, Question } from "./question.ts";
import type { OrderedReads } from "./reads.ts";

/** What questions are answered by. */
export type QuestionParts = {
  readonly reads: OrderedReads;
  readonly cuts: Cuts;
  readonly queries: CutQueries;
};

/** Answers questions at epochs. */
export class OrderedQuestions implements Answering {
  private readonly parts: QuestionParts;

  constructor(parts: QuestionParts) {
    this.parts = parts;
  }

  async ask(question: Question): Promise<EpochAnswer> {
    const { reads, queries } = this.parts;
    const epoch = await this.epochFor(question);
    const frontier = reads.frontierAt(epoch);
    if (frontier === undefined) throw forgotten(epoch, reads.oldest);
    return { tuples: await queries.tuples(question.goal, epoch), epoch, frontier };
  }

  private async epochFor({ level, session, waitMs }: Question): Promise<number> {
    const { reads, cuts } = this.parts;
    switch (level) {
      case "local":
        return reads.completed;
      case "session":
        return cuts.covering(session, waitMs, behind());
      case "strict": {
        const untilMs = performance.now() + waitMs;
        const { epoch, facts } = await cuts.acknowledged(waitMs);
        return cuts.covering(
          {
            epoch: Math.max(epoch, session.epoch),
            facts: joinedFrontier(facts, session.facts),
          },
          untilMs - performance.now(),
          unavailable("what was acknowledged is not carried out here in time"),
        );
      }
      default: {
        if (level > reads.completed && waitMs > 0) await reads.reached(level, waitMs);
        const why = epochRefusal(level, reads);
        if (why?.kind === "ahead") throw ahead(level, why.completed);
        if (why?.kind === "forgotten") throw forgotten(level, why.oldest);
        return level;
      }
    }
  }
}

/** Returns the problem of a session that a node has not come to in time. */
export function behind(): Problem {
  return new Problem(503, "behind", "the node does not hold yet what the session has seen", {
    hint: "ask again later, or the node that the session wrote to",
    headers: { "retry-after": "1" },
  });
}
