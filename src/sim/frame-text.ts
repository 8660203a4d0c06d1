import type { Fact } from "../transducer/fact.ts";
import type { Members } from "../transducer/membership.ts";
import type { Frame, Heard, VersionVector } from "../transducer/protocol.ts";
import { lastOf } from "../transducer/shared.ts";

/** Returns a frame as traces show it. */
export function frameText(frame: Frame, factText: (fact: Fact) => string): string {
  const list = (facts: readonly Fact[]): string => facts.map(factText).join(" ");
  switch (frame.kind) {
    case "hello":
      return `hello ${knows(frame)}${frame.reply ? ", asks" : ""}`;
    case "ack":
      return `ack ${knows(frame)}`;
    case "batch": {
      const { origin, from, facts } = frame.batch;
      return `batch ${origin}#${from}-${lastOf(frame.batch)} ${list(facts)}`;
    }
    case "messages": {
      const { origin, from, facts } = frame;
      return `messages ${origin}#${from}-${from + facts.length - 1} ${list(facts)}`;
    }
    case "members":
      return `members ${membersText(frame.members)}${frame.reply ? ", asks" : ""}`;
    case "gone": {
      const { origin, number, gone } = frame;
      const parts = Array.from(gone, ([of, ranges]) => `${of}#${ranges.join(" ")}`);
      return `gone ${origin}#${number} ${parts.join(", ")}`;
    }
  }
}

/** Returns what is known of members, as traces show it. */
export function membersText(members: Members): string {
  return [...members]
    .map(
      ([name, { epoch, status }]) => `${name}@${epoch}${status === "member" ? "" : ` ${status}`}`,
    )
    .join(", ");
}

function knows({ holds, heard }: { holds: VersionVector; heard: Heard }): string {
  const origins = Array.from(holds, ([origin, count]) => `${origin}#${count}`);
  const last = heard === undefined ? "" : `, heard ${heard.origin}#${heard.number}`;
  return `holds ${origins.length === 0 ? "nothing" : origins.join(" ")}${last}`;
}
