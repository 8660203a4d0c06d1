// From a program to what the nodes of a network run, or to why they do not.
import type { Monotonicity } from "../analysis/levels.ts";
import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { type CompileOptions, understand } from "../understand.ts";
import { growingRelations } from "../plan/growing.ts";
import { type NetworkProgram, networkProgram, saysNetwork, sealable } from "../plan/network.ts";
import { partition } from "../plan/partition.ts";
import {
  handingOver,
  type PartitionedProgram,
  saysPartition,
} from "../plan/partitioned-program.ts";
import { plan } from "../plan/program.ts";
import type { Plan } from "../plan/plan.ts";
import { type QuestionPlan, questionPlan, readSnapshots, without } from "../plan/question.ts";
import type { FactSchema } from "../runtime/fact-bytes.ts";
import { programHash } from "../runtime/node/program-hash.ts";
import { print } from "../syntax/print.ts";
import {
  inputsFirst,
  keptInputs,
  sealingProgram,
  type SealingProgram,
  sealMistakes,
} from "./sealing-program.ts";

/** A program that nodes may run, with all that they derive from it. */
export type NodeProgram = {
  /** As the text has it. */
  readonly program: Program;
  readonly verdict: Monotonicity;
  /** How it is evaluated in parts, where the text says so: then `network` and `schema` are of that,
   * and their first relations are those of the text. */
  readonly parts?: PartitionedProgram;
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
  readonly sealing: SealingProgram;
  /** With the inputs accepted, and what rules send. */
  readonly schema: FactSchema;
  /** Tells whether two nodes run the same. */
  readonly hash: string;
};

/** What was found in a text, and the program, unless any of that is an error. */
export type NodeCompilation = {
  readonly diagnostics: readonly Diagnostic[];
  readonly program?: NodeProgram;
  /** Whether what keeps nodes from running it is its level. */
  readonly refused?: boolean;
};

/** How nodes are to run a program. */
export type NodeProgramOptions = {
  /** They answer once all members have sealed their input: then any level will do, and each node
   * holds all of it. */
  readonly awaitReady?: boolean;
  /** The modules of the program's functors, byte by byte. */
  readonly modules?: readonly Uint8Array[];
};

/** Returns what nodes run of a text. It is refused unless its outputs are monotone (what waits for
 * sealed keys of relations in parts is), or its input is awaited, or the text says that it
 * coordinates by itself. */
export function nodeProgram(
  source: Source | string,
  options: CompileOptions,
  { awaitReady = false, modules = [] }: NodeProgramOptions = {},
): NodeCompilation {
  const { diagnostics: found, tree, program } = understand(source, options);
  if (program === undefined) return { diagnostics: found };
  const { verdict, parts, judged } = judgement(program, awaitReady);
  const diagnostics = sorted([...found, ...judged]);
  if (hasErrors(diagnostics)) return { diagnostics, refused: hasErrors(judged) };
  const { program: whole, seals } = sealable(parts === undefined ? program : handingOver(parts));
  const network = networkProgram(whole);
  const floods = parts === undefined && !saysNetwork(program);
  const first = awaitReady
    ? keptInputs(program, network)
    : inputsFirst({ program, verdict }, network);
  const sealing = sealingProgram({ network, relation: seals }, first);
  const mistakes = sealMistakes(program, network, sealing);
  if (hasErrors(mistakes)) return { diagnostics: sorted([...diagnostics, ...mistakes]) };
  const { domain, structures } = program;
  const onDemand = readSnapshots(program);
  // Nodes that hold all of what others have in parts do not run the same as these.
  const held = awaitReady && saysPartition(program) ? "\n// whole" : "";
  return {
    diagnostics,
    program: {
      ...{ program, network, onDemand, sealing, floods, ...(parts && { parts }) },
      verdict: awaitReady ? finalVerdict(verdict) : verdict,
      plan: plan(without(network.step, onDemand)),
      question: (relation, columns) => questionPlan(network.step, relation, columns, onDemand),
      grows: growingRelations(whole, network),
      schema: { domain, structures, relations: whole.relations, accepted: accepted(network) },
      hash: programHash(`${print(tree)}\n// domain ${domain}${held}\n`, modules),
    },
  };
}

/** What the checker says of a program, and how it is evaluated in parts if the text says that. */
function judgement(
  program: Program,
  awaitReady: boolean,
): {
  readonly verdict: Monotonicity;
  readonly parts?: PartitionedProgram;
  readonly judged: readonly Diagnostic[];
} {
  const verdict = monotonicity(program);
  if (awaitReady) return { verdict, judged: waitingRefusals(program, verdict) };
  if (!saysPartition(program)) return { verdict, judged: levelRefusals(program, verdict, "M") };
  const judged = levelRefusals(program, verdict, "F1");
  if (hasErrors(judged)) return { verdict, judged };
  const { diagnostics, partitioned: parts } = partition(program);
  // What an owner says of a key that is sealed stays as it is.
  const relations = verdict.relations.map((relation, at) => {
    const grows = (program.relations[at]?.lattices ?? []).length > 0;
    return { ...relation, final: relation.final || (relation.level === "F1" && !grows) };
  });
  return { verdict: { ...verdict, relations }, ...(parts && { parts }), judged: diagnostics };
}

/** What the checker says of the program where this level passes. That a text asks for less changes
 * nothing: what is of another level waits for a seal or an order, which there is none of here. */
function levelRefusals(program: Program, verdict: Monotonicity, accept: "M" | "F1"): Diagnostic[] {
  const kept = program.contracts.filter(({ claim }) => claim !== "level" && claim !== "ordered");
  return levelFindings({ ...program, contracts: kept }, verdict, { accept });
}

/** What is answered once all input is there stays as it is. */
function finalVerdict(verdict: Monotonicity): Monotonicity {
  return { ...verdict, relations: verdict.relations.map((one) => ({ ...one, final: true })) };
}

/** What the checker says of the program where input is awaited. Transactions go on all the same. */
function waitingRefusals(program: Program, verdict: Monotonicity): Diagnostic[] {
  const ordered = levelFindings({ ...program, contracts: [] }, verdict, { accept: "M" });
  return [
    ...ordered.filter(({ code }) => code === "reads-ordered"),
    ...levelFindings(program, verdict, { accept: "ordered" }),
  ];
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
