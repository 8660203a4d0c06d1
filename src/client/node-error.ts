/** Statuses of what may be done when it is asked again: the request did not come in time, there are
 * too many, or nobody answers just now. */
const passing: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** A node did not do what it was asked for, and said why (RFC 9457). */
export class NodeError extends Error {
  override readonly name = "NodeError";
  /** The status of the response. */
  readonly status: number;
  /** A slug that never changes its meaning: `bad-facts`, `unknown-relation`, `overloaded`. */
  readonly code: string;
  /** What can be done about it. */
  readonly hint: string | undefined;
  /** All that is wrong with what was sent. */
  readonly errors: readonly Readonly<Record<string, unknown>>[];
  /** What else the node says, by its members. */
  readonly more: Readonly<Record<string, unknown>>;
  /** How long to wait before the same is asked again, where that may help. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: unknown, retryAfter: string | null) {
    const { code, detail, hint, errors, ...more } = (body ?? {}) as Partial<
      Record<string, unknown>
    >;
    super(typeof detail === "string" ? detail : `the node answered with status ${status}`);
    this.status = status;
    this.code = typeof code === "string" ? code : "unknown";
    this.hint = typeof hint === "string" ? hint : undefined;
    this.errors = Array.isArray(errors) ? (errors as NodeError["errors"]) : [];
    this.more = more;
    const seconds = Number(retryAfter ?? NaN);
    this.retryAfterMs = passing.has(status) ? (seconds >= 0 ? seconds * 1000 : 0) : undefined;
  }
}

/** Returns the error that a response is. */
export async function errorOf(response: Response): Promise<NodeError> {
  const body: unknown = await response.json().catch(() => undefined);
  return new NodeError(response.status, body, response.headers.get("retry-after"));
}
