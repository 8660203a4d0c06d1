// Transactions whose rows are at two partitions: these send each other what they look up, as bytes,
// of which some are lost, late or damaged.
import { expect } from "chai";

import { type Random, random } from "../../src/base/random.ts";
import type { PositionedReads } from "../../src/calvin/gathered.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import type { WholeRecord } from "../../src/calvin/record.ts";
import { Replica, type ReplicaOutput } from "../../src/calvin/replica.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import { keyColumns, transactionPlan } from "../../src/plan/transaction.ts";
import { readReads, readsBytes } from "../../src/runtime/ordered-bytes.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import type { Value } from "../../src/value/schema.ts";
import { understood } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);

const program = understood(`
  .decl r(a: number, f: float, n: number, t: symbol) ordered(a)
  .transaction move(p: number, q: number, k: number) {
    abort("not there") :- !r(p, _, _, _).
    abort("too few") :- r(p, _, n, _), n < 0 - 5.
    -r(p, f, n, t), +r(p, f, n - k, t) :- r(p, f, n, t), p != q.
    -r(q, f, n, t), +r(q, g, n + k, s) :- r(q, f, n, t), r(p, g, _, s), p != q.
    +r(q, g, k, s) :- !r(q, _, _, _), r(p, g, _, s).
  }
  .transaction gather(p: number, q: number, k: number) {
    -r(k, f, n, t), +r(k, f, m, s) :- r(k, f, n, t), r(p, _, m, _), r(q, _, _, s), p != k, q != k.
    abort("one") :- p = q, r(p, _, n, _), r(q, _, n, _), r(k, _, n, _).
  }
  .transaction remove(p: number, q: number) {
    -r(p, f, n, t) :- r(p, f, n, t), r(q, _, _, _).
  }
`);
const keys = program.relations.map((_, at) => keyColumns(program, at));
const plans = program.transactions.map((of) => transactionPlan(program, of));

function rowsDrawn(chance: Random): Row[] {
  const floats = [0.5, -0, 5, NaN, 2 ** 60];
  const numbers = [0n, -3n, 7n, 2n ** 53n - 1n, 2n ** 62n];
  return Array.from({ length: 12 }, (_, a) => ({
    relation: 0,
    values: [BigInt(a), chance.pick(floats), chance.pick(numbers), chance.pick(["", "x", "ä€😀"])],
  }));
}

function recordDrawn(chance: Random, epoch: number): WholeRecord {
  const key = (): Value => BigInt(chance.below(16));
  const requests = Array.from({ length: 8 }, (_, at) => ({
    ...{ id: `${epoch}.${at}`, attempt: 0 },
    ...(chance.chance(0.8)
      ? { transaction: "move", args: [key(), key(), BigInt(chance.below(4))] }
      : chance.chance(0.5)
        ? { transaction: "remove", args: [key(), key()] }
        : { transaction: "gather", args: gathered(chance, key) }),
  }));
  const batches = [{ sequencer: "s/1", number: epoch, requests }];
  const rest = { previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "" };
  return { epoch, batches, ...rest };
}

/** Arguments of which two are often one: both are looked up at the other partition. */
function gathered(chance: Random, key: () => Value): Value[] {
  const [p, q, k] = [key(), key(), key()];
  return [p, chance.chance(0.5) ? p : q, k];
}

/** The partitions of a replica. */
class Parts {
  readonly ends = new Map<string, string>();
  readonly parts: { readonly storage: MemoryStorage; readonly replica: Replica }[];
  readonly counts = { sent: 0, pulled: 0 };
  private mail: { to: number; from: number; reads: PositionedReads[] }[] = [];

  constructor(count: number, rows: readonly Row[], options: EvaluateOptions = {}) {
    const partitions = new Partitions(count, keys);
    this.parts = Array.from({ length: count }, (_, partition) => {
      const own = rows.filter((row) => partitions.of(row) === partition);
      const versions = own.map((row) => ({ row, from: 0, to: Infinity }));
      const storage = new MemoryStorage(versions, keys);
      const codes = new Map(
        plans.map((plan) => [plan.name, new PlannedTransaction(plan, options)]),
      );
      const replica = new Replica({ partition, partitions, keys, codes, storage });
      return { storage, replica };
    });
  }

