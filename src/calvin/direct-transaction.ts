// Transactions that change rows where they are. Most look rows up by their keys, and have all of
// them at one partition: these need no tuples to be made of rows, nor rows of tuples.
import { KeyedParts, type Part } from "../engine/keyed-parts.ts";
import type { KeyedPlan } from "../plan/keyed.ts";
import type { Plan } from "../plan/plan.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import { partOf } from "./columns.ts";
import type { LockKeys } from "./footprint.ts";
import type { Found } from "./gathered.ts";
import { sameColumns } from "./indexed-rows.ts";
import type { KeyedRows, RowAt } from "./keyed-rows.ts";
import { joined, type LockMode } from "./lock-mode.ts";
import { type LockNode, nodeBelow, relationNode } from "./lock-node.ts";
import type { LockRequest } from "./lock-table.ts";
import type { Partitions } from "./partitions.ts";
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

/** Where the rows of a transaction are. */
export type Places = {
  /** The partition of each lookup. */
  readonly of: readonly number[];
  /** Who takes part (`Partitions.participants`). */
  readonly all: readonly number[];
  readonly active: readonly number[];
};

/** What a partition has of a transaction that others have a part of, too. */
export type Shared = {
  readonly partition: number;
  readonly places: Places;
  /** What the others have read. */
  readonly found: readonly Found[];
};

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

  /** Returns where its rows are; undefined where its arguments cannot be computed with. */
  places(args: readonly Value[], partitions: Partitions): Places | undefined {
    if (!this.keyed.begin(args)) return undefined;
    const { lookups } = this.plan;
    const of = this.keyed.keys.map((key, lookup) => {
      const { relation, columns } = lookups[lookup]!;
      return partitions.ofKey(relation, columns, key);
    });
    const all = [...new Set(of)].toSorted((a, b) => a - b);
    if (all.length === 0) return { of, all: [0], active: [0] };
    const active = all.filter((one) =>
      of.some((place, lookup) => place === one && lookups[lookup]!.writes),
    );
    return { of, all, active: active.length > 0 ? active : all.slice(0, 1) };
  }

  /** Returns the locks of its rows at a partition, as `locksOf` would: of the arguments of the last
   * call of `places`. */
  locks(partition: number, { of }: Places, keys: LockKeys): LockRequest[] {
    const { lookups } = this.plan;
    const modes = new Map<LockNode, LockMode>();
    const add = (node: LockNode, mode: LockMode): void => {
      const before = modes.get(node);
      modes.set(node, before === undefined ? mode : joined(before, mode));
    };
    for (let lookup = 0; lookup < of.length; lookup++) {
      if (of[lookup] !== partition) continue;
      const { relation, columns, writes } = lookups[lookup]!;
      let node = relationNode(relation);
      for (const column of keys[relation] ?? []) {
        add(node, writes ? "IX" : "IS");
        node = nodeBelow(node, this.keyed.keys[lookup]![columns.indexOf(column)]!);
      }
      add(node, writes ? "X" : "S");
    }
    return [...modes].map(([node, mode]) => ({ node, mode }));
  }

  /** Returns its rows at a partition, as they are before a place: for the others. */
  reads(
    storage: DirectStorage,
    args: readonly Value[],
    { of }: Places,
    partition: number,
    before: Position,
  ): Found[] {
    this.keyed.begin(args);
    const found: Found[] = [];
    for (let lookup = 0; lookup < of.length; lookup++) {
      if (of[lookup] !== partition) continue;
      const { relation, columns, kinds } = this.plan.lookups[lookup]!;
      const values = this.keyed.keys[lookup]!.map((part, at) =>
        valueOf(kinds[columns[at]!]!, part),
      );
      const pattern = { relation, columns, values };
      const rows = storage.keyed?.(relation);
      const tuples =
        rows !== undefined && sameColumns(rows.key, columns)
          ? rows.tuples(this.keyed.keys[lookup]!, before)
          : [...storage.tuples(pattern, before)];
      found.push({ pattern, tuples });
    }
    return found;
  }

  /** Carries it out, with `tells` telling what it changed, of rows that are all here or of `shared`
   * ones. Undefined, and nothing is changed, where rows are kept in another way or have values that
   * it cannot compute with. */
  carryOut(
    storage: DirectStorage,
    args: readonly Value[],
    at: Position,
    tells: boolean,
    shared?: Shared,
  ): DirectOutcome | undefined {
    if (storage.keyed === undefined || !this.keyed.begin(args) || !this.find(storage, at, shared))
      return undefined;
    switch (this.keyed.run()) {
      case "inexact":
        return undefined;
      case "aborted":
        return { kind: "aborted", reason: this.keyed.reason };
      case "conflict":
        return { kind: "aborted", reason: keyConflict };
      case "changes":
        return this.changed(at, tells, shared);
    }
  }

  /** Finds the rows. Returns whether they can be computed with. */
  private find(storage: DirectStorage, before: Position, shared: Shared | undefined): boolean {
    const { lookups } = this.plan;
    const { keys, there, parts } = this.keyed;
    const found = shared && new FoundRows(shared.found);
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const { relation, slot, columns } = lookups[lookup]!;
      if (found !== undefined && shared?.places.of[lookup] !== shared?.partition) {
        const tuples = found.of(relation, columns, keys[lookup]!);
        if (tuples === undefined || tuples.length > 1) return false;
        const [tuple] = tuples;
        there[lookup] = tuple !== undefined;
        if (tuple !== undefined && !read(tuple, parts, slot)) return false;
        continue;
      }
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

  private changed(at: Position, tells: boolean, shared: Shared | undefined): DirectOutcome {
    const { lookups } = this.plan;
    const { goes, comes, parts } = this.keyed;
    const changes: { removed: Row[]; inserted: Row[] } = { removed: [], inserted: [] };
    let [removed, inserted, hash] = [0, 0, 0];
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const came = comes[lookup];
      const gone = goes[lookup] === true;
      if (came === undefined && !gone) continue;
      const { relation, slot, kinds } = lookups[lookup]!;
      if (gone) removed++;
      if (came !== undefined) inserted++;
      if (tells && gone) changes.removed.push(rowOf(relation, kinds, parts, slot));
      if (tells && came !== undefined) changes.inserted.push(rowOf(relation, kinds, came, 0));
      // Those of others they change themselves.
      if (shared !== undefined && shared.places.of[lookup] !== shared.partition) continue;
      const rows = this.rows[lookup]!;
      if (gone) hash += rows.changeHash(changeBegun("-", at, relation), parts, slot);
      if (came === undefined) {
        rows.end(this.at[lookup]!, at);
        continue;
      }
      if (gone) rows.replace(this.at[lookup]!, came, at);
      else rows.add(came, kinds, at);
      hash += rows.changeHash(changeBegun("+", at, relation), came, 0);
    }
    return { kind: "done", removed, inserted, hash, ...(tells && { changes }) };
  }
}

