import type { CallName } from "./protocol.ts";

/** Answers a call; `progress` tells how far it is. */
export type Answer = (asked: never, progress: (text: string) => void) => unknown;

/** Answers by the names of calls. */
export type Answers = Partial<Record<CallName, Answer>>;
