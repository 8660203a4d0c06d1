// Planted bugs of how members come and go.
import { type Mutant, simulatedIn } from "./mutant.ts";

const node = "src/transducer/node.ts";
const membership = "src/transducer/membership.ts";

/** Bugs of membership: runs of one program find them. */
export const memberMutants: readonly Mutant[] = [
  simulatedIn("reachability", "take a forgotten member back in the epoch that it had", [
    membership,
    "const epoch = present ? before.epoch : (before?.epoch ?? 0) + 1;",
    "const epoch = before?.epoch ?? 1;",
  ]),
  simulatedIn("reachability", "have what was known in an earlier epoch hold", [
    membership,
    "return one.epoch > other.epoch ? one : other;",
    "return one.epoch < other.epoch ? one : other;",
  ]),
  simulatedIn("reachability", "leave without handing over what nobody else has", [
    node,
    "const held = peers.length === 0 || peers.some(({ ready, lacks }) => ready && lacks === 0);",
    "const held = peers.length >= 0;",
  ]),
  simulatedIn("reachability", "forget in a crash who the members are", [
    node,
    "members === undefined ? [] : records);",
    "members === undefined ? records : []);",
  ]),
  simulatedIn("reachability", "tell who the members are once", [
    node,
    "      if (link.untold(this.shownMembers, nowMs)) this.tellMembers(link);\n",
    "",
  ]),
];
