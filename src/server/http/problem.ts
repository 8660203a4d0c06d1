import { STATUS_CODES } from "node:http";

/** Why a request is not answered, as the client is told (RFC 9457). Thrown by handlers. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  /** A slug that never changes its meaning. */
  readonly code: ProblemCode;
  readonly more: ProblemMore;

  constructor(status: number, code: ProblemCode, detail: string, more: ProblemMore = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

/** What problems say beside their text: all that is wrong with a body, the remedy, headers. */
export type ProblemMore = {
  readonly errors?: readonly object[];
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What else the body says, by its members. */
  readonly members?: Readonly<Record<string, unknown>>;
};

/** The kinds of problems. */
export const problemCodes = [
  "bad-request",
  "bad-facts",
  "bad-goal",
  "unauthorized",
  "forbidden",
  "not-found",
  "unknown-relation",
  "unknown-transaction",
  "bad-arguments",
  "aborted",
  "precondition-failed",
  "forgotten",
  "ahead",
  "unavailable",
  "method-not-allowed",
  "not-an-input",
  "not-an-output",
  "sealed",
  "not-ready",
  "not-supported",
  "cursor-expired",
  "too-large",
  "unsupported-type",
  "not-admitted",
  "no-members",
  "not-sealed",
  "evaluation-failed",
  "unknown-member",
  "overloaded",
  "behind",
  "not-implemented",
  "incomplete",
  "owner-away",
  "not-the-owner",
  "handing-over",
  "draining",
  "other-program",
  "follower",
  "leader",
  "fenced",
  "truncated",
  "damaged",
  "disk-full",
  "disk-failed",
  "stopped",
  "fault",
] as const;

/** One of `problemCodes`. */
export type ProblemCode = (typeof problemCodes)[number];

/** The type of the body of a problem. */
export const problemType = "application/problem+json";

/** Returns the body of a problem. */
export function problemBody({ status, code, message, more }: Problem): string {
  const { hint, errors, members } = more;
  const title = STATUS_CODES[status] ?? "";
  const body = {
    type: "about:blank",
    title,
    status,
    code,
    detail: message,
    hint,
    errors,
    ...members,
  };
  return `${JSON.stringify(body)}\n`;
}
