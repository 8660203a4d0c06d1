import { expect } from "chai";

import { FrameWriter } from "../../../src/runtime/frame-bytes.ts";
import { loadIdentity } from "../../../src/runtime/node/identity.ts";
import { endCodes } from "../../../src/runtime/node/peer-network.ts";
import { loadPinnedKeys } from "../../../src/runtime/node/pinned-keys.ts";
import { BatchChecks, signerOf, type SigningContext } from "../../../src/runtime/node/signing.ts";
import { partsOf } from "../../../src/transducer/batch-parts.ts";
import type { Batch } from "../../../src/transducer/protocol.ts";
import { edge, smallSchema, word } from "../../support/logs.ts";
import { type Member, members, stranger } from "../../support/members.ts";
import { SimulatedDisk } from "../../support/simulated-disk.ts";

const context: SigningContext = { cluster: "c", program: "p", schema: smallSchema };

type Signing = NonNullable<Parameters<Member["connect"]>[1]>["signing"];

/** The keys of a node with a folder of its own. */
async function keys(disk = new SimulatedDisk()): Promise<NonNullable<Signing>> {
  const files = disk.machine();
  return { identity: await loadIdentity("n", files), pins: await loadPinnedKeys("n", files) };
}

function signed(signing: NonNullable<Signing>, batch: Batch, also = context): Batch {
  const [signature = ""] = signerOf(signing.identity, also)([batch]);
  return { ...batch, signature };
}

/** Batches of one origin that are signed at once. */
function signedTogether(signing: NonNullable<Signing>, count: number): Batch[] {
  const batches = Array.from({ length: count }, (_, at): Batch => ({
    ...{ origin: "a/1", from: at + 1, facts: [edge(at, at)] },
    ...(at % 2 === 0 && { request: `r${at}` }),
  }));
  const signatures = signerOf(signing.identity, context)(batches);
  return batches.map((batch, at) => ({ ...batch, signature: signatures[at] ?? "" }));
}

