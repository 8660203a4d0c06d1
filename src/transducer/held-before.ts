import type { NetworkProgram } from "../plan/network.ts";
import type { Fact } from "./fact.ts";
import type { IncrementalTransducer } from "./incremental.ts";

/** What nodes send each other that an earlier life of a node held, and a later one, which has what
 * the log says, does not: what it was derived from, here, is elsewhere now. A node that begins with
 * it holds all that it had told, and its rules send that to those who own it. */
export function heldBefore(
  { roles }: NetworkProgram,
  before: Pick<IncrementalTransducer, "tuples">,
  now: Pick<IncrementalTransducer, "has">,
): Fact[] {
  const found: Fact[] = [];
  for (const [relation, { message, kept }] of roles.entries()) {
    if (!message || !kept) continue;
    for (const values of before.tuples(relation))
      if (!now.has({ relation, values })) found.push({ relation, values });
  }
  return found;
}
