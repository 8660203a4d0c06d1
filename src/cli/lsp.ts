// `calm lsp`: what an editor is told about a program is what `calm check` says of it.
import { dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Monotonicity } from "../analysis/levels.ts";
import type { Source } from "../base/source.ts";
import { understand } from "../understand.ts";
import type { Checked, Load } from "../lsp/checker.ts";
import { serveEditor } from "../lsp/server.ts";
import { withBaseline } from "./check-baseline.ts";
import { checkUnderstood } from "./check-file.ts";
import { configOf, type AcceptedLevel, type Config } from "./config.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import { pagePath } from "./explain-code.ts";
import { matchesAny } from "./glob.ts";
import { judge } from "./judge.ts";
import { meanings } from "./meanings.ts";
import { compileOptions, macrosOf, type ProgramOptions } from "./program.ts";

/** The options of `calm lsp`. */
export type LspOptions = Pick<
  ProgramOptions,
  "includeDir" | "macro" | "preprocessor" | "domain" | "color"
> & {
  readonly level?: AcceptedLevel;
  /** False for `--no-config`. */
  readonly config?: string | false;
};

/** Serves an editor on standard input and output until it is done. */
export async function lsp(options: LspOptions, version: string): Promise<ExitCode> {
  // A wrong macro is said before an editor waits for an answer.
  const macros = macrosOf(options.macro);
  await serveEditor(
    { input: process.stdin, output: process.stdout },
    {
      version,
      check: (source, load) => checked(source, options, load),
      reading: (load) => ({
        preprocess: options.preprocessor,
        includeDirectories: options.includeDir,
        macros,
        load,
      }),
      pageOf: (code) =>
        Object.hasOwn(meanings, code) ? pathToFileURL(pagePath(code)).href : undefined,
    },
  );
  return exitCodes.ok;
}

async function checked(source: Source, given: LspOptions, load: Load): Promise<Checked> {
  const options: ProgramOptions = { ...given, warn: true, given: new Set(), load };
  const understood = understand(source, compileOptions(options));
  const { tree, sources, program } = understood;
  let verdict: Monotonicity | undefined;
  const found = { tree, sources, ...(program !== undefined && { program }) };
  try {
    const config = configOf(given.config, dirname(source.path), Object.keys(meanings));
    const accept = given.level ?? config.level ?? "M";
    const report = await checkUnderstood(source, understood, options, config, async (judged) => {
      const judgement = await judge(judged, { accept });
      verdict = judgement.verdict;
      return judgement;
    });
    const [marked = report] = config.baseline === undefined ? [] : baselined(report, config);
    const path = relative(config.folder, source.path).split(sep).join("/");
    // Of what the project does not check, only what keeps it from running is of interest.
    const ignored = matchesAny(path, config.ignore);
    const findings = marked.findings.filter(({ suppression, stops }) =>
      ignored ? stops : suppression === undefined,
    );
    const diagnostics = findings.map(({ diagnostic }) => diagnostic);
    return { ...found, diagnostics, ...(verdict !== undefined && { verdict }) };
  } catch (error) {
    // A configuration, a baseline or a pragma that cannot be read: the program still is.
    if (!(error instanceof CommandError)) throw error;
    const { diagnostics } = understood;
    const complaint = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
    return { ...found, diagnostics, complaint };
  }
}

function baselined(
  report: Awaited<ReturnType<typeof checkUnderstood>>,
  { baseline = "", folder }: Config,
): readonly (typeof report)[] {
  return withBaseline([report], join(folder, baseline), false);
}
