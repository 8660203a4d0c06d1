// `calm why` and `calm whynot`: goals, and proofs of the tuples that fit them or why none does.
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";
import { understand, type CompileOptions } from "../compile.ts";
import { missingFunctors } from "../engine/functors.ts";
import { plan } from "../plan/program.ts";
import { absenceText } from "../provenance/absence-text.ts";
import { explainerOf } from "../provenance/explainer-of.ts";
import type { Explainer } from "../provenance/explainer.ts";
import { absenceJson, proofJson } from "../provenance/proof-json.ts";
import { outlineDot, outlineMermaid } from "../provenance/outline-graph.ts";
import { outlineHtml } from "../provenance/outline-html.ts";
import { outlineOf } from "../provenance/outline.ts";
import { outlineText, type Paint } from "../provenance/outline-text.ts";
import { tupleText } from "../provenance/proof-node.ts";
import type { Proof } from "../provenance/proof.ts";
import { tuplesOf, wholeTuple } from "../server/explained-goal.ts";
import { type Goal, readGoal } from "../server/goal.ts";
import { parse } from "../syntax/parse.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { withPragmas } from "./pragmas.ts";
import {
  colored,
  compileOptions,
  printDiagnostics,
  type ProgramOptions,
  sourceOf,
} from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** The forms of a proof. */
export const proofFormats = ["text", "json", "dot", "mermaid", "html"] as const;

/** The forms of an absence. */
export const absenceFormats = ["text", "json"] as const;

/** The options of `calm why` and `calm whynot`. */
export type WhyOptions = ProgramOptions & {
  readonly factDir: string;
  readonly functors?: string;
  readonly format: (typeof proofFormats)[number];
  /** How many steps of a proof are shown, and how often it is asked why a premise is absent. */
  readonly depth?: number;
  /** How many proofs of a tuple are shown. */
  readonly all?: number;
};

const depthDefault = 15;
const absenceDepthDefault = 3;

/** Prints why the tuples of a goal hold. */
export async function why(
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
  if (proofs.length === 0) {
    const hint = "`calm whynot` says why\n";
    host.stderr.write(`calm: no tuple fits ${goalText.trim()}\n  ${hint}`);
    if (given.format === "json") host.stdout.write("[]\n");
    return exitCodes.problem;
  }
  host.stdout.write(printed(proofs, program, given, host));
  return exitCodes.ok;
}

/** Prints why a tuple does not hold. */
export async function whynot(
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
  const text =
    given.format === "json"
      ? `${JSON.stringify(absenceJson(absence, program), null, 2)}\n`
      : absenceText(absence, program, paintFor(given, host));
  host.stdout.write(text);
  return exitCodes.ok;
}

function printed(
  proofs: readonly Proof[],
  program: Program,
  given: WhyOptions,
  host: Host,
): string {
  const outlines = proofs.map((proof) => outlineOf(proof, program));
  switch (given.format) {
    case "text":
      return outlines.map((one) => outlineText(one, paintFor(given, host))).join("\n");
    case "json":
      return `${JSON.stringify(
        proofs.map((proof) => proofJson(proof, program)),
        null,
        2,
      )}\n`;
    case "dot":
      return outlineDot(outlines);
    case "mermaid":
      return outlineMermaid(outlines);
    case "html":
      return outlineHtml(outlines);
  }
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
  const evaluation = asked.evaluate();
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

const styles = { dim: 2, good: 32, bad: 31, strong: 1 } as const;

function paintFor(given: WhyOptions, host: Host): Paint {
  if (!colored(given, host, "stdout")) return (_style, text) => text;
  return (style, text) => `\x1b[${styles[style]}m${text}\x1b[0m`;
}
