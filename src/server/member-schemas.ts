// What is said of members over HTTP.
import * as z from "zod";

import { isMemberUrl, memberLimits, memberName } from "../runtime/member-bytes.ts";
import { memberStatuses } from "../transducer/membership.ts";

const count = z.int().min(0);

/** What is known of a name. */
export const member = z
  .object({
    epoch: count.meta({ description: "0 from the start; rises when the name is admitted." }),
    status: z.enum(memberStatuses),
    url: z.string().max(memberLimits.urlBytesMax).refine(isMemberUrl).optional(),
    life: count.optional(),
    key: z.string().max(memberLimits.keyBytesMax).optional(),
  })
  .meta({ id: "Member" });

/** What is known of the members, by their names. */
export const members = z.record(z.string().regex(memberName), member);

/** What a node says that wants to become a member. */
export const joinBody = z
  .object({
    name: z.string().regex(memberName),
    cluster: z.string(),
    program: z.string().meta({ description: "The hash of the program." }),
    life: count.meta({ description: "Its incarnation." }),
    key: z.string().meta({ description: "Its public key (Ed25519), in base64." }),
    signature: z.string().meta({ description: "What its key makes of all the rest." }),
  })
  .meta({ id: "Join" });

/** A request to become a member. */
export type Join = z.infer<typeof joinBody>;

/** What a node knows of the members. */
export const knownMembers = z.object({ members }).meta({ id: "KnownMembers" });

/** The answer to one who is a member now. */
export const joined = knownMembers
  .extend({
    holds: z
      .record(z.string(), count)
      .meta({ description: "What the member holds: of lives of nodes, how many of their facts." }),
  })
  .meta({ id: "Joined" });
