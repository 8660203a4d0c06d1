// Sessions: what a client has written and seen, as a text that it carries from node to node.
import type { Node } from "../../transducer/node.ts";
import { Problem } from "../http/problem.ts";

/** The header that has it, in requests and answers. */
export const sessionHeader = "calm-session";

/** For some origins how many of their facts. */
export type Session = ReadonlyMap<string, number>;

/** Returns what a session says; throws a problem where it says nothing. */
export function readSession(text: string): Session {
  const entries = text.split(",").map((part): [string, number] => {
    const [, origin = "", digits] = /^\s*([^/\s:,]+\/\d{1,16}):(\d{1,15})\s*$/.exec(part) ?? [];
    if (digits === undefined)
      throw new Problem(
        400,
        "bad-request",
        "a session is what a node gave: node/incarnation:number",
      );
    return [origin, Number(digits)];
  });
  return new Map(entries);
}

/** Returns the session of one who has read from a node: what is there, less what all nodes are
 * known to hold. */
export function sessionOf(node: Node): string {
  const members = node.peers().length + 1;
  return [...node.holds]
    .filter(([origin, count]) => node.holders(origin, count) < members)
    .map(([origin, count]) => `${origin}:${count}`)
    .join(",");
}

/** Whether a node holds what a session says. */
export function follows(node: Node, session: Session): boolean {
  return [...session].every(([origin, count]) => (node.holds.get(origin) ?? 0) >= count);
}
