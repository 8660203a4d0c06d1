import type { ProgramOptions } from "./program.ts";

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
  /** Where the node is that is asked, instead of a program, and the file with its secret. */
  readonly url?: string;
  readonly token?: string;
};
