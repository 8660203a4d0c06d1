// What goes to a peer, on a connection that keeps the order and loses nothing.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { GoneLog } from "../../src/transducer/gone-log.ts";
import { Link } from "../../src/transducer/link.ts";
import type { Batch, Frame } from "../../src/transducer/protocol.ts";
import { type Gone, rangesOf } from "../../src/transducer/ranges.ts";
import { lastOf, SharedFacts } from "../../src/transducer/shared.ts";

const limits = {
  ...{ windowBytes: 1 << 20, frameFacts: 8, resendMs: 1_000, resendFactorMax: 8 },
  ...{ forwardMs: 0, aloneMs: 0 },
};
const seeds = Number(process.env["SEEDS"] ?? "50");

describe(`what goes to a peer (SEEDS=${seeds})`, () => {
  it("is taken in, whatever goes while it is on its way, and however late the peer answers", () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const from = random(seed);
      const [own, peer, log] = [new SharedFacts(), new SharedFacts(), new GoneLog()];
      const link = new Link("b", { ...limits, windowFacts: from.between(1, 20) });
      link.connect(0);
      const hello = { origin: "b/1", holds: new Map(), heard: undefined, reply: false };
      link.hello({ kind: "hello", ...hello }, "a/2", 0);
      const sent: Frame[] = [];
      const acknowledgements: Frame[] = [];
      let cleared = 0;
      // What is gone at once, and is written down later on.
      let unwritten: Gone[] = [];
      const steps = [
        (): void => {
          const facts = Array.from({ length: from.between(1, 3) }, () => ({
            ...{ relation: 0, values: [] },
          }));
          own.add({ origin: "a/1", from: own.of("a/1") + 1, facts });
        },
        (): void => {
          const batches = [...own.between("a/1", 0, own.of("a/1"))];
          const ranges = batches
            .filter(() => from.chance(0.3))
            .flatMap((batch) => [batch.from, lastOf(batch)]);
          if (ranges.length === 0) return;
          const gone = new Map([["a/1", rangesOf(ranges)]]);
          own.drop(gone);
          unwritten.push(gone);
        },
        (): void => {
          for (const gone of unwritten) log.add(gone);
          unwritten = [];
        },
        (): void => {
          const frame = sent.shift();
          if (frame?.kind === "gone") {
            cleared = frame.number;
            peer.drop(frame.gone);
          } else if (frame?.kind === "batch") {
            const next = peer.next(frame.batch);
            const held = lastOf(frame.batch) <= peer.of("a/1");
            expect(next !== undefined || held, `seed ${seed}: it has a gap`).to.equal(true);
            if (next !== undefined) peer.add(next);
          }
        },
        (): void => {
          const holds = new Map(peer.holds);
          const heard = { origin: "a/2", number: cleared };
          acknowledgements.push({ kind: "ack", holds, heard: undefined, cleared: heard });
        },
        (): void => {
          const frame = acknowledgements.shift();
          if (frame?.kind === "ack") link.acknowledge(frame, "a/2", 0);
        },
      ];
      const go = (step: (() => void) | undefined): void => {
        step?.();
        const settled = new Map<string, number>();
        const durable = new Map(own.holds);
        const sendable = { shared: own, durable, gone: log, own: "a/2", nowMs: 0, settled };
        sent.push(...link.frames(sendable));
      };
      for (let count = 0; count < 400; count++) go(from.pick(steps));
      for (let round = 0; round < 1_000; round++) for (const step of steps.slice(2)) go(step);
      expect(peer.of("a/1"), `seed ${seed}`).to.equal(own.of("a/1"));
      const all = (shared: SharedFacts): Batch[] => [...shared.between("a/1", 0, Infinity)];
      expect(all(peer)).to.deep.equal(all(own));
    }
  });
});
