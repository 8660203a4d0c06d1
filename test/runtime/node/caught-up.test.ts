// What a node that has joined waits for, and where it waits no more.
import { expect } from "chai";

import { CaughtUp } from "../../../src/runtime/node/caught-up.ts";
import type { Members } from "../../../src/transducer/membership.ts";
import type { PeerView } from "../../../src/transducer/node.ts";
import { SimulatedDisk } from "../../support/simulated-disk.ts";

/** A node that holds so much, beside one peer that is known to hold something else. */
function holder(own: object, peer: object, { ready = true, forgotten = false } = {}) {
  const [holds, others] = [new Map(Object.entries(own)), new Map(Object.entries(peer))];
  const members: Members = new Map([
    ["a", { epoch: 0, status: forgotten ? "forgotten" : "member" }],
    ["b", { epoch: 0, status: "member" }],
  ]);
  const peers: PeerView[] = [
    { name: "b", ready, lacks: 0, unacknowledged: 0, acknowledged: 0, informed: true },
  ];
  return {
    ...{ holds, members, peers: () => peers },
    holders: (origin: string, number: number) =>
      [holds, others].filter((held) => (held.get(origin) ?? 0) >= number).length,
  };
}

describe("what a node has to hold that has joined", () => {
  it("is nothing, where it has not, and all that the member held that admitted it", async () => {
    expect(new CaughtUp().reachedBy(holder({}, {}))).to.equal(true);
    const joined = new CaughtUp();
    await joined.waitFor(new Map([...Object.entries({ "a/1": 3, "b/1": 1 })]));
    expect(joined.reachedBy(holder({ "a/1": 2, "b/1": 1 }, {}))).to.equal(false);
    expect(joined.reachedBy(holder({ "a/1": 3, "b/1": 1 }, {}))).to.equal(true);
    // What comes to be missing later is no concern of those who join.
    expect(joined.reachedBy(holder({}, {}))).to.equal(true);
  });

  it("is not what is lost with who was forgotten, as far as all say that they have no more", async () => {
    const joined = new CaughtUp();
    await joined.waitFor(new Map([["a/1", 3]]));
    const away = { forgotten: true };
    expect(joined.reachedBy(holder({ "a/1": 1 }, { "a/1": 1 }))).to.equal(false);
    expect(joined.reachedBy(holder({ "a/1": 1 }, { "a/1": 2 }, away))).to.equal(false);
    expect(joined.reachedBy(holder({ "a/1": 1 }, {}, { ...away, ready: false }))).to.equal(false);
    expect(joined.reachedBy(holder({ "a/1": 1 }, { "a/1": 1 }, away))).to.equal(true);
  });

  it("is written down until it is held", async () => {
    const disk = new SimulatedDisk();
    const files = disk.machine();
    await files.makeFolder("n");
    const joined = await CaughtUp.load("n", files);
    await joined.waitFor(new Map([["a/1", 3]]));
    disk.crash("nothing");
    const later = disk.machine();
    const again = await CaughtUp.load("n", later);
    expect(again.reachedBy(holder({ "a/1": 2 }, {}))).to.equal(false);
    expect(again.reachedBy(holder({ "a/1": 3 }, {}))).to.equal(true);
    while ((await later.read("n/joined.json")) !== undefined);
    expect((await CaughtUp.load("n", later)).reachedBy(holder({}, {}))).to.equal(true);
  });

  it("is refused where it is of a later format, or damaged", async () => {
    for (const [text, code] of [
      ['{"format":9}', "unknown-format"],
      ['{"format":1,"holds":{"a/1":"x"}}', "damaged"],
      ["", "damaged"],
    ] as const) {
      const files = new SimulatedDisk().machine();
      await files.makeFolder("n");
      const file = await files.create("n/joined.json");
      await file.write(Buffer.from(text));
      const error: unknown = await CaughtUp.load("n", files).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code });
    }
  });
});