  /** All rows as texts. */
  get rows(): string[] {
    const all = this.parts.flatMap(({ storage }) => [
      ...storage.tuples({ relation: 0, columns: [], values: [] }, Infinity),
    ]);
    return all.map((values) => keyOf({ relation: 0, values })).toSorted();
  }

  put(from: number, { reads, answers }: ReplicaOutput): void {
    for (const { to, position, found } of reads) {
      this.counts.sent++;
      this.mail.push({ to, from, reads: readReads(readsBytes([{ position, found }])) });
    }
    for (const { id, result } of answers) {
      expect(this.ends.has(id), "one partition answers").to.equal(false);
      const { kind } = result;
      const changed = kind === "done" ? `${result.removed} ${result.inserted}` : "";
      this.ends.set(id, kind === "aborted" ? result.reason : `${kind} ${changed}`);
    }
  }

  /** Delivers what was sent, some of it damaged or lost, and asks again for what is missing. */
  deliver(chance: Random): void {
    while (this.parts.some(({ replica }) => replica.pending > 0)) {
      for (const { to, from, reads } of this.mail.splice(0)) {
        if (chance.chance(0.2)) continue;
        const damaged = reads.map(({ position, found }) => ({
          position,
          found: "rows" in found ? { rows: found.rows.slice(1) } : found,
        }));
        const replica = this.parts[to]?.replica;
        if (replica !== undefined)
          this.put(to, replica.receive(from, chance.chance(0.2) ? damaged : reads));
      }
      for (const [at, { replica }] of this.parts.entries())
        for (const { of, position, patterns } of replica.awaited()) {
          const found = this.parts[of]?.replica.read(position, patterns);
          if (found === undefined) continue;
          this.counts.pulled++;
          const bytes = readsBytes([{ position, found }]);
          this.put(at, replica.receive(of, readReads(bytes)));
        }
    }
  }
}

describe(`transactions of two partitions (SEED=${seed})`, () => {
  it("do what they do at one, whatever of their reads is lost or damaged", () => {
    expect(plans.every(({ keyed }) => keyed !== undefined)).to.equal(true);
    const chance = random(seed);
    const counts = { sent: 0, pulled: 0, aborted: 0 };
    for (let round = 0; round < 40; round++) {
      const rows = rowsDrawn(chance);
      const [one, two] = [new Parts(1, rows), new Parts(2, rows)];
      const closures = new Parts(2, rows, { backend: interpreted });
      // Rows that are asked for by other columns than their key are kept in another way.
      const otherwise = { relation: 0, columns: [3], values: ["x"] };
      for (const { storage } of two.parts) if (round % 4 === 3) storage.tuples(otherwise, Infinity);
      for (let epoch = 1; epoch <= 6; epoch++) {
        const record = recordDrawn(chance, epoch);
        for (const parts of [one, two, closures]) {
          for (const [at, { replica }] of parts.parts.entries())
            parts.put(at, replica.apply(record, []));
          parts.deliver(chance);
        }
        for (const parts of [two, closures])
          expect(parts.rows, `round ${round}, epoch ${epoch}`).to.deep.equal(one.rows);
        const completed = ({ parts }: Parts) => parts.map(({ replica }) => replica.completed);
        expect(completed(closures)).to.deep.equal(completed(two));
      }
      const ended = (ends: ReadonlyMap<string, string>): unknown => [...ends].toSorted();
      for (const { ends } of [two, closures]) expect(ended(ends)).to.deep.equal(ended(one.ends));
      counts.sent += two.counts.sent;
      counts.pulled += two.counts.pulled;
      counts.aborted += [...one.ends.values()].filter((end) => end === "not there").length;
    }
    expect(counts.sent).to.be.greaterThan(1000);
    expect(counts.pulled).to.be.greaterThan(200);
    expect(counts.aborted).to.be.greaterThan(100);
  });
});
