import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";

/** One command of a session. */
export type Command = {
  readonly name: string;
  /** What stands behind its name. */
  readonly usage: string;
  /** What it does, as a sentence without its subject. */
  readonly help: string;
  /** What its argument is completed with: names of some kind, or these words. */
  readonly completes?: "commands" | "files" | "relations" | readonly string[];
  /** It is about the session's own program: not while a node is asked. */
  readonly local?: true;
  readonly run: (shell: Shell, argument: string) => Outcome | Promise<Outcome>;
};
