// When what has to move between nodes has moved, after members have come or gone.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import type { AskedNodes } from "./part-calls.ts";
import type { Shards } from "./shards.ts";

/** How long to wait before members are asked again. */
const againMs = 100;

/** Settles shards once all their members know that they are the members, and have handed over what
 * they do not own any more.
 *
 * What was told in earlier lives each node has since its new one began (`held-before.ts`), and
 * sends from there: nothing of it comes by way of several nodes. So there are two rounds. When the
 * first is over nobody sends any more what other members would have owned; but what came so before
 * may still be on its way from the node that it came to. That is what the second waits for.
 */
export async function settle(
  shards: Shards,
  nodes: AskedNodes,
  signal: AbortSignal,
): Promise<boolean> {
  for (let rounds = 0; rounds < 2; rounds++) {
    const round = randomUUID();
    while (!(await handedOver(shards, nodes, round))) {
      await pause(againMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return false;
    }
  }
  shards.settle();
  return true;
}

async function handedOver(
  { owners: { members } }: Shards,
  nodes: AskedNodes,
  round: string,
): Promise<boolean> {
  const ask = (member: string) =>
    nodes.ask(member, { kind: "handed", round, members: [...members] });
  const answers = await Promise.allSettled(members.map(ask));
  return answers.every((of) => of.status === "fulfilled" && of.value.done);
}
