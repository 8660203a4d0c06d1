// Who takes part in the ordered plane. The log says so: a record names the members from its epoch
// on where they change, so that all agree at each epoch whose majority counts, and whom the log is
// kept for.

/** A node of the ordered plane: it sequences, and carries out one partition of one replica. */
export type OrderedMember = {
  readonly name: string;
  readonly replica: number;
  readonly partition: number;
};

/** A decision of an operator: a node becomes a member, or is none any more. */
export type MemberChange =
  | { readonly kind: "add"; readonly member: OrderedMember }
  | { readonly kind: "remove"; readonly name: string };

/** What a change makes of the members; where they stay as they are, why. */
export type ChangedMembers =
  | { readonly kind: "changed"; readonly members: readonly OrderedMember[] }
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly reason: string };

/** Returns what a change makes of some members. One who is there already, or is not there, is no
 * error: whoever asks again after a crash asks for what is so. */
export function changedMembers(
  members: readonly OrderedMember[],
  change: MemberChange,
): ChangedMembers {
  if (change.kind === "remove") {
    const gone = members.find(({ name }) => name === change.name);
    if (gone === undefined) return { kind: "same" };
    const left = members.filter((of) => of !== gone);
    if (left.length === 0) return refused("the last member cannot be removed");
    const { partition } = gone;
    // Nobody else has its rows, and the log is cut off behind those who are left.
    if (left.every((of) => of.partition !== partition))
      return refused(`${gone.name} is the last one with partition ${partition}`);
    return { kind: "changed", members: left };
  }
  const { name, replica, partition } = change.member;
  const known = members.find((of) => of.name === name);
  if (known?.replica === replica && known.partition === partition) return { kind: "same" };
  if (known !== undefined) return refused(`${name} is a member at ${placeText(known)}: remove it`);
  const there = members.find((of) => of.replica === replica && of.partition === partition);
  if (there !== undefined) return refused(`${there.name} is at ${placeText(there)}: remove it`);
  return { kind: "changed", members: inOrder([...members, change.member]) };
}

/** Returns members in the order in which records name them. */
export function inOrder(members: readonly OrderedMember[]): OrderedMember[] {
  return members.toSorted((a, b) => a.replica - b.replica || a.partition - b.partition);
}

/** Returns the last epoch that every member can come back to without the log: what the log holds up
 * to it nobody needs. `durable` is the epoch of the newest checkpoint of each, that its disk has;
 * who has said nothing needs all. */
export function epochOfAll(
  members: readonly OrderedMember[],
  durable: ReadonlyMap<string, number>,
): number {
  if (members.length === 0) return 0;
  return Math.min(...members.map(({ name }) => durable.get(name) ?? 0));
}

function refused(reason: string): ChangedMembers {
  return { kind: "refused", reason };
}

function placeText({ replica, partition }: OrderedMember): string {
  return `replica ${replica}, partition ${partition}`;
}
