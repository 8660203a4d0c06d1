// Why something holds at this node, or does not: proofs of what it holds, down to the dots of
// inputs and the messages of others.
import type * as z from "zod";

import { Completed, DerivationFault } from "../../provenance/completed.ts";
import type { Explainer, ExplainerOptions } from "../../provenance/explainer.ts";
import { absenceText } from "../../provenance/absence-text.ts";
import { oneStep } from "../../provenance/explainer-of.ts";
import { absenceJson, proofJson } from "../../provenance/proof-json.ts";
import type { Proof } from "../../provenance/proof.ts";
import { sourced } from "../../provenance/sourced.ts";
import { asWritten } from "../../provenance/written.ts";
import { dependencies, readings, readsOf } from "../../plan/demand-strata.ts";
import { keyOf } from "../../transducer/fact.ts";
import { tuplesOf, wholeTuple } from "../explained-goal.ts";
import type { Goal } from "../goal.ts";
import { jsonObject, readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import type { NodeService } from "../node-service.ts";
import { why, whyBody } from "../schemas.ts";
import { durable } from "./answers.ts";
import { goalOf } from "./query.ts";

/** The route on which clients ask why. */
export function whyRoute(service: NodeService): Route {
  return {
    method: "POST",
    path: "/v1/why",
    summary: "Says why what fits a goal holds at this node, or why it does not",
    takes: { "application/json": whyBody },
    gives: { "application/json": why },
    problems: [400, 401, 403, 404, 413, 415, 422, 503],
    handle: (request) => explain(request, service),
  };
}

const bodyHint = 'send {"goal": "path(1, X)"}';
const depthDefault = 15;
const absenceDepthDefault = 3;

async function explain({ message }: Request, service: NodeService): Promise<Reply> {
  const { driver, limits } = service;
  const type = message.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new Problem(415, "unsupported-type", `goals are not taken as ${type || "no type"}`, {
      hint: "say content-type: application/json",
    });
  const asked = checked(
    whyBody,
    jsonObject(await readBody(message, limits.bodyBytesMax), bodyHint),
  );
  const goal = goalOf(asked.goal, service);
  return json(await durable(() => driver.whenDurable(() => answerOf(goal, asked, service))));
}

function answerOf(goal: Goal, asked: z.infer<typeof whyBody>, service: NodeService): object {
  const { depth, absence: wantsAbsence = false, proofs: alternatives = 1 } = asked;
  const explainer = explainerAt(service, goal.relation);
  const { program } = explainer;
  try {
    const tuples = tuplesOf(goal, explainer);
    const proofs = tuples.flatMap((tuple) =>
      explainer.proofs(tuple, { depth: depth ?? depthDefault, alternatives }),
    );
    const tuple = wholeTuple(goal);
    const absence =
      wantsAbsence && tuple !== undefined && proofs.length === 0
        ? explainer.absence(tuple, { depth: depth ?? absenceDepthDefault })
        : undefined;
    return {
      goal: asked.goal,
      holds: proofs.length > 0,
      proofs: withSources(proofs, service).map((proof) => proofJson(proof, program)),
      ...(absence && {
        absence: {
          ...(absenceJson(absence, program) as object),
          shown: absenceText(absence, program, (_, text) => text),
        },
      }),
    };
  } catch (fault) {
    if (!(fault instanceof DerivationFault)) throw fault;
    throw new Problem(422, "too-large", `the goal is not explained: ${fault.message}`);
  }
}

/** What explains what the node holds now. Throws a problem where the goal depends on too much. */
function explainerAt(service: NodeService, goal: number): Explainer {
  const { transducer, functors, limits } = service;
  const { network, program, onDemand } = service.program;
  const { step } = network;
  const { held } = transducer;
  const { relations } = held;
  const needed = [...dependencies([goal], readsOf(step.relations.length, readings(step.rules)))];
  const tuples = needed.reduce((sum, at) => sum + (relations[at]?.size ?? 0), 0);
  const most = limits.whyTuplesMax;
  const tooLarge = `the goal depends on ${tuples} tuples, and a node explains ${most}`;
  if (tuples > most)
    throw new Problem(422, "too-large", tooLarge, {
      hint: "run the program on the facts with `calm why`",
    });
  const complete = needed.some((at) => onDemand.has(at)) ? {} : { complete: held };
  const holding = {
    values: held.values,
    given: (at: number) => (at < relations.length ? transducer.given(at) : nothing),
    ...complete,
  };
  const how: ExplainerOptions = { functors, limits: { maxTuples: most } };
  const completed = new Completed(step, how, holding);
  const { diagnostics, complete: evaluated } = completed.evaluate();
  if (!evaluated) throw new DerivationFault(diagnostics);
  return { ...oneStep(step, completed, how), program: asWritten(program, step) };
}

const nothing = { columns: [], size: 0 } as const;

/** Proofs whose given tuples have their dots, or the messages that they came with. */
function withSources(proofs: readonly Proof[], { node }: NodeService): readonly Proof[] {
  return sourced(proofs, keyOf, (tuples) => node.sourcesOf(tuples));
}