/** What others have found, to be looked through in the order in which they have looked it up. */
class FoundRows {
  private readonly found: readonly Found[];
  private next = 0;

  constructor(found: readonly Found[]) {
    this.found = found;
  }

  /** The tuples with a key; undefined where nobody has looked for them. */
  of(
    relation: number,
    columns: readonly number[],
    key: readonly Part[],
  ): readonly (readonly Value[])[] | undefined {
    const { found } = this;
    for (let passed = 0; passed < found.length; passed++) {
      const at = (this.next + passed) % found.length;
      const { pattern, tuples } = found[at]!;
      if (pattern.relation !== relation || !sameColumns(pattern.columns, columns)) continue;
      if (!key.every((part, place) => partOf(pattern.values[place]!) === part)) continue;
      this.next = at + 1;
      return tuples;
    }
    return undefined;
  }
}

/** Copies a tuple to `parts`, from `first` on. Returns whether its whole numbers are all exact as
 * doubles. */
function read(tuple: readonly Value[], parts: Part[], first: number): boolean {
  for (let column = 0; column < tuple.length; column++) {
    const part = partOf(tuple[column]!);
    if (typeof part === "bigint") return false;
    parts[first + column] = part;
  }
  return true;
}

/** The row of parts of which this is the first. */
function rowOf(
  relation: number,
  kinds: readonly ValueKind[],
  parts: readonly Part[],
  first: number,
): Row {
  return { relation, values: kinds.map((kind, column) => valueOf(kind, parts[first + column]!)) };
}

function valueOf(kind: ValueKind, part: Part): Value {
  const whole = (kind === "number" || kind === "unsigned") && typeof part === "number";
  return whole ? BigInt(part) : part;
}
