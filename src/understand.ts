import { analyse } from "./analysis/analyse.ts";
import type { Program } from "./analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "./base/diagnostic.ts";
import type { Source } from "./base/source.ts";
import type { DemandOptions } from "./plan/demand.ts";
import { parse, type ParseOptions } from "./syntax/parse.ts";
import type { SyntaxTree } from "./syntax/tree.ts";
import type { Domain } from "./value/schema.ts";

/** How a text is to be read: the preprocessor's settings, the width of numbers, and, in place of
 * what its pragmas say, which relations are derived on demand. */
export type CompileOptions = ParseOptions & {
  readonly domain?: Domain;
  /** Relations that are not inlined; see `AnalyseOptions`. */
  readonly inlineExclude?: readonly string[];
  readonly magic?: Partial<DemandOptions>;
};

/** What a text means, with all that was found wrong with it; there is no program if any of that is
 * an error. */
export type Understanding = {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly Source[];
  readonly tree: SyntaxTree;
  readonly program?: Program;
};

/** Returns what `source` means, as it is written; never throws on what a user wrote. */
export function understand(source: Source | string, options: CompileOptions = {}): Understanding {
  const parsed = parse(source, options);
  const analysed = analyse(parsed.tree, options);
  const diagnostics = sorted([...parsed.diagnostics, ...analysed.diagnostics]);
  const { sources, tree } = parsed;
  if (analysed.program === undefined || hasErrors(diagnostics))
    return { diagnostics, sources, tree };
  return { diagnostics, sources, tree, program: analysed.program };
}
