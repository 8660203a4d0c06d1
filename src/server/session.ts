// Sessions: what a client has written and seen, as a text that it carries from node to node.
import { reaches } from "../calvin/frontier.ts";
import type { CaughtUp } from "../runtime/node/caught-up.ts";
import type { Node } from "../transducer/node.ts";
import type { VersionVector } from "../transducer/protocol.ts";
import { Problem } from "./http/problem.ts";

/** The header that has it, in requests and answers. */
export const sessionHeader = "calm-session";

/** What a client has written and seen: of some origins so many facts, and the ordered plane as it
 * is after an epoch. */
export type Session = { readonly facts: VersionVector; readonly epoch: number };

/** Returns what a session says, in any order: `a/1:17,epoch:4`. One that is empty has seen what all
 * members hold. Throws a problem where a part says nothing. */
export function readSession(text: string): Session {
  const facts = new Map<string, number>();
  let epoch = 0;
  for (const part of text === "" ? [] : text.split(",")) {
    const [, origin = "", digits] =
      /^\s*([^/\s:,]+\/\d{1,16}|epoch):(\d{1,15})\s*$/.exec(part) ?? [];
    if (digits === undefined)
      throw new Problem(
        400,
        "bad-request",
        "a session is what a node gave: node/incarnation:number, and epoch:number",
      );
    const count = Number(digits);
    if (origin === "epoch") epoch = Math.max(epoch, count);
    else facts.set(origin, Math.max(count, facts.get(origin) ?? 0));
  }
  return { facts, epoch };
}

/** Returns the session of one who has read from a node: what is there, less what all nodes are
 * known to hold, also those who are about to be members (see `CaughtUp`). */
export function sessionOf(node: Node): string {
  const { memberCount } = node;
  return [...node.holds]
    .filter(([origin, count]) => node.holders(origin, count) < memberCount)
    .map(([origin, count]) => `${origin}:${count}`)
    .join(",");
}

/** Returns the session of one who has seen the ordered plane after an epoch, or written in it. */
export function epochSession(epoch: number): string {
  return `epoch:${epoch}`;
}

/** Whether a node holds the facts that a session has written and seen, and those that all held who
 * were members before it. */
export function follows(
  { node, caughtUp }: { readonly node: Node; readonly caughtUp: CaughtUp },
  { facts }: Pick<Session, "facts">,
): boolean {
  return reaches(node.holds, facts) && caughtUp.reachedBy(node);
}