describe("batches that their origins sign", () => {
  const make = members();
  const batch: Batch = { origin: "a/1", from: 1, facts: [edge(1, 2), word("x")], request: "r" };

  it("are taken from whoever passes them on, and are refused when anything is changed", async () => {
    const [b, c] = (await make("b", "c")) as [Member, Member];
    const [ofA, ofB, ofC] = await Promise.all([keys(), keys(), keys()]);
    b.connect([{ name: "c", url: c.url }], { signing: ofB });
    c.connect([{ name: "b" }], { signing: ofC });
    await b.until(() => b.connected.has("c"));
    const right = signed(ofA, batch);
    const changed: Batch[] = [
      { ...right, from: 2 },
      { ...right, origin: "a/2" },
      { ...right, origin: "b/1" },
      { ...right, facts: [edge(1, 3), word("x")] },
      { ...right, request: "s" },
      // A member mints dots for another, with its own key.
      signed(ofB, batch),
      signed(ofB, { ...batch, origin: "c/0" }),
      // It was signed for elsewhere.
      signed(ofA, batch, { ...context, cluster: "d" }),
      signed(ofA, batch, { ...context, program: "q" }),
      // It is not signed, or the signature is none.
      batch,
      { ...batch, signature: "" },
      { ...batch, signature: Buffer.alloc(96).toString("base64") },
      { ...batch, signature: Buffer.alloc(95, 7).toString("base64") },
    ];
    b.network?.send("c", { kind: "batch", batch: right });
    for (const wrong of changed) b.network?.send("c", { kind: "batch", batch: wrong });
    const last = signed(ofB, { origin: "b/1", from: 1, facts: [edge(9, 9)] });
    b.network?.send("c", { kind: "batch", batch: last });
    await c.until(() => c.frames.length === 2);
    expect(c.frames.map(({ frame }) => frame)).to.deep.equal([
      { kind: "batch", batch: right },
      { kind: "batch", batch: last },
    ]);
    expect(c.network?.status()[0]).to.include({ unsigned: changed.length, connected: true });
    expect(c.events.filter(({ kind }) => kind === "batch-refused").length).to.equal(changed.length);
    expect(ofC.pins.entries().map(([node]) => node)).to.deep.equal(["c", "b", "a"]);
  });

  it("are each right without the others where they were signed at once", async () => {
    const { identity, pins } = await keys();
    const together = signedTogether({ identity, pins }, 150);
    expect(new Set(together.map(({ signature }) => signature)).size).to.equal(3);
    pins.pin("a", Buffer.from(identity.publicKey).toString("base64"));
    for (const one of [together, together.toReversed()]) {
      const checks = new BatchChecks(pins, context);
      for (const batch of one) expect(checks.check(batch)).to.equal("right");
    }
    for (const at of [0, 63, 64, 149])
      expect(new BatchChecks(pins, context).check(together[at]!)).to.equal("right");
  });

  it("are each right without their other part, which may be gone", async () => {
    const { identity, pins } = await keys();
    pins.pin("a", Buffer.from(identity.publicKey).toString("base64"));
    const facts = [edge(1, 1), edge(2, 2), word("x")];
    const batches = Array.from({ length: 40 }, (_, at): Batch => {
      const whole: Batch = { origin: "a/1", from: 3 * at + 1, facts, split: 1, request: `r${at}` };
      return whole;
    });
    const signatures = signerOf(identity, context)(batches);
    // 64 parts are signed at once, and those of one batch together.
    expect(new Set(signatures).size).to.equal(2);
    for (const [at, unsigned] of batches.entries()) {
      const batch: Batch = { ...unsigned, signature: signatures[at] ?? "" };
      const [first, second] = partsOf(batch) as [Batch, Batch];
      for (const one of [batch, first, second])
        expect(new BatchChecks(pins, context).check(one)).to.equal("right");
      const forged: Batch[] = [
        { ...batch, split: 2 },
        { ...batch, facts: [edge(1, 1), edge(2, 2), word("y")] },
        { ...batch, facts: [edge(1, 2), edge(2, 2), word("x")] },
        { ...first, facts: second.facts },
        { ...second, from: second.from + 1 },
      ];
      for (const one of forged) expect(new BatchChecks(pins, context).check(one)).to.equal("wrong");
    }
  });

  it("are wrong where what is signed at once is changed, or is not all of it", async () => {
    const [ofA, ofX] = await Promise.all([keys(), keys()]);
    ofA.pins.pin("a", Buffer.from(ofA.identity.publicKey).toString("base64"));
    const [first, second] = signedTogether(ofA, 3) as [Batch, Batch];
    const changed = (change: (bytes: Buffer) => Buffer): Batch => {
      const bytes = change(Buffer.from(first.signature ?? "", "base64"));
      return { ...first, signature: bytes.toString("base64") };
    };
    const [ofOthers] = signedTogether(ofX, 3);
    const [alone] = signedTogether(ofA, 1);
    const forged: Batch[] = [
      { ...first, facts: second.facts },
      { ...first, from: 2 },
      { ...first, request: "another" },
      { ...first, origin: "a/2" },
      { ...second, signature: alone?.signature ?? "" },
      { ...first, signature: ofOthers?.signature ?? "" },
      // Its hash is added, left out, or all of them are in another order.
      changed((bytes) => Buffer.concat([bytes, bytes.subarray(96, 128)])),
      changed((bytes) => Buffer.concat([bytes.subarray(0, 96), bytes.subarray(128)])),
      changed((bytes) => bytes.subarray(0, 128)),
      changed((bytes) => bytes.subarray(0, 96)),
      changed((bytes) => bytes.subarray(0, -1)),
      changed((bytes) =>
        Buffer.concat([bytes.subarray(0, 96), bytes.subarray(128), bytes.subarray(96, 128)]),
      ),
      // The list of another key.
      changed((bytes) => Buffer.concat([ofX.identity.publicKey, bytes.subarray(32)])),
    ];
    for (const known of [false, true]) {
      const checks = new BatchChecks(ofA.pins, context);
      if (known) for (const one of [first, second]) expect(checks.check(one)).to.equal("right");
      for (const [at, one] of forged.entries())
        expect(checks.check(one), `${at}`).to.equal("wrong");
    }
  });

  it("are taken in good faith, signed or not, where members share a token alone", async () => {
    const [b, c] = (await make("b", "c")) as [Member, Member];
    b.connect([{ name: "c", url: c.url }]);
    c.connect([{ name: "b" }]);
    await b.until(() => b.connected.has("c"));
    b.network?.send("c", { kind: "batch", batch });
    await c.until(() => c.frames.length === 1);
    expect(c.frames[0]?.frame).to.deep.equal({ kind: "batch", batch });
  });
});

