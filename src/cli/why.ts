// `calm why` and `calm whynot`: goals, and proofs of the tuples that fit them or why none does.
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";
import { understand, type CompileOptions } from "../understand.ts";
import { missingFunctors } from "../engine/functors.ts";
import { plan } from "../plan/program.ts";
import { absenceText } from "../provenance/absence-text.ts";
import { DerivationFault } from "../provenance/completed.ts";
import { explainerOf } from "../provenance/explainer-of.ts";
import type { Explainer } from "../provenance/explainer.ts";
import { outlineOf } from "../provenance/outline.ts";
import { absenceJson, proofJson } from "../provenance/proof-json.ts";
import { tupleText } from "../provenance/proof-node.ts";
import { tuplesOf, wholeTuple } from "../server/explained-goal.ts";
import { type Goal, readGoal } from "../server/goal.ts";
import { parse } from "../syntax/parse.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { withPragmas } from "./pragmas.ts";
import { colored, compileOptions, printDiagnostics, sourceOf } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";
import { explainAtNode } from "./why-node.ts";
import type { WhyOptions } from "./why-options.ts";
import { paintFor, printProofs } from "./why-print.ts";

const depthDefault = 15;
const absenceDepthDefault = 3;

/** Prints why the tuples of a goal hold, or why one does not. */
export async function explainGoal(
  verb: "why" | "whynot",
  asked: readonly string[],
  given: WhyOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const [file = "", goal] = asked;
  const atNode = given.url !== undefined;
  if (atNode !== (goal === undefined))
    throw new CommandError(
      exitCodes.usage,
      atNode ? "a node is asked for a goal alone" : `calm ${verb} takes a program and a goal`,
      `calm ${verb} program.dl 'path(1, 4)', or calm ${verb} --url http://… 'path(1, 4)'`,
    );
  if (goal === undefined) return explainAtNode(verb, file, given, host);
  const explain = verb === "why" ? why : whynot;
  try {
    return await explain(file, goal, given, functors, host);
  } catch (fault) {
    if (!(fault instanceof DerivationFault)) throw fault;
    printDiagnostics(fault.diagnostics, given, host);
    return exitCodes.problem;
  }
}

async function why(
  file: string,
  goalText: string,
  given: WhyOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const asked = await evaluated(file, goalText, given, functors, host);
  if (asked === undefined) return exitCodes.problem;
  const { explainer: of, goal } = asked;
  const { program } = of;
  const limits = { depth: given.depth ?? depthDefault, alternatives: given.all ?? 1 };
  const proofs = tuplesOf(goal, of).flatMap((tuple) => of.proofs(tuple, limits));
  const outlines = proofs.map((proof) => outlineOf(proof, program));
  const json = () => proofs.map((proof) => proofJson(proof, program));
  return printProofs(goalText, { outlines, json }, given, host);
}

async function whynot(
  file: string,
  goalText: string,
  given: WhyOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const asked = await evaluated(file, goalText, given, functors, host);
  if (asked === undefined) return exitCodes.problem;
  const { explainer: of, goal } = asked;
  const { program } = of;
  const [found] = tuplesOf(goal, of);
  if (found !== undefined) {
    host.stderr.write(`calm: ${tupleText(found, program)} holds\n  \`calm why\` says why\n`);
    return exitCodes.problem;
  }
  const tuple = wholeTuple(goal);
  if (tuple === undefined)
    throw new CommandError(
      exitCodes.usage,
      "no tuple fits the goal; `calm whynot` explains one tuple",
      "give a constant for each column, such as path(4, 1)",
    );
  const absence = of.absence(tuple, { depth: given.depth ?? absenceDepthDefault });
  if (absence === undefined) return exitCodes.problem;
  host.stdout.write(
    given.format === "json"
      ? `${JSON.stringify(absenceJson(absence, program), null, 2)}\n`
      : absenceText(absence, program, paintFor(given, host)),
  );
  return exitCodes.ok;
}

type Asked = {
  readonly explainer: Explainer;
  readonly goal: Goal;
};

/** The program evaluated on its facts, and the goal; undefined where that failed, which is then
 * printed. */
async function evaluated(
  file: string,
  goalText: string,
  given: WhyOptions,
  functors: Implementations,
  host: Host,
): Promise<Asked | undefined> {
  const source = sourceOf(file, host);
  const how = compileOptions(given);
  const { diagnostics, program } = understoodWhole(source, how);
  const options = withPragmas(given, program?.pragmas ?? []);
  printDiagnostics(withoutSilenced(sorted(diagnostics), options), options, host);
  if (program === undefined) return undefined;
  const goal = goalOf(goalText, program, given, host);
  const missing = missingFunctors(plan(program), functors);
  printDiagnostics(missing, options, host);
  if (hasErrors(missing)) return undefined;
  const asked = explainerOf(program, { functors });
  const { inputs } = channelsOf(asked.inputs);
  const settings = { factDir: options.factDir, missingIsEmpty: !options.warn };
  if (!(await readInputs(inputs, asked.database, settings, host))) return undefined;
  const evaluation = asked.evaluate(goal.relation);
  printDiagnostics(withoutSilenced(evaluation.diagnostics, options), options, host);
  return evaluation.complete ? { explainer: asked, goal } : undefined;
}

/** What a program means with nothing inlined, so that every step of a proof is a rule as it is
 * written; as it is where it has no meaning without inlining. */
function understoodWhole(source: Parameters<typeof understand>[0], options: CompileOptions) {
  const whole = understand(source, { ...options, inlineExclude: ["*"] });
  return whole.program === undefined ? understand(source, options) : whole;
}

function goalOf(text: string, program: Program, given: WhyOptions, host: Host): Goal {
  const { domain, structures, relations } = program;
  const schema = { domain, structures, relations, accepted: new Set<number>() };
  const goal = readGoal(text, schema);
  if (!("kind" in goal)) return goal;
  if (goal.kind === "malformed") {
    const source = { path: "<goal>", text: `${text.trim().replace(/[?.]$/, "")}.` };
    const { diagnostics } = parse(source, { preprocess: false });
    if (diagnostics.length > 0)
      host.stderr.write(render(diagnostics, { color: colored(given, host, "stderr") }));
  }
  throw new CommandError(
    exitCodes.usage,
    `"${text}" is no goal: ${goal.messages.join("; ")}`,
    "a goal is an atom, such as 'path(1, 4)' or 'path(1, X)'",
  );
}
