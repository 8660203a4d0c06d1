// What takes longer than a key: the graph of a program, witnesses, proofs. In a worker of its own,
// so that neither typing nor running waits for it.
import { monotonicity } from "../../../src/analysis/monotone.ts";
import type { Program } from "../../../src/analysis/program.ts";
import { graphOf } from "../../../src/cli/graph/model.ts";
import { absenceText } from "../../../src/provenance/absence-text.ts";
import { DerivationFault } from "../../../src/provenance/completed.ts";
import { explainerOf } from "../../../src/provenance/explainer-of.ts";
import type { Explainer } from "../../../src/provenance/explainer.ts";
import { outlineOf } from "../../../src/provenance/outline.ts";
import { type Goal, readGoal } from "../../../src/server/goal.ts";
import { tuplesOf, wholeTuple } from "../../../src/server/explained-goal.ts";
import { understand } from "../../../src/understand.ts";
import { printFact } from "../../../src/witness/fact.ts";
import { witness } from "../../../src/witness/witness.ts";
import type { Answers } from "../answers.ts";
import type { Calls, Explained, GraphView, Project, WitnessView } from "../protocol.ts";
import { readFacts } from "./facts.ts";

/** How long a witness is looked for. */
const witnessMs = 3000;
const proofDepth = 15;
const absenceDepth = 3;

/** Returns what can be asked for explanations. */
export function explainingCalls(): Answers {
  const explainers = new Explainers();
  return {
    graph,
    witness: ({ project, relation }: Parameters<Calls["witness"]>[0]) =>
      witnessOf(project, relation),
    why: ({ project, goal }: Parameters<Calls["why"]>[0]) => explainers.why(project, goal),
    whyNot: ({ project, goal }: Parameters<Calls["whyNot"]>[0]) => explainers.whyNot(project, goal),
  };
}

function programOf({ main, files }: Project, whole = false): Program {
  const options = {
    load: (path: string) => files[path],
    ...(whole && { inlineExclude: ["*"] }),
  };
  const { program } = understand({ path: main, text: files[main] ?? "" }, options);
  if (program === undefined) throw new Error("the program has errors");
  return program;
}

function graph(project: Project): GraphView {
  const program = programOf(project);
  const verdict = monotonicity(program);
  const { vertices, edges, strata } = graphOf(project.main, program, verdict);
  const stratumOf = (at: number): number =>
    strata.findIndex(({ relations }) => relations.includes(at));
  const points = verdict.points;
  return {
    vertices: vertices.flatMap((vertex, at) => {
      const { name, level, input, output, snapshot } = vertex;
      if (program.relations[at]?.inlined === true || name.startsWith("#")) return [];
      return [{ name, level, input, output, snapshot, stratum: stratumOf(at) }];
    }),
    edges: edges.flatMap(({ from, to, reads, when, points: own }) => {
      const [one, other] = [program.relations[from]?.name, program.relations[to]?.name];
      if (one === undefined || other === undefined) return [];
      const point = own[0] === undefined ? -1 : points.indexOf(own[0]);
      return [
        {
          ...{ from: one, to: other, reads },
          ...(when !== undefined && { when }),
          ...(point >= 0 && { point }),
        },
      ];
    }),
    recursive: strata.flatMap(({ recursive }, at) => (recursive ? [at] : [])),
  };
}

function witnessOf(project: Project, name: string): WitnessView {
  const program = programOf(project);
  const relation = program.relations.findIndex((of) => of.name === name);
  if (relation < 0) throw new Error(`there is no relation "${name}"`);
  const endMs = performance.now() + witnessMs;
  const result = witness(program, relation, { goOn: () => performance.now() < endMs });
  if (result.kind === "none") {
    const { unsearched, exhausted, steps } = result;
    if (unsearched !== undefined) return { none: `None was looked for: ${unsearched}.` };
    return {
      none: exhausted
        ? "There is none among all small inputs: it may be monotone for reasons that are not seen."
        : `None was found within ${steps.toLocaleString("en")} tries.`,
    };
  }
  const facts = (some: typeof result.before): string[] =>
    some.map((fact) => printFact(program, fact));
  const answers = (some: typeof result.withdrawn): string[] =>
    facts(some.map((values) => ({ relation, values })));
  return {
    before: facts(result.before),
    added: facts(result.added),
    withdrawn: answers(result.withdrawn),
    answerBefore: answers(result.answerBefore),
    answerAfter: answers(result.answerAfter),
  };
}

/** A project that is evaluated to be explained; the next question is most often about the same. */
class Explainers {
  private of = "";
  private explainer: Explainer | undefined;

  why(project: Project, text: string): Explained {
    return this.explained(project, text, (explainer, goal) => {
      const limits = { depth: proofDepth, alternatives: 1 };
      const [tuple] = tuplesOf(goal, explainer);
      const [proof] = tuple === undefined ? [] : explainer.proofs(tuple, limits);
      if (proof === undefined) return { refused: `${text} does not hold; ask why not` };
      return { proof: outlineOf(proof, explainer.program) };
    });
  }

  whyNot(project: Project, text: string): Explained {
    return this.explained(project, text, (explainer, goal) => {
      const [found] = tuplesOf(goal, explainer);
      if (found !== undefined) return { refused: `${text} holds; ask why` };
      const tuple = wholeTuple(goal);
      if (tuple === undefined)
        return { refused: "give a value for each column, such as path(4, 1)" };
      const absence = explainer.absence(tuple, { depth: absenceDepth });
      if (absence === undefined) return { refused: `${text} holds; ask why` };
      return { absence: absenceText(absence, explainer.program, (_, of) => of) };
    });
  }

  private explained(
    project: Project,
    text: string,
    explain: (explainer: Explainer, goal: Goal) => Explained,
  ): Explained {
    try {
      const explainer = this.evaluated(project);
      const goal = readGoal(text, { ...explainer.program, accepted: new Set<number>() });
      if ("kind" in goal) return { refused: goal.messages.join("; ") };
      return explain(explainer, goal);
    } catch (error) {
      if (!(error instanceof DerivationFault)) throw error;
      return { refused: error.message };
    }
  }

  private evaluated(project: Project): Explainer {
    const key = JSON.stringify(project);
    if (this.explainer !== undefined && this.of === key) return this.explainer;
    const explainer = explainerOf(programOf(project, true), {});
    const errors = readFacts(explainer.inputs, explainer.database, project);
    if (errors[0] !== undefined) throw new Error(errors[0].message);
    explainer.evaluate();
    this.of = key;
    this.explainer = explainer;
    return explainer;
  }
}
