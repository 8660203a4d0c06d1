/** What came of a text: `limit` says that it took more than is allowed. */
export type Outcome = "ok" | "failed" | "limit" | "exit";
