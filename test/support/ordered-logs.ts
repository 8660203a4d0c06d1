// What every log of the ordered plane keeps to, whatever it is made of.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import type { OrderedLog } from "../../src/calvin/ordered-log.ts";
import { type EpochRecord, isReference } from "../../src/calvin/record.ts";
import type { Link } from "../../src/runtime/record-chain.ts";
import { chainOf, hashOf, recordAfter } from "./epochs.ts";

/** A log that a test opens, more than once: each time it is the same log. */
export type LogUnderTest = {
  open(): Promise<OrderedLog>;
  /** Ends all that is open; the next `open` begins a log of its own. */
  reset(): Promise<void>;
  /** Whether several can have it open at once. */
  readonly shared: boolean;
};

/** Appends until it is known what became of it. */
export async function settled(log: OrderedLog, record: EpochRecord): Promise<boolean> {
  for (;;) {
    const appended = await log.append(record);
    if (appended !== "unknown") return appended === "appended";
  }
}

/** All records of a log from an epoch on. */
export async function recordsFrom(log: OrderedLog, from: number): Promise<EpochRecord[]> {
  const found: EpochRecord[] = [];
  for (;;) {
    const records = await log.read(from + found.length, 7);
    if (records.length === 0) return found;
    found.push(...records);
  }
}

/** Checks that records are gapless and name each other. */
export function expectChain(records: readonly EpochRecord[]): void {
  for (const [at, record] of records.entries()) {
    const before = records[at - 1];
    if (before === undefined) continue;
    expect(record.epoch).to.equal(before.epoch + 1);
    expect(record.previous).to.equal(hashOf(before));
  }
}

/** The last link of a log. */
async function linkOf(log: OrderedLog): Promise<Link> {
  const epoch = await log.tail();
  const [record] = epoch === 0 ? [] : await log.read(epoch, 1);
  return record === undefined ? { epoch, hash: "" } : { epoch, hash: hashOf(record) };
}

/** Writers that append each a number of records of their own, after whatever the log has then. Each
 * record that a writer was told of is returned by its name. */
