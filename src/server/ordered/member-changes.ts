// What operators decide of the members of the ordered plane: it is so once the log says so.
import type { MemberChange, OrderedMember } from "../../calvin/members.ts";
import type { Sequencer } from "../../calvin/sequencer.ts";
import { pause } from "../../runtime/node/pause.ts";
import { Problem } from "../http/problem.ts";
import type { OrderedLimits } from "./limits.ts";
import type { OrderedMembers } from "./members.ts";

/** What an operator asks for: that a node becomes a member, or is none any more. */
export type WantedChange = { readonly add: string } | { readonly remove: string };

/** What changes are made with. */
export type MemberChangeParts = {
  readonly sequencer: Sequencer;
  readonly members: OrderedMembers;
  readonly limits: Pick<OrderedLimits, "answerMs" | "retryMs">;
  /** Proposes an epoch, unless one is on its way. */
  readonly propose: () => void;
  readonly signal: AbortSignal;
};

/** Has the log name other members; returns them once it does. Throws a `Problem` where the change
 * is refused, or where the log does not take it in time: asking again is safe. */
export async function changeMembers(
  wanted: WantedChange,
  parts: MemberChangeParts,
): Promise<readonly OrderedMember[]> {
  const { sequencer, limits, propose, signal } = parts;
  const change = changeOf(wanted, parts);
  const untilMs = performance.now() + limits.answerMs;
  while (!isSo(change, sequencer.members)) {
    const found = sequencer.change(change);
    if (found.kind === "refused")
      throw new Problem(409, "not-admitted", `the members stay who they are: ${found.reason}`);
    if (signal.aborted || performance.now() >= untilMs)
      throw new Problem(503, "unavailable", "the log has not taken the change in time", {
        hint: "ask again: what is so already is no error",
        headers: { "retry-after": "1" },
      });
    propose();
    await pause(limits.retryMs, signal);
  }
  return sequencer.members;
}

function changeOf(
  wanted: WantedChange,
  { members, sequencer }: Pick<MemberChangeParts, "members" | "sequencer">,
): MemberChange {
  if (sequencer.epoch === 0)
    throw new Problem(409, "not-ready", "the log does not say yet who the members are", {
      hint: "start the nodes of all places once, and carry something out",
    });
  if ("remove" in wanted) return { kind: "remove", name: wanted.remove };
  const place = members.placeOf(wanted.add);
  if (place === undefined)
    throw new Problem(404, "unknown-member", `node ${wanted.add} has not said where it is`, {
      hint: "start it with --place and --join, and add it once it is connected",
    });
  return { kind: "add", member: { name: wanted.add, ...place } };
}

function isSo(change: MemberChange, members: readonly OrderedMember[]): boolean {
  if (change.kind === "remove") return members.every(({ name }) => name !== change.name);
  const { name, replica, partition } = change.member;
  const same = (of: OrderedMember): boolean =>
    of.name === name && of.replica === replica && of.partition === partition;
  return members.some(same);
}
