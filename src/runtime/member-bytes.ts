// What is known of the members of a network as bytes: in frames, and in records of the log.
import { type Member, type Members, memberStatuses } from "../transducer/membership.ts";
import { type ByteSink, type ByteSource, WireError } from "./bytes.ts";

/** The limits of what is told of members. */
export type MemberLimits = {
  /** Names that ever were of members. */
  readonly membersMax: number;
  readonly nameBytesMax: number;
  readonly urlBytesMax: number;
  readonly keyBytesMax: number;
};

/** The limits of what is told of members. */
export const memberLimits: MemberLimits = {
  membersMax: 1 << 12,
  nameBytesMax: 240,
  urlBytesMax: 1 << 10,
  keyBytesMax: 128,
};

/** The names that members have. */
export const memberName = /^[^\s/@=]{1,200}$/;

/** Whether a text is an address of a member: `ws://host:port`, or `wss://host:port`. */
export function isMemberUrl(text: string): boolean {
  return /^wss?:\/\/[^/\s]+$/.test(text) && URL.canParse(text);
}

/** Writes what is known of members. */
export function writeMembers(members: Members, sink: ByteSink): void {
  sink.count(members.size);
  for (const [name, { epoch, status, url, life, key }] of members) {
    sink.text(name);
    sink.count(epoch);
    sink.byte(memberStatuses.indexOf(status));
    sink.count(life ?? 0);
    sink.text(url ?? "");
    sink.text(key ?? "");
  }
}

/** Reads what `writeMembers` wrote. Throws a `WireError`. */
export function readMembers(source: ByteSource, limits: MemberLimits = memberLimits): Members {
  const members = new Map<string, Member>();
  const count = source.count(limits.membersMax, "members");
  for (let at = 0; at < count; at++) {
    const name = source.text(limits.nameBytesMax, "the name of a member");
    if (!memberName.test(name)) throw new WireError("malformed", "a name is none of a member");
    if (members.has(name)) throw new WireError("malformed", "a member is told of twice");
    const epoch = source.count(Number.MAX_SAFE_INTEGER, "an epoch");
    const status = memberStatuses[source.byte()];
    if (status === undefined) throw new WireError("malformed", "a member stands nowhere");
    const life = source.count(Number.MAX_SAFE_INTEGER, "a life");
    const url = source.text(limits.urlBytesMax, "an address");
    if (url !== "" && !isMemberUrl(url)) throw new WireError("malformed", "this is no address");
    const key = source.text(limits.keyBytesMax, "a key");
    members.set(name, {
      ...{ epoch, status },
      ...(url !== "" && { url }),
      ...(life > 0 && { life }),
      ...(key !== "" && { key }),
    });
  }
  return members;
}
