// What a node answers that keeps the ordered log in files: to nodes that append and read, to those
// that follow it, and to the operator who promotes a follower.
import * as z from "zod";

import { WireError } from "../../runtime/bytes.ts";
import { readEpoch } from "../../runtime/epoch-bytes.ts";
import { fileLogLimits } from "../../runtime/node/file-log-options.ts";
import { termHeader } from "../../runtime/node/log-nodes.ts";
import type { FileLog } from "../../runtime/node/ordered-log-file.ts";
import { followSource } from "../../runtime/node/ordered-log-follow.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import { fetchedBytes } from "../../runtime/termed-bytes.ts";
import { readBody } from "../http/body.ts";
import { Problem, type ProblemCode } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";

/** A log in files that a node serves. */
export type ServedLog = {
  readonly log: FileLog;
  /** The program that it is of. */
  readonly program: string;
  readonly limits?: Partial<ServedLogLimits>;
};

/** The limits of serving a log. */
export type ServedLogLimits = {
  /** One record, as the log has it. */
  readonly recordBytesMax: number;
  /** The records of one answer; the first is given in any case. */
  readonly answerBytesMax: number;
  /** How many may wait for records that are not there yet; others are answered at once. */
  readonly waitingMax: number;
};

/** The limits of serving a log unless others are given. */
const servedLogLimits: ServedLogLimits = {
  recordBytesMax: fileLogLimits.recordBytesMax,
  answerBytesMax: 8 << 20,
  waitingMax: 1_000,
};

const octets = "application/octet-stream";
const program = z.string().min(1).max(256).meta({ description: "Of which program the log is." });
const epoch = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const term = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).meta({
  description: "The term that the caller knows: a leader of an earlier one is fenced by it.",
});
const anyBytes = z.any().meta({ id: "Bytes", description: "Bytes in a format of calmdb's own." });

const fetchQuery = z.object({
  ...{ program, term, from: epoch.optional() },
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
  wait: z.coerce.number().int().min(0).max(60_000).optional().meta({
    description: "For how many milliseconds to wait where there is no such record yet.",
  }),
});
const appendQuery = z.object({ program, term });
const cutQuery = z.object({ program, term, before: epoch });

const appended = z
  .object({ appended: z.enum(["appended", "conflict", "unknown"]) })
  .meta({ id: "Appended", description: "What became of an append." });
const kept = z
  .object({
    program: z.string(),
    role: z.enum(["leader", "follower", "fenced"]),
    term: z.int().meta({ description: "How often a log of this history was promoted." }),
    tail: z.int().meta({ description: "The last epoch that is on the disk." }),
  })
  .meta({ id: "OrderedLog", description: "A log in files." });

/** The problems that errors of the log are; all others may pass, or are our own. */
const problems: ReadonlyMap<string, readonly [number, ProblemCode]> = new Map([
  ["other-program", [409, "other-program"]],
  ["follower", [409, "follower"]],
  ["fenced", [409, "fenced"]],
  ["truncated", [410, "truncated"]],
  ["too-large", [413, "too-large"]],
  ["damaged", [500, "damaged"]],
  ["disk-failed", [500, "disk-failed"]],
  ["disk-full", [507, "disk-full"]],
  ["closed", [503, "stopped"]],
]);

/** The routes of a node that keeps the log in files. */
export function logRoutes(served: ServedLog): Route[] {
  const log = new LogService(served);
  const path = "/v1/log/records";
  const refusals = [400, 401, 403, 409, 410, 500, 503, 507];
  return [
    {
      ...{ method: "GET", path: "/v1/log", operator: true },
      summary: "Says what the log that this node keeps is",
      gives: { "application/json": kept },
      problems: [401, 403],
      handle: () => log.status(),
    },
    {
      ...{ method: "GET", path, operator: true, query: fetchQuery },
      summary: "Gives records of the log, with its term and its tail, to followers and replicas",
      gives: { [octets]: anyBytes },
      problems: refusals,
      handle: (request) => log.answered(() => log.fetch(request)),
    },
    {
      ...{ method: "POST", path, operator: true, query: appendQuery },
      summary: "Appends a record; answers when it is durable",
      takes: { [octets]: anyBytes },
      gives: { "application/json": appended },
      problems: [...refusals, 413],
      handle: (request) => log.answered(() => log.append(request)),
    },
    {
      ...{ method: "DELETE", path, operator: true, query: cutQuery },
      summary: "Forgets the records before an epoch, which no replica needs",
      gives: { "application/json": kept },
      problems: refusals,
      handle: (request) => log.answered(() => log.cut(request)),
    },
    {
      ...{ method: "POST", path: "/v1/log/promote", operator: true },
      summary: "Makes a follower the leader of the next term: once the leader before was stopped",
      gives: { "application/json": kept },
      problems: [401, 403, 409, 500, 503, 507],
      handle: () => log.answered(() => log.promote()),
    },
  ];
}

