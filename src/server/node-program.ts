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
  /** What is of the ordered plane, where nodes are to have one. */
  readonly ordered?: OrderedRelations;
  /** With the inputs accepted, and what rules send. */
  readonly schema: FactSchema;
  /** Tells whether two nodes run the same. */
  readonly hash: string;
};

/** The relations of a program with an ordered plane. */
export type OrderedRelations = {
  /** Those that nodes do not derive as facts arrive: ordered ones, and what is of no level that
   * goes without an order. They are asked at an epoch. */
  readonly apart: ReadonlySet<number>;
  /** Free relations that transactions insert into, and clients do not. */
  readonly inserted: ReadonlySet<number>;
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
  /** They have an ordered plane: it carries out transactions, and answers what is not monotone. */
  readonly ordered?: boolean;
  /** The modules of the program's functors, byte by byte. */
  readonly modules?: readonly Uint8Array[];
};

/** Returns what nodes run of a text. It is refused unless its outputs are monotone (what waits for
 * sealed keys of relations in parts is), or its input is awaited, or the text says that it
 * coordinates by itself. */
export function nodeProgram(
  source: Source | string,
  options: CompileOptions,
  { awaitReady = false, ordered = false, modules = [] }: NodeProgramOptions = {},
): NodeCompilation {
  const { diagnostics: found, tree, program } = understand(source, options);
  if (program === undefined) return { diagnostics: found };
  const { verdict, parts, judged } = judgement(program, { awaitReady, ordered });
  const diagnostics = sorted([...found, ...judged]);
  if (hasErrors(diagnostics)) return { diagnostics, refused: hasErrors(judged) };
  const apart = ordered ? orderedRelations(program, verdict) : undefined;
  const free = apart === undefined ? program : freePart(program, apart);
  const { program: whole, seals } = sealable(parts === undefined ? free : handingOver(parts));
  const network = networkProgram(whole);
  const floods = parts === undefined && !saysNetwork(program);
  const first = awaitReady
    ? keptInputs(program, network)
    : inputsFirst({ program, verdict }, network);
  const sealing = sealingProgram({ network, relation: seals }, first);
  const mistakes = sealMistakes(program, network, sealing);
  if (hasErrors(mistakes)) return { diagnostics: sorted([...diagnostics, ...mistakes]) };
  const { domain, structures } = program;
  const onDemand = readSnapshots(free);
  // Nodes that hold all of what others have in parts do not run the same as these.
  const held = awaitReady && saysPartition(program) ? "\n// whole" : ordered ? "\n// ordered" : "";
  return {
    diagnostics,
    program: {
      ...{ program, network, onDemand, sealing, floods, ...(parts && { parts }) },
      ...(apart && { ordered: apart }),
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
  { awaitReady, ordered }: { readonly awaitReady: boolean; readonly ordered: boolean },
): {
  readonly verdict: Monotonicity;
  readonly parts?: PartitionedProgram;
  readonly judged: readonly Diagnostic[];
} {
  const verdict = monotonicity(program);
  if (ordered) return { verdict, judged: levelFindings(program, verdict, { accept: "ordered" }) };
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

/** Returns what of a program is the ordered plane's. */
function orderedRelations(program: Program, verdict: Monotonicity): OrderedRelations {
  const { relations, directives, transactions } = program;
  const inputs = new Set(
    directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  const apart = relations.flatMap(({ place }, at) => {
    const free = verdict.relations[at]?.level === "M" || place?.snapshot === true;
    return place?.ordered !== undefined || place?.arguments === true || !free ? [at] : [];
  });
  const inserted = transactions.flatMap(({ rules }) =>
    rules.flatMap(({ head }) => (head.kind === "insert" ? [head.relation] : [])),
  );
  return {
    apart: new Set(apart),
    inserted: new Set(
      inserted.filter((at) => relations[at]?.place?.ordered === undefined && !inputs.has(at)),
    ),
  };
}

/** Returns what nodes derive of a program while facts arrive: what goes without an order. What
 * transactions insert comes to them as input does. */
function freePart(program: Program, { apart, inserted }: OrderedRelations): Program {
  const spans = program.relations.map(({ span }) => span);
  return {
    ...without(program, apart),
    facts: program.facts.filter(({ relation }) => !apart.has(relation)),
    directives: [
      ...program.directives.filter(({ relation }) => !apart.has(relation)),
      ...[...inserted].flatMap((relation) => {
        const span = spans[relation];
        if (span === undefined) return [];
        return [{ word: "input" as const, relation, parameters: new Map<string, string>(), span }];
      }),
    ],
    transactions: [],
  };
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
