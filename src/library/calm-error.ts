import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";

/** What a caller can do wrong, beside what is wrong with a program or a goal: then the code is that
 * of the first error. */
export type Misuse =
  /** The types that were declared for relations or columns are not those of the program. */
  | "wrong-types"
  /** There is no relation of that name, or it cannot hold tuples. */
  | "no-such-relation"
  /** A relation that is `ordered` was to be changed: only transactions do that. */
  | "ordered-relation"
  /** A row is none of its relation. */
  | "bad-row"
  /** A text that says more than a goal does. */
  | "no-goal"
  /** A value has no notation in a program. */
  | "no-literal"
  /** A functor is given with another signature than the program declares. */
  | "wrong-signature"
  /** The program is one of a network. */
  | "network-program"
  /** A database was used while it was evaluating, or a transaction does not end at once. */
  | "not-now";

/** What is thrown where a program, a goal or data is wrong, or a limit was met. All of it that is
 * known at once is in the message: frames with excerpts, as `calm check` prints them. */
export class CalmError extends Error {
  override readonly name = "CalmError";
  /** A slug that never changes its meaning: a `Misuse`, or the code of the first error that was
   * found in a text: `unsafe-variable`. */
  readonly code: string;
  /** What was found in a text, or while it was evaluated; empty where no text is to blame. */
  readonly diagnostics: readonly Diagnostic[];
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(
    code: CalmError["code"],
    message: string,
    hint?: string,
    diagnostics: readonly Diagnostic[] = [],
  ) {
    super(hint === undefined || diagnostics.length > 0 ? message : `${message} (${hint})`);
    this.code = code;
    this.hint = hint;
    this.diagnostics = diagnostics;
  }
}

/** Throws if any of `diagnostics` is an error. */
export function throwErrors(diagnostics: readonly Diagnostic[]): void {
  const error = errorIn(diagnostics);
  if (error !== undefined) throw error;
}

/** Returns the errors among `diagnostics` as one; undefined where there are none. */
export function errorIn(diagnostics: readonly Diagnostic[]): CalmError | undefined {
  if (!hasErrors(diagnostics)) return undefined;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const message = render(errors, { color: false }).trimEnd();
  return new CalmError(first?.code ?? "", message, first?.hint, errors);
}