class LogService {
  private readonly served: ServedLog;
  private readonly limits: ServedLogLimits;
  private waiting = 0;

  constructor(served: ServedLog) {
    this.served = served;
    this.limits = { ...servedLogLimits, ...served.limits };
  }

  status(): Reply {
    const { log, program: own } = this.served;
    return json({ program: own, role: log.role, term: log.term, tail: log.link.epoch });
  }

  async fetch({ message, parameters }: Request): Promise<Reply> {
    const { log } = this.served;
    const { from, limit = 256, wait = 0, ...asked } = checked(fetchQuery, parameters);
    this.ownProgram(asked.program);
    this.leads();
    if (from !== undefined && from > log.link.epoch && wait > 0) {
      const gone = new AbortController();
      const { socket } = message;
      const close = (): void => {
        gone.abort();
      };
      socket.once("close", close);
      await this.grown(from, AbortSignal.any([gone.signal, AbortSignal.timeout(wait)]));
      socket.off("close", close);
    }
    const never = new AbortController().signal;
    const fetched = await followSource(log).fetch(from, limit, asked.term, never);
    this.leads();
    const body = fetchedBytes(fetched, this.limits.answerBytesMax);
    return { type: octets, body: [body], headers: this.headers() };
  }

  async append({ message, parameters }: Request): Promise<Reply> {
    const asked = checked(appendQuery, parameters);
    this.ownProgram(asked.program);
    // The term that is stored with a record is not part of what is sent.
    const bytes = await readBody(message, this.limits.recordBytesMax);
    const result = await this.served.log.append(recordOf(bytes), asked.term);
    return { ...json({ appended: result }), headers: this.headers() };
  }

  async cut({ parameters }: Request): Promise<Reply> {
    const { log } = this.served;
    const asked = checked(cutQuery, parameters);
    this.ownProgram(asked.program);
    await log.fence(asked.term);
    this.leads();
    await log.truncateBefore(asked.before);
    return this.status();
  }

  async promote(): Promise<Reply> {
    const { log } = this.served;
    if (log.role === "leader")
      throw new Problem(409, "leader", `the log leads in term ${log.term} already`);
    // One that was replaced holds epochs that the log which took its place may lack.
    if (log.role === "fenced") this.leads();
    await log.promote();
    return this.status();
  }

  /** What is answered; what the log refuses is a problem that names the term that it knows. */
  async answered(answer: () => Promise<Reply>): Promise<Reply> {
    try {
      return await answer();
    } catch (error) {
      if (!(error instanceof OrderedLogError)) throw error;
      const [status, code] = problems.get(error.code) ?? [503, "stopped"];
      throw new Problem(status, code, error.message, { headers: this.headers() });
    }
  }

  private async grown(from: number, signal: AbortSignal): Promise<void> {
    if (this.waiting >= this.limits.waitingMax) return;
    this.waiting++;
    try {
      await this.served.log.grown(from, signal);
    } finally {
      this.waiting--;
    }
  }

  private headers(): Record<string, string> {
    return { [termHeader]: String(this.served.log.term) };
  }

  private ownProgram(asked: string): void {
    if (asked === this.served.program) return;
    throw new OrderedLogError(
      "other-program",
      "the log that this node keeps is of another program: start that one, or ask another node",
    );
  }

  /** What a follower has is not all: who is to know all asks the leader. */
  private leads(): void {
    const { log } = this.served;
    if (log.role === "leader") return;
    throw new OrderedLogError(
      log.role,
      log.role === "follower"
        ? "the log that this node keeps follows another one: ask its leader, or promote this one"
        : `the log that this node keeps was replaced by one of term ${log.term}: ask that one`,
    );
  }
}

function recordOf(bytes: Uint8Array): ReturnType<typeof readEpoch> {
  try {
    return readEpoch(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new Problem(400, "bad-request", `the body is no record of the log: ${error.message}`);
  }
}
