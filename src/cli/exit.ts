/** What a command's exit code says, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** The program or the data has a problem. */
  problem: 1,
  /** The command was used wrongly: an unknown flag, a file that cannot be read. */
  usage: 2,
  /** A limit that the user set, or a named default, stopped the work. */
  limit: 3,
  /** Our own mistake; never used for anything else. */
  fault: 70,
} as const;

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command early with a message for the user; caught in `main`. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: ExitCode;
  readonly hint: string | undefined;

  constructor(code: ExitCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