describe("the keys of nodes", () => {
  const make = members();

  it("stay the same over the lives of a folder, and name one node", async () => {
    const disk = new SimulatedDisk();
    const [first, other] = await Promise.all([keys(disk), keys()]);
    first.pins.pin("x", Buffer.from(other.identity.publicKey).toString("base64"));
    first.pins.pin("x", Buffer.alloc(32).toString("base64"));
    await first.pins.settled();
    disk.crash("nothing");
    const again = await keys(disk);
    expect(again.identity.publicKey).to.deep.equal(first.identity.publicKey);
    expect(again.pins.entries()).to.deep.equal([
      ["x", Buffer.from(other.identity.publicKey).toString("base64")],
    ]);
    again.pins.forget("x");
    await again.pins.settled();
    expect((await keys(disk)).pins.entries()).to.deep.equal([]);
  });

  it("have to be the ones that a name came with first, until an operator forgets it", async () => {
    const [a, b] = (await make("a", "b")) as [Member, Member];
    const [ofA, ofB, changed] = await Promise.all([keys(), keys(), keys()]);
    a.connect([{ name: "b" }], { signing: ofA });
    b.connect([{ name: "a", url: a.url }], { signing: ofB });
    await a.until(() => a.connected.has("b"));
    await b.network?.close();
    const [again] = (await make("b")) as [Member];
    again.connect([{ name: "a", url: a.url }], { signing: changed, incarnation: 2 });
    const reason = (member: Member): boolean =>
      member.events.some((event) => "reason" in event && event.reason === "wrong-key");
    await again.until(() => reason(again));
    expect(reason(a)).to.equal(true);
    ofA.pins.forget("b");
    await a.until(() => a.connected.has("b"));
  });

  it("have to be theirs who name them", async () => {
    const [a] = (await make("a")) as [Member];
    const [ofA, ofX] = await Promise.all([keys(), keys()]);
    a.connect([{ name: "x" }], { signing: ofA });
    // The key of another, without a signature.
    const key = Buffer.from(ofX.identity.publicKey).toString("base64");
    void stranger(a, { key });
    expect(await a.end(false)).to.equal("wrong-key");
    expect(ofA.pins.get("x")).to.equal(undefined);
    expect(a.connected.size).to.equal(0);
  });

  it("are everybody's or nobody's", async () => {
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }], { signing: await keys() });
    const code = await new Promise((resolve) => {
      void stranger(a).then(({ socket }) => socket.on("close", resolve));
      void a.end(false).then(resolve);
    });
    expect(code).to.be.oneOf(["wrong-key", endCodes["wrong-key"]]);
    expect(a.connected.size).to.equal(0);
  });

  it("sign floats that are no numbers, whatever their bits", () => {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setBigUint64(0, 0xfff8_0000_0000_0001n);
    const write = (value: number): Uint8Array =>
      new FrameWriter({
        ...smallSchema,
        relations: [{ name: "f", attributes: [{ name: "x", type: "float", kind: "float" }] }],
      }).write({
        ...{ kind: "messages", origin: "a/1", from: 1 },
        facts: [{ relation: 0, values: [value] }],
      });
    expect(write(bits.getFloat64(0))).to.deep.equal(write(NaN));
  });
});
