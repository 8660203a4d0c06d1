import type { Monotonicity } from "../analysis/levels.ts";
import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import type { ParseOptions } from "../syntax/parse.ts";
import type { SyntaxTree } from "../syntax/tree.ts";

/** Returns the text of a file, from an editor or the disk; undefined where there is none. */
export type Load = (path: string) => string | undefined;

/** What is known of a program: its syntax as far as it could be made out, what it means unless it
 * has errors, and all that its project wants to hear about it. */
export type Checked = {
  readonly tree: SyntaxTree;
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
  readonly program?: Program;
  readonly verdict?: Monotonicity;
  /** What is wrong with the project's settings, which then do not count. */
  readonly complaint?: string;
};

/** What the language server needs from the command that starts it: how a project's programs are
 * read and judged, and where things are explained. */
export type Checker = {
  readonly version: string;
  readonly check: (source: Source, load: Load) => Promise<Checked>;
  /** How texts are read, for `format`. */
  readonly reading: (load: Load) => ParseOptions;
  /** The address of the page about a code. */
  readonly pageOf: (code: Diagnostic["code"]) => string | undefined;
};
