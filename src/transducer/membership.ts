// Who the members of a network are. Every node knows a part of what was ever decided about that,
// and tells it; what it knows only grows, and two nodes that know the same agree.

/** Where a member stands in one epoch; what comes later in this list holds against what comes
 * before. `left`: by itself, after others had all that it held. `forgotten`: an operator has
 * decided that it does not come back. */
export const memberStatuses = ["member", "left", "forgotten"] as const;

/** One of `memberStatuses`. */
export type MemberStatus = (typeof memberStatuses)[number];

/** What is known of one name. */
export type Member = {
  /** Begins at 0, for those who were members from the start; rises when the name is admitted
   * (again). Nothing of an earlier epoch holds in a later one. */
  readonly epoch: number;
  readonly status: MemberStatus;
  /** Where it is reached, and in which of its lives it said so: 0 where others have said it. */
  readonly url?: string;
  readonly life?: number;
  /** The key that it signs with. */
  readonly key?: string;
};

/** What is known of all names: a map that only grows. */
export type Members = ReadonlyMap<string, Member>;

/** Returns what is known where names are members from the start, and nothing else is. */
export function declaredMembers(names: readonly string[]): Members {
  return new Map(names.map((name) => [name, { epoch: 0, status: "member" }]));
}

/** Returns the least that is known by whoever knows both. */
export function joinedMembers(some: Members, others: Members): Members {
  const all = new Map(some);
  for (const [name, other] of others) {
    const one = all.get(name);
    all.set(name, one === undefined ? other : joinedMember(one, other));
  }
  return all;
}

/** Returns what who knows `known` learns from `said`; nothing where that is all known. */
export function newsOf(known: Members, said: Members): Members {
  const news = new Map<string, Member>();
  for (const [name, member] of said) {
    const before = known.get(name);
    const after = before === undefined ? member : joinedMember(before, member);
    if (before === undefined || !equal(before, after)) news.set(name, after);
  }
  return news;
}

/** Returns the names of those who are members now, in order. */
export function presentNames(members: Members): string[] {
  return [...members]
    .flatMap(([name, { status }]) => (status === "member" ? [name] : []))
    .toSorted();
}

/** Returns what is to be known once a name is admitted: a member stays one, where it stands; one
 * who is none, or none any more, begins an epoch, in which nothing holds that was before. */
export function admission(
  members: Members,
  name: string,
  said: Pick<Member, "url" | "life" | "key">,
): Members {
  const before = members.get(name);
  const present = before?.status === "member";
  const epoch = present ? before.epoch : (before?.epoch ?? 0) + 1;
  return new Map([[name, { ...said, epoch, status: "member" }]]);
}

/** Returns what is to be known once a member has left, or is forgotten: nothing where it never
 * was one. */
export function farewell(
  members: Members,
  name: string,
  status: Exclude<MemberStatus, "member">,
): Members {
  const before = members.get(name);
  return before === undefined ? new Map() : new Map([[name, { ...before, status }]]);
}

function joinedMember(one: Member, other: Member): Member {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch ? one : other;
  const rank = ({ status }: Member): number => memberStatuses.indexOf(status);
  const { status } = rank(one) >= rank(other) ? one : other;
  const { url, life } = later(one, other) ? other : one;
  const key = (one.key ?? "") >= (other.key ?? "") ? one.key : other.key;
  return {
    ...{ epoch: one.epoch, status },
    ...(url !== undefined && { url }),
    ...(life !== undefined && { life }),
    ...(key !== undefined && { key }),
  };
}

/** Whether an address holds against another one: it was said in a later life. */
function later(one: Member, other: Member): boolean {
  const [life, otherLife] = [one.life ?? 0, other.life ?? 0];
  return life === otherLife ? (one.url ?? "") < (other.url ?? "") : life < otherLife;
}

function equal(one: Member, other: Member): boolean {
  return (
    one.epoch === other.epoch &&
    one.status === other.status &&
    one.url === other.url &&
    (one.life ?? 0) === (other.life ?? 0) &&
    one.key === other.key
  );
}
