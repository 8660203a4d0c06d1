// From a program to what the nodes of a network run, or to why they do not.
import type { Monotonicity } from "../analysis/levels.ts";
import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { type CompileOptions, understand } from "../compile.ts";
import { growingRelations } from "../plan/growing.ts";
import { type NetworkProgram, networkProgram, saysNetwork } from "../plan/network.ts";
import { plan } from "../plan/program.ts";
import type { Plan } from "../plan/plan.ts";
import { type QuestionPlan, questionPlan, readSnapshots, without } from "../plan/question.ts";
import type { FactSchema } from "../runtime/fact-bytes.ts";
import { programHash } from "../runtime/node/program-hash.ts";
import { print } from "../syntax/print.ts";

/** A program that nodes may run, with all that they derive from it. */
export type NodeProgram = {
  readonly program: Program;
  readonly verdict: Monotonicity;
  readonly network: NetworkProgram;
  /** The plan of `network.step`. */
  readonly plan: Plan;
  /** Snapshots that no output depends on: `plan` leaves them out, they are derived when read. */
  readonly onDemand: ReadonlySet<number>;
  /** The plan of a question for a relation with values for some of its columns. */
  readonly question: (relation: number, columns: readonly number[]) => QuestionPlan;
  /** Which relations of a step only grow. */
  readonly grows: (relation: number) => boolean;
  /** Whether inputs are shared with all nodes: the text itself says nothing of the network. */
  readonly floods: boolean;
  /** With the inputs accepted, and what rules send. */
  readonly schema: FactSchema;
  /** Tells whether two nodes run the same. */
  readonly hash: string;
};

/** What was found in a text, and the program, unless any of that is an error. */
export type NodeCompilation = {
  readonly diagnostics: readonly Diagnostic[];
  readonly program?: NodeProgram;
};

/** Returns what nodes run of a text. It is refused unless its outputs are monotone, or the text
 * says that it coordinates by itself. `modules` are those of its functors, byte by byte. */
export function nodeProgram(
  source: Source | string,
  options: CompileOptions,
  modules: readonly Uint8Array[] = [],
): NodeCompilation {
  const { diagnostics: found, tree, program } = understand(source, options);
  if (program === undefined) return { diagnostics: found };
  const verdict = monotonicity(program);
  const diagnostics = sorted([...found, ...refusals(program, verdict)]);
  if (hasErrors(diagnostics)) return { diagnostics };
  const network = networkProgram(program);
  const { domain, structures } = program;
  const onDemand = readSnapshots(program);
  return {
    diagnostics,
    program: {
      ...{ program, verdict, network, onDemand },
      plan: plan(without(network.step, onDemand)),
      question: (relation, columns) => questionPlan(network.step, relation, columns, onDemand),
      grows: growingRelations(program, network),
      floods: !saysNetwork(program),
      schema: { domain, structures, relations: program.relations, accepted: accepted(network) },
      hash: programHash(`${print(tree)}\n// domain ${domain}\n`, modules),
    },
  };
}

/** What the checker says of the program where M alone passes. That a text asks for less changes
 * nothing: what is of another level waits for a seal or an order, which there is none of here. */
function refusals(program: Program, verdict: Monotonicity): Diagnostic[] {
  const kept = program.contracts.filter(({ claim }) => claim !== "level" && claim !== "ordered");
  return levelFindings({ ...program, contracts: kept }, verdict, { accept: "M" });
}

/** The relations that come from outside. */
function accepted({ roles, effects }: NetworkProgram): ReadonlySet<number> {
  const sent = new Set(
    effects.flatMap(({ kind, relation }) => (kind === "send" ? [relation] : [])),
  );
  return new Set(
    roles.flatMap(({ input, message }, at) => (input || message || sent.has(at) ? [at] : [])),
  );
}
