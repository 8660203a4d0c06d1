// Transactions that change rows where they are, held against what they do to tuples.
import { expect } from "chai";

import type { Program } from "../../src/analysis/program.ts";
import type { InPlace } from "../../src/calvin/in-place.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { changeHash } from "../../src/calvin/row-hash.ts";
import type { Outcome } from "../../src/calvin/transaction.ts";
import { keyColumns } from "../../src/plan/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { MemoryState, outcomeText } from "./transactions.ts";

/** How a transaction is carried out in place: by code, by closures, or not at all. */
export type Way = "code" | "closures" | "none";

/** Returns how a transaction is carried out in place; where it is, that has to be what it does to
 * tuples. */
export function carriedOutInPlace(
  changing: InPlace | undefined,
  { rows }: MemoryState,
  args: readonly Value[],
  expected: string,
  program: Program,
): Way {
  const keys = program.relations.map((_, at) => keyColumns(program, at));
  const versions = [...rows.values()].map((row) => ({ row, from: 0, to: Infinity }));
  const storage = new MemoryStorage(versions, keys);
  let found = 0;
  for (const relation of program.relations.keys()) {
    const kept = storage.keyed(relation);
    if (kept === undefined) continue;
    const find = kept.find.bind(kept);
    // Code finds rows by itself.
    kept.find = (key) => {
      found++;
      return find(key);
    };
  }
  const outcome = changing?.carryOut(storage, args, 5, true);
  const way = found > 0 ? "closures" : "code";
  const after = new MemoryState([...storage.versions(6)].map(({ row }) => row));
  if (outcome === undefined) {
    expect([...after.rows.keys()].toSorted()).to.deep.equal([...rows.keys()].toSorted());
    return "none";
  }
  const { removed = [], inserted = [] } = (outcome.kind === "done" && outcome.changes) || {};
  const told: Outcome = outcome.kind === "done" ? { kind: "done", removed, inserted } : outcome;
  expect(outcomeText(told, program), args.map(printValue).join()).to.equal(expected);
  const state = new MemoryState(rows.values());
  state.apply(told);
  expect([...after.rows.keys()].toSorted()).to.deep.equal([...state.rows.keys()].toSorted());
  const before = [...storage.versions(0)].filter(({ from }) => from < 5);
  expect(before.length, "what was before can be read").to.equal(rows.size);
  if (outcome.kind === "aborted") return way;
  expect([outcome.removed, outcome.inserted]).to.deep.equal([removed.length, inserted.length]);
  const hashes = [
    ...removed.map((row) => changeHash("-", 5, row)),
    ...inserted.map((row) => changeHash("+", 5, row)),
  ];
  expect(outcome.hash).to.equal(hashes.reduce((sum, hash) => sum + hash, 0));
  return way;
}
