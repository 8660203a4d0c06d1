// The answers of goals: of what a node has, and of an epoch of the ordered plane.
import type { Value } from "../../value/schema.ts";
import { answers, given, type Goal, readGoal } from "../goal.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { jsonColumns, jsonTuple } from "../json-value.ts";
import { type NodeService, relationNamed } from "../node-service.ts";
import { needsInput } from "../readiness.ts";
import type { Level } from "../ordered/question.ts";
import { behind } from "../ordered/questions.ts";
import { goalAnswers, goalHeaders, goalQuery, queryWaitMs } from "../schemas.ts";
import {
  epochSession,
  follows,
  readSession,
  type Session,
  sessionHeader,
  sessionOf,
} from "../session.ts";
import { durable, missingOf } from "./answers.ts";

/** The route on which goals are asked. */
export function queryRoute(service: NodeService): Route {
  return {
    method: "GET",
    path: "/v1/query",
    summary: "Gives the answers of a goal",
    query: goalQuery,
    headers: goalHeaders,
    gives: { "application/json": goalAnswers },
    problems: [400, 401, 403, 404, 410, 422, 501, 503],
    handle: (request) => query(request, service),
  };
}

/** Tuples that may fit a goal, and what they are the state of. */
type Found = {
  readonly tuples: readonly (readonly Value[])[];
  readonly missing?: readonly string[];
  readonly session: string;
  /** Of an epoch: which, and the free facts that are seen in it. */
  readonly epoch?: number;
  readonly frontier?: Readonly<Record<string, number>>;
};

type Asked = {
  readonly goal: Goal;
  readonly text: string;
  readonly at: string;
  readonly session: Session;
  /** Whether who asks follows a session, which may be of what all members hold. */
  readonly followed: boolean;
  readonly waitMs: number;
  readonly partial: boolean;
};

async function query({ message, parameters }: Request, service: NodeService): Promise<Reply> {
  const { goal: text, limit, partial, timeout, ...given } = checked(goalQuery, parameters);
  const { [sessionHeader]: header } = checked(goalHeaders, message.headers);
  const carried = header ?? "";
  const session = readSession(carried);
  const at = given.at ?? (carried === "" ? "local" : "session");
  const goal = goalOf(text, service);
  // An epoch that is named is there, or is not.
  const waitMs = timeout ?? (/^\d/.test(at) ? 0 : queryWaitMs);
  const followed = header !== undefined && given.at === undefined;
  const asked = { goal, text, at, session, followed, waitMs, partial: partial === "true" };
  const { tuples, missing = [], session: seen, ...where } = await found(asked, service);
  const { schema, verdict } = service.program;
  const { columns: variables } = goal;
  const all = answers(goal, tuples);
  const most = Math.min(limit ?? Infinity, service.limits.answerTuplesMax);
  const { level, final } = verdict.relations[goal.relation] ?? {};
  const body = {
    goal: text,
    level,
    final,
    holds: all.length > 0,
    columns: jsonColumns(variables),
    tuples: all.slice(0, most).map((values) => jsonTuple(variables, values, schema.structures)),
    more: all.length > most,
    ...missingOf(missing),
    ...{ at, ...where, session: seen },
  };
  return json(body, 200, seen === "" ? {} : { [sessionHeader]: seen });
}

async function found(asked: Asked, service: NodeService): Promise<Found> {
  const { at, goal, text, session, followed, waitMs, partial } = asked;
  const { parts, node, ordered, program } = service;
  const level = levelOf(at);
  const own = level === "local" || (level === "session" && session.epoch === 0);
  if (!own || program.ordered?.apart.has(goal.relation) === true) {
    if (ordered === undefined) throw withoutOrder(at, session);
    const { frontier, ...of } = await ordered.questions.ask({ goal, level, session, waitMs });
    const { epoch } = of;
    return { ...of, frontier: Object.fromEntries(frontier), session: epochSession(epoch) };
  }
  if (level === "session" || followed) await following(asked, service);
  if (parts?.shards.inParts(goal.relation) === true) {
    if (at === "session")
      throw new Problem(501, "not-implemented", "a relation in parts is not asked by sessions", {
        hint: "what its owners have accepted is answered, and what follows from it later on",
      });
    const gathered = await durable(() => parts.fitting(goal, text, partial));
    return { ...gathered, session: "" };
  }
  return durable(() =>
    service.driver.whenDurable(() => ({
      tuples: ownTuples(service, goal),
      session: sessionOf(node),
    })),
  );
}

function levelOf(at: string): Level {
  return at === "local" || at === "session" || at === "strict" ? at : Number(at);
}

/** The tuples of this node that may fit a goal. */
function ownTuples({ node, transducer }: NodeService, goal: Goal): readonly (readonly Value[])[] {
  const { columns, values } = given(goal);
  return columns.length === 0
    ? node.tuples(goal.relation)
    : transducer.matching(goal.relation, columns, values);
}

/** Waits until the node holds what a session has written and seen. */
async function following({ session, waitMs }: Asked, service: NodeService): Promise<void> {
  if (!(await service.waits.until(() => follows(service, session), waitMs))) throw behind();
}

function withoutOrder(at: string, { epoch }: Session): Problem {
  if (at === "session")
    return new Problem(
      400,
      "bad-request",
      `the session has seen epoch ${epoch}: there is none here`,
    );
  return new Problem(501, "not-implemented", `?at=${at} needs the ordered plane`, {
    hint: "start the nodes with --ordered; ?at=local and ?at=session are answered by all nodes",
  });
}

/** Returns the goal that a text is; throws a problem where it is none, or cannot be asked now. */
export function goalOf(text: string, service: NodeService): Goal {
  const { schema } = service.program;
  const read = readGoal(text, schema);
  if ("kind" in read) {
    const [first = "", ...rest] = read.messages;
    const errors = [first, ...rest].map((detail) => ({ message: detail }));
    if (read.kind === "unknown-relation") throw new Problem(404, "unknown-relation", first);
    throw new Problem(400, "bad-goal", first, { errors });
  }
  relationNamed(service, schema.relations[read.relation]?.name ?? "");
  needsInput(service);
  return read;
}
