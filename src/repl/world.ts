import type { AnalyseOptions } from "../analysis/analyse.ts";
import type { Program } from "../analysis/program.ts";
import type { Database } from "../engine/database.ts";
import type { Limits } from "../engine/limit.ts";
import type { ReclaimRules } from "../engine/reclaim.ts";
import type { ParseOptions } from "../syntax/parse.ts";
import type { Implementations } from "../value/user-functor.ts";

/** What a session needs from around it. */
export type World = {
  /** Answers go there, */
  readonly out: Sink;
  /** and there what is to be said of them: findings, errors, remarks. */
  readonly err: Sink;
  /** Shows what an entry has answered page by page, if it is long; returns whether it did. */
  readonly page?: (text: Uint8Array) => boolean;
  readonly color: boolean;
  nowMs(): number;
  /** How texts are read and understood. */
  readonly options: ParseOptions & AnalyseOptions;
  readonly functors: Implementations;
  readonly limits: Limits;
  /** When values that nobody holds any more are given up, if there is a reason for other rules. */
  readonly reclaims?: ReclaimRules;
  /** The secret of nodes, unless another is named. */
  readonly token?: string;
  /** Reads what the `.input` directives of a program name; says what is wrong with it, and returns
   * whether all is well. */
  readInputs(program: Program, database: Database): Promise<boolean>;
};

/** Where text goes. */
export type Sink = {
  write(chunk: Uint8Array | string): void;
  readonly terminal: boolean;
  /** In columns. */
  readonly width: number;
};

/** An entry cannot be done, for a reason that is not a place in a text. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
