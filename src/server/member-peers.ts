// The members of a network as a node's settings and its connections have them.
import type { Peer } from "../runtime/node/peer-network.ts";
import { type Member, type Members, presentNames } from "../transducer/membership.ts";

/** Returns who the members are as far as a node's settings say: itself, and its peers. They are so
 * from the start, in epoch 0. */
export function givenMembers(name: string, key: string, peers: readonly Peer[]): Members {
  const others = peers.map(({ name: peer, url }): [string, Member] => [
    peer,
    { epoch: 0, status: "member", ...(url !== undefined && { url }) },
  ]);
  return new Map<string, Member>([[name, { epoch: 0, status: "member", key }], ...others]);
}

/** Returns with whom a node has connections, and where they are. What its own settings say of a
 * peer's address holds: also that it is waited for. */
export function peersAmong(members: Members, own: string, given: readonly Peer[]): Peer[] {
  const settings = new Map(given.map((peer) => [peer.name, peer]));
  return presentNames(members)
    .filter((name) => name !== own)
    .map((name) => {
      const url = members.get(name)?.url;
      return settings.get(name) ?? { name, ...(url !== undefined && { url }) };
    });
}

/** Returns who is no member any more, and what such are told when they call. */
export function formerMembers(members: Members): Map<string, string> {
  const former = new Map<string, string>();
  for (const [name, { epoch, status }] of members)
    if (status !== "member")
      former.set(
        name,
        status === "left"
          ? `${name} has left (epoch ${epoch}): it joins anew with --join`
          : `${name} was forgotten (epoch ${epoch}): it joins anew with --join`,
      );
  return former;
}