export async function contend(
  log: (writer: number) => Promise<OrderedLog>,
  writers: number,
  each: number,
  onAppended: () => void = () => undefined,
): Promise<{ readonly epochs: ReadonlyMap<string, number>; readonly conflicts: number }> {
  const epochs = new Map<string, number>();
  let conflicts = 0;
  const write = async (writer: number): Promise<void> => {
    for (let at = 0; at < each;) {
      const own = await log(writer);
      const name = `writer ${writer} record ${at}`;
      const record = recordAfter(await linkOf(own), name);
      if (await settled(own, record)) {
        epochs.set(name, record.epoch);
        onAppended();
        at++;
      } else conflicts++;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return { epochs, conflicts };
}

/** The name of a record that `recordAfter` made. */
export function nameOf(record: EpochRecord | undefined): string {
  const [batch] = record?.batches ?? [];
  return batch === undefined || isReference(batch) ? "" : (batch.requests[0]?.id ?? "").trim();
}

/** The tests that every log passes. */
export function keepsTheContract(subject: LogUnderTest): void {
  afterEach(() => subject.reset());

  it("begins empty", async () => {
    const log = await subject.open();
    expect(await log.tail()).to.equal(0);
    expect(await log.read(1, 10)).to.deep.equal([]);
  });

  it("gives back what was appended, in its order, also to who opens it later", async () => {
    const log = await subject.open();
    const records = chainOf(20, "a");
    for (const record of records) expect(await settled(log, record)).to.equal(true);
    expect(await log.tail()).to.equal(20);
    expect(await recordsFrom(log, 1)).to.deep.equal(records);
    expect((await log.read(5, 3)).length).to.be.within(1, 3);
    expect((await log.read(5, 3))[0]).to.deep.equal(records[4]);
    await log.close();
    const again = await subject.open();
    expect(await again.tail()).to.equal(20);
    expect(await recordsFrom(again, 11)).to.deep.equal(records.slice(10));
  });

  it("appends a record once, however often that is tried", async () => {
    const log = await subject.open();
    const records = chainOf(3, "a");
    for (const record of records) expect(await settled(log, record)).to.equal(true);
    for (const record of records) expect(await settled(log, record)).to.equal(true);
    expect(await recordsFrom(log, 1)).to.deep.equal(records);
  });

  it("lets one record win a place, and leaves no gap", async () => {
    const log = await subject.open();
    const [first, second, third] = chainOf(3, "a") as [EpochRecord, EpochRecord, EpochRecord];
    expect(await settled(log, second), "nothing is before it").to.equal(false);
    expect(await settled(log, first)).to.equal(true);
    const [other] = chainOf(1, "b") as [EpochRecord];
    expect(await settled(log, other), "its place is taken").to.equal(false);
    expect(await settled(log, third), "a gap").to.equal(false);
    const stranger = recordAfter({ epoch: 1, hash: hashOf(other) }, "c");
    expect(await settled(log, stranger), "it follows another record").to.equal(false);
    expect(await settled(log, second)).to.equal(true);
    expect(await recordsFrom(log, 1)).to.deep.equal([first, second]);
  });

  it("orders writers who know nothing of each other", async () => {
    const logs = subject.shared
      ? [await subject.open(), await subject.open(), await subject.open()]
      : [await subject.open()];
    const log = (writer: number): Promise<OrderedLog> =>
      Promise.resolve(logs[writer % logs.length] as OrderedLog);
    const { epochs } = await contend(log, 3, 12);
    const records = await recordsFrom(await log(0), 1);
    expectChain(records);
    expect(records.length).to.equal(36);
    for (const [name, epoch] of epochs) expect(nameOf(records[epoch - 1])).to.equal(name);
  });

  it("tells subscribers each record once, in order, and of those to come", async () => {
    const log = await subject.open();
    const records = chainOf(12, "a");
    for (const record of records.slice(0, 5)) await settled(log, record);
    const over = new AbortController();
    const seen: EpochRecord[] = [];
    const told = log.subscribe(
      3,
      async (record) => {
        await Promise.resolve();
        seen.push(record);
        if (record.epoch === 12) over.abort();
      },
      over.signal,
    );
    for (const record of records.slice(5)) await settled(log, record);
    await told;
    expect(seen).to.deep.equal(records.slice(2));
  });

  it("ends a subscription that waits", async () => {
    const log = await subject.open();
    const over = new AbortController();
    const told = log.subscribe(1, () => expect.fail("there is no record"), over.signal);
    await log.tail();
    over.abort();
    await told;
  });

  it("forgets the beginning, and says so who asks for it", async () => {
    const log = await subject.open();
    const records = chainOf(10, "a");
    for (const record of records) await settled(log, record);
    await log.truncateBefore(6);
    await log.truncateBefore(4);
    expect(await recordsFrom(log, 6)).to.deep.equal(records.slice(5));
    const error = await log.read(5, 1).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "truncated" });
    const stale = recordAfter({ epoch: 1, hash: hashOf(records[0] as EpochRecord) }, "stale");
    expect(await settled(log, stale), "a place that was cut off").to.equal(false);
    await log.close();
    const again = await subject.open();
    expect(await recordsFrom(again, 6)).to.deep.equal(records.slice(5));
    await again.truncateBefore(100);
    expect(await again.tail(), "the last record stays").to.equal(10);
    const [next] = chainOf(1, "b", await linkOf(again)) as [EpochRecord];
    expect(await settled(again, next)).to.equal(true);
    expect(await recordsFrom(again, 10)).to.deep.equal([records[9], next]);
  });

  it("refuses a record that is too long, and goes on", async () => {
    const log = await subject.open();
    const long = recordAfter({ epoch: 0, hash: "" }, "long", 2 << 20);
    const error = await log.append(long).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "too-large" });
    expect(String(error)).to.include("recordBytesMax");
    for (const record of chainOf(2, "a")) expect(await settled(log, record)).to.equal(true);
  });

  it("is a log to whoever opens, appends, cuts off and reads, at random", async () => {
    const seed = 7;
    const chance = random(seed);
    let log = await subject.open();
    const model: EpochRecord[] = [];
    let first = 1;
    for (let step = 0; step < 120; step++) {
      const last = model.at(-1);
      const link =
        last === undefined ? { epoch: 0, hash: "" } : { epoch: last.epoch, hash: hashOf(last) };
      const label = `seed ${seed} step ${step}`;
      if (chance.chance(0.6)) {
        const right = chance.chance(0.8);
        const after = right ? link : { ...link, epoch: link.epoch + 1 };
        const record = recordAfter(after, `r${step}`, chance.below(300));
        expect(await settled(log, record), label).to.equal(right);
        if (right) model.push(record);
      } else if (chance.chance(0.7)) {
        const from = chance.between(first, model.length + 1);
        const records = await recordsFrom(log, from);
        expect(records, label).to.deep.equal(model.slice(from - 1));
      } else if (chance.chance(0.4) && model.length > 0) {
        first = Math.max(first, chance.between(1, model.length));
        await log.truncateBefore(first);
      } else {
        await log.close();
        log = await subject.open();
      }
    }
    expect(model.length).to.be.greaterThan(30);
  });
}
