// Transactions that change rows where they are. Most look rows up by their keys, and have all of
// them at one partition: these need no tuples to be made of rows, nor rows of tuples.
import { KeyedParts } from "../engine/keyed-parts.ts";
import type { KeyedPlan } from "../plan/keyed.ts";
import type { Plan } from "../plan/plan.ts";
import type { Value } from "../value/schema.ts";
import { sameColumns } from "./indexed-rows.ts";
import type { KeyedRows, RowAt } from "./keyed-rows.ts";
import { changeBegun } from "./row-hash.ts";
import type { Changes, Position, Storage } from "./storage.ts";
import { keyConflict, type Row, type TransactionCode } from "./transaction.ts";

/** Storage that may have rows in columns. */
export type DirectStorage = Storage & {
  /** The rows of a relation; undefined where they are kept in another way. */
  keyed?(relation: number): KeyedRows | undefined;
};

/** A transaction that may be one that can change rows in place. */
export type DirectCode = TransactionCode & { readonly direct?: DirectTransaction | undefined };

/** How a transaction ended that has changed rows in place. */
export type DirectOutcome =
  | {
      readonly kind: "done";
      readonly removed: number;
      readonly inserted: number;
      /** The sum of the hashes of its changes (`changeHash`). */
      readonly hash: number;
      readonly changes?: Changes;
    }
  | { readonly kind: "aborted"; readonly reason: string };

/** A transaction that looks up rows by their keys, and changes them in place. */
export class DirectTransaction {
  /** The relations that it changes. */
  readonly writes: readonly number[];
  private readonly plan: KeyedPlan;
  private readonly keyed: KeyedParts;
  private readonly rows: (KeyedRows | undefined)[];
  private readonly at: RowAt[];

  private constructor(plan: KeyedPlan, keyed: KeyedParts) {
    this.plan = plan;
    this.keyed = keyed;
    this.rows = plan.lookups.map(() => undefined);
    this.at = plan.lookups.map(() => -1);
    const written = plan.lookups.filter(({ writes }) => writes);
    this.writes = [...new Set(written.map(({ relation }) => relation))];
  }

  /** Returns what carries out a plan in place; undefined where it computes with values that cannot
   * be so. */
  static of(plan: KeyedPlan, { domain }: Pick<Plan, "domain">): DirectTransaction | undefined {
    const keyed = KeyedParts.of(plan, domain);
    return keyed && new DirectTransaction(plan, keyed);
  }

  /** Carries it out, with `tells` telling what it changed. Undefined, and nothing is changed, where
   * rows are kept in another way or have values that it cannot compute with. */
  carryOut(
    storage: DirectStorage,
    args: readonly Value[],
    at: Position,
    tells: boolean,
  ): DirectOutcome | undefined {
    if (storage.keyed === undefined || !this.keyed.begin(args) || !this.find(storage, at))
      return undefined;
    switch (this.keyed.run()) {
      case "inexact":
        return undefined;
      case "aborted":
        return { kind: "aborted", reason: this.keyed.reason };
      case "conflict":
        return { kind: "aborted", reason: keyConflict };
      case "changes":
        return this.changed(at, tells);
    }
  }

  /** Finds the rows. Returns whether they can be computed with. */
  private find(storage: DirectStorage, before: Position): boolean {
    const { lookups } = this.plan;
    const { keys, there, parts } = this.keyed;
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const { relation, slot, columns } = lookups[lookup]!;
      const rows = storage.keyed?.(relation);
      if (rows === undefined || !sameColumns(rows.key, columns)) return false;
      const at = rows.find(keys[lookup]!);
      const isThere = at >= 0 && rows.isPresent(at, before);
      if (isThere && !rows.read(at, parts, slot)) return false;
      this.rows[lookup] = rows;
      this.at[lookup] = at;
      there[lookup] = isThere;
    }
    return true;
  }

  private changed(at: Position, tells: boolean): DirectOutcome {
    const { lookups } = this.plan;
    const { goes, comes, parts } = this.keyed;
    const changes: { removed: Row[]; inserted: Row[] } = { removed: [], inserted: [] };
    let [removed, inserted, hash] = [0, 0, 0];
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const came = comes[lookup];
      const gone = goes[lookup] === true;
      if (came === undefined && !gone) continue;
      const rows = this.rows[lookup]!;
      const { relation, slot, kinds } = lookups[lookup]!;
      if (gone) {
        removed++;
        hash += rows.changeHash(changeBegun("-", at, relation), parts, slot);
        if (tells) changes.removed.push(rows.rowOf(parts, slot));
      }
      if (came === undefined) {
        rows.end(this.at[lookup]!, at);
        continue;
      }
      inserted++;
      if (gone) rows.replace(this.at[lookup]!, came, at);
      else rows.add(came, kinds, at);
      hash += rows.changeHash(changeBegun("+", at, relation), came, 0);
      if (tells) changes.inserted.push(rows.rowOf(came, 0));
    }
    return { kind: "done", removed, inserted, hash, ...(tells && { changes }) };
  }
}
