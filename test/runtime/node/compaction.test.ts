import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import { compacted } from "../../../src/runtime/node/compaction.ts";
import { keyOf } from "../../../src/transducer/fact.ts";
import type { MemberStatus } from "../../../src/transducer/membership.ts";
import type { LogRecord } from "../../../src/transducer/protocol.ts";
import { batchOf, edge, goneOf, messagesOf, once } from "../../support/logs.ts";

const seed = Number(process.env["SEED"] ?? "1");

function left(records: readonly LogRecord[]): LogRecord[] {
  return [...compacted(records, [true, true, false])];
}

/** What a node makes of records: what it holds and has heard, and which facts it was given. */
function meaning(records: readonly LogRecord[]): unknown {
  const heard = new Map<string, string>();
  const kept = new Set<string>();
  const events: string[] = [];
  const batches: LogRecord[] = [];
  for (const record of records) {
    if (record.kind === "batch") {
      batches.push(record);
      continue;
    }
    if (record.kind === "members" || record.kind === "gone") continue;
    const { peer, origin, from, facts } = record;
    heard.set(peer, `${origin} ${from + facts.length - 1}`);
    for (const fact of facts)
      if (fact.relation === 2) events.push(keyOf(fact));
      else kept.add(keyOf(fact));
  }
  return { heard: [...heard].toSorted(), kept: [...kept], events, batches };
}

describe("compaction of records", () => {
  it("leaves out messages that came before, of whichever peer or life", () => {
    const records = [
      messagesOf("m/1", 1, [edge(1, 1), edge(2, 2)]),
      messagesOf("o/1", 1, [edge(2, 2), edge(3, 3)]),
      batchOf("m/1", 1, [edge(1, 1)]),
      messagesOf("m/2", 1, [edge(1, 1), edge(2, 2), once(1)]),
      messagesOf("o/2", 1, [edge(3, 3)]),
      messagesOf("o/2", 2, [edge(2, 2)]),
    ];
    expect(left(records)).to.deep.equal([
      messagesOf("m/1", 1, [edge(1, 1), edge(2, 2)]),
      messagesOf("o/1", 2, [edge(3, 3)]),
      batchOf("m/1", 1, [edge(1, 1)]),
      messagesOf("m/2", 3, [once(1)]),
      messagesOf("o/2", 3, []),
    ]);
  });

  it("leaves out the part of a batch that is gone, and keeps the other", () => {
    const origin = "m/1";
    const facts = [edge(1, 1), edge(2, 2), edge(3, 3)];
    const whole: LogRecord = {
      ...{ kind: "batch", batch: { origin, from: 1, facts, request: "r", split: 1 } },
    };
    const gone = (...ranges: number[]): LogRecord => goneOf(origin, ...ranges);
    const first = { origin, from: 1, facts: [edge(1, 1)], request: "r" };
    const second = batchOf("m/1", 2, [edge(2, 2), edge(3, 3)]);
    expect(left([whole])).to.deep.equal([whole]);
    expect(left([whole, gone(1, 1)])).to.deep.equal([gone(1, 1), second]);
    expect(left([whole, gone(2, 3)])).to.deep.equal([gone(2, 3), { kind: "batch", batch: first }]);
    expect(left([whole, gone(1, 1), gone(2, 3)])).to.deep.equal([gone(1, 3)]);
  });

  it("says once what is known of members", () => {
    const said = (name: string, epoch: number, status: MemberStatus): LogRecord => ({
      kind: "members",
      members: new Map([[name, { epoch, status }]]),
    });
    const records = [said("b", 0, "member"), said("c", 1, "member"), said("b", 0, "left")];
    const members = new Map([
      ["b", { epoch: 0, status: "left" }],
      ["c", { epoch: 1, status: "member" }],
    ]);
    expect(left(records)).to.deep.equal([{ kind: "members", members }]);
  });

  it(`changes nothing of what a node makes of them (SEED=${seed})`, () => {
    const from = random(seed);
    for (let round = 0; round < 200; round++) {
      const records: LogRecord[] = [];
      const next = new Map<string, number>();
      const lives = new Map<string, number>();
      for (let count = from.below(30); count > 0; count--) {
        const peer = from.pick(["m", "o", "p"]);
        if (from.chance(0.2)) lives.set(peer, (lives.get(peer) ?? 0) + 1);
        const origin = `${peer}/${lives.get(peer) ?? 0}`;
        const number = next.get(origin) ?? 1;
        const facts = Array.from({ length: from.between(1, 4) }, () =>
          from.chance(0.2) ? once(from.below(3)) : edge(from.below(3), from.below(3)),
        );
        next.set(origin, number + facts.length);
        records.push((from.chance(0.2) ? batchOf : messagesOf)(origin, number, facts));
      }
      const less = left(records);
      expect(meaning(less)).to.deep.equal(meaning(records));
      expect(left(less), "twice").to.deep.equal(less);
      for (const record of less)
        if (record.kind === "messages") expect(record.from).to.be.greaterThan(0);
    }
  });
});
