// Transactions that change rows where they are. Most look rows up by their keys, and have all of
// them at one partition: these need no tuples to be made of rows, nor rows of tuples.
import type { Backend } from "../codegen/backend.ts";
import type { FarRows, KeyedEnd } from "../codegen/keyed-code.ts";
import { changeUnit, keyedEnds, type KeyedProgram, keyedProgram } from "../engine/keyed-code.ts";
import { KeyedParts, type Part } from "../engine/keyed-parts.ts";
import type { KeyedPlan } from "../plan/keyed.ts";
import type { Plan } from "../plan/plan.ts";
import type { Value } from "../value/schema.ts";
import { partHash, partOf } from "./columns.ts";
import type { LockKeys } from "./footprint.ts";
import type { Found, FoundReads, LookedUp } from "./gathered.ts";
import {
  type DirectOutcome,
  type DirectStorage,
  type InPlace,
  type Places,
  rowOf,
  type Shared,
  valueOf,
} from "./in-place.ts";
import { sameColumns } from "./indexed-rows.ts";
import type { KeyedRows, RowAt } from "./keyed-rows.ts";
import { nodeBelow, relationNode } from "./lock-node.ts";
import { addLock, type LockRequest } from "./lock-table.ts";
import type { Partitions } from "./partitions.ts";
import { changeBegun, valueHashed } from "./row-hash.ts";
import { lookedUp, SharedRows } from "./shared-rows.ts";
import type { Position } from "./storage.ts";
import { keyConflict, type Pattern, type Row, type TransactionCode } from "./transaction.ts";

/** A transaction that may be one that can change rows in place. */
export type DirectCode = TransactionCode & {
  readonly direct?: DirectTransaction | undefined;
  /** What carries it out where all its rows are, in place of `direct`. */
  readonly listed?: InPlace | undefined;
};

/** Who takes part where nothing is looked up. */
const alone: readonly number[] = [0];

/** Where a row is that is not there, or not of this partition; and one that is not in columns. */
const none: RowAt = -1;
const elsewhere: RowAt = -2;

/** A transaction that looks up rows by their keys, and changes them in place. */
export class DirectTransaction implements InPlace {
  /** The relations that it changes. */
  readonly writes: readonly number[];
  private readonly plan: KeyedPlan;
  /** The columns of each lookup that are not of its key. */
  private readonly rest: readonly (readonly number[])[];
  private readonly others = new SharedRows();
  /** What is made here is copied once it is known how much it is: a list that grows has room for
   * more than most have, and thousands of them wait. */
  private readonly locked: LockRequest[] = [];
  private readonly looked: Part[] = [];
  private readonly keyed: KeyedParts;
  private readonly rows: (KeyedRows | undefined)[];
  private readonly at: RowAt[];
  /** Carries it out in place of `keyed` where nothing rare happens. */
  private readonly program: KeyedProgram | undefined;
  private readonly stores: KeyedRows[] = [];
  private readonly isFar: boolean[];
  private readonly far: FarRows;
  private readonly end: KeyedEnd = { reason: "", hash: 0, tell: undefined };
  /** Whether it may write wherever it reads. */
  private readonly isUniform: boolean;

  private constructor(plan: KeyedPlan, keyed: KeyedParts, program: KeyedProgram | undefined) {
    this.plan = plan;
    this.keyed = keyed;
    this.program = program;
    this.isFar = plan.lookups.map(() => false);
    const { there, parts } = keyed;
    this.rest = plan.lookups.map(({ kinds, columns }) =>
      [...kinds.keys()].filter((column) => !columns.includes(column)),
    );
    this.rows = plan.lookups.map(() => undefined);
    this.at = plan.lookups.map(() => -1);
    this.far = { isFar: this.isFar, there, parts, rows: this.at };
    const written = plan.lookups.filter(({ writes }) => writes);
    this.isUniform = written.length === plan.lookups.length;
    this.writes = [...new Set(written.map(({ relation }) => relation))];
  }

  /** Returns what carries out a plan in place; undefined where it computes with values that cannot
   * be so. */
  static of(
    plan: KeyedPlan,
    { domain }: Pick<Plan, "domain">,
    backend?: Backend,
  ): DirectTransaction | undefined {
    const keyed = KeyedParts.of(plan, domain);
    return keyed && new DirectTransaction(plan, keyed, keyedProgram(plan, domain, calls, backend));
  }

  /** Returns where its rows are; undefined where its arguments cannot be computed with. */
  places(args: readonly Value[], partitions: Partitions): Places | undefined {
    if (!this.keyed.begin(args)) return undefined;
    const { lookups } = this.plan;
    const of = lookups.map(({ relation, columns }, lookup) =>
      partitions.ofKey(relation, columns, this.keyed.keys[lookup]!),
    );
    if (of.length === 0) return { of, all: alone, active: alone };
    const all = partitions.setOf(of);
    if (this.isUniform) return { of, all, active: all };
    const active = partitions.setOf(of.filter((_, lookup) => lookups[lookup]!.writes));
    return { of, all, active: active.length > 0 ? active : all.slice(0, 1) };
  }

  /** Returns the locks of its rows at a partition, as `locksOf` would: of the arguments of the last
   * call of `places`. */
  locks(partition: number, { of }: Places, keys: LockKeys): LockRequest[] {
    const { lookups } = this.plan;
    const { locked } = this;
    let count = 0;
    for (let lookup = 0; lookup < of.length; lookup++) {
      if (of[lookup] !== partition) continue;
      const { relation, columns, writes } = lookups[lookup]!;
      let node = relationNode(relation);
      for (const column of keys[relation] ?? []) {
        count = addLock(locked, count, node, writes ? "IX" : "IS");
        node = nodeBelow(node, this.keyed.keys[lookup]![columns.indexOf(column)]!);
      }
      count = addLock(locked, count, node, writes ? "X" : "S");
    }
    return locked.slice(0, count);
  }

  /** Returns the patterns of its lookups at a partition, in their order. */
  patterns(args: readonly Value[], { of }: Places, partition: number): Pattern[] {
    this.keyed.begin(args);
    return this.plan.lookups.flatMap(({ relation, columns, kinds }, lookup) => {
      if (of[lookup] !== partition) return [];
      const key = this.keyed.keys[lookup]!;
      const values = key.map((part, at) => valueOf(kinds[columns[at]!]!, part));
      return [{ relation, columns, values }];
    });
  }

  /** Returns its rows at a partition, as they are before a place, for the others; and where they
   * are (`Shared.at`). */
  reads(
    storage: DirectStorage,
    args: readonly Value[],
    { of }: Places,
    partition: number,
    before: Position,
  ): { readonly found: FoundReads; readonly at: readonly RowAt[] } {
    this.keyed.begin(args);
    const { looked } = this;
    let count = 0;
    let own = 0;
    for (let lookup = 0; lookup < of.length; lookup++) {
      if (of[lookup] !== partition) continue;
      const { relation, columns, kinds } = this.plan.lookups[lookup]!;
      const key = this.keyed.keys[lookup]!;
      const rows = storage.keyed?.(relation);
      if (rows !== undefined && sameColumns(rows.key, columns)) {
        const row = rows.look(key, before, looked, count);
        this.at[own++] = row;
        count += 1 + (row < 0 ? 0 : this.rest[lookup]!.length);
        continue;
      }
      this.at[own++] = elsewhere;
      const values = key.map((part, of) => valueOf(kinds[columns[of]!]!, part));
      const [tuple] = storage.tuples({ relation, columns, values }, before);
      looked[count++] = tuple === undefined ? 0 : 1;
      if (tuple === undefined) continue;
      for (const column of this.rest[lookup]!) looked[count++] = partOf(tuple[column]!);
    }
    return { found: { rows: looked.slice(0, count) }, at: this.at.slice(0, own) };
  }

  /** Returns what another partition has read for its lookups there; undefined where that is not
   * what they ask for. */
  lookedUp(found: FoundReads, { of }: Places, partition: number): LookedUp | undefined {
    return lookedUp(found, this.plan.lookups, of, partition);
  }

  /** Returns the rows of another partition as tuples for the patterns of its lookups there. */
  found(args: readonly Value[], places: Places, partition: number, rows: LookedUp): Found[] {
    let next = 0;
    const lookups = this.plan.lookups.filter((_, at) => places.of[at] === partition);
    return this.patterns(args, places, partition).map((pattern, at) => {
      if (rows[next++] === 0) return { pattern, tuples: [] };
      const tuple = lookups[at]!.kinds.map((kind, column) => {
        const of = pattern.columns.indexOf(column);
        return of < 0 ? valueOf(kind, rows[next++]!) : pattern.values[of]!;
      });
      return { pattern, tuples: [tuple] };
    });
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
    if (storage.keyed === undefined) return undefined;
    const outcome = this.byCode(storage, args, at, tells, shared);
    if (outcome !== undefined) return outcome;
    if (!this.keyed.begin(args) || !this.find(storage, at, shared)) return undefined;
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

  /** Carries it out by code. Undefined, and nothing is changed, where there is none, or it leaves
   * it to closures. */
  private byCode(
    storage: DirectStorage,
    args: readonly Value[],
    at: Position,
    tells: boolean,
    shared: Shared | undefined,
  ): DirectOutcome | undefined {
    const { program, plan, stores, end } = this;
    if (program === undefined || !this.fetch(storage, program)) return undefined;
    if (shared !== undefined && !this.takeShared(shared)) return undefined;
    const changes: Told | undefined = tells ? { removed: [], inserted: [] } : undefined;
    end.tell = changes && tellingTo(changes, plan);
    const code = program.code(args, at, stores, shared && this.far, end);
    if (code === keyedEnds.left) return undefined;
    if (code === keyedEnds.aborted) return { kind: "aborted", reason: end.reason };
    if (code === keyedEnds.conflict) return { kind: "aborted", reason: keyConflict };
    const inserted = code % changeUnit;
    const removed = (code - inserted) / changeUnit;
    const done = { kind: "done", removed, inserted, hash: end.hash } as const;
    return changes === undefined ? done : { ...done, changes };
  }

  /** Fetches the rows of the relations that code looks into. Returns whether they are kept as it
   * takes them. */
  private fetch(storage: DirectStorage, { relations, shapes }: KeyedProgram): boolean {
    for (let at = 0; at < relations.length; at++) {
      const rows = storage.keyed?.(relations[at]!);
      const { columns, kinds } = shapes[at]!;
      if (rows === undefined || !sameColumns(rows.key, columns)) return false;
      rows.shape(kinds);
      this.stores[at] = rows;
    }
    return true;
  }

  /** Takes the rows of other partitions, and where those of this one are. Returns whether they can
   * be computed with. */
  private takeShared({ partition, places, found, at: own }: Shared): boolean {
    const { lookups } = this.plan;
    const { there, parts } = this.keyed;
    const { others, rest, isFar, at } = this;
    others.begin(places.all, found);
    let next = 0;
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const place = places.of[lookup]!;
      const far = place !== partition;
      isFar[lookup] = far;
      if (!far) {
        const row = own[next++]!;
        if (row === elsewhere) return false;
        at[lookup] = row;
        continue;
      }
      at[lookup] = none;
      const isThere = others.take(place, rest[lookup]!, parts, lookups[lookup]!.slot);
      if (isThere === undefined) return false;
      there[lookup] = isThere;
    }
    return true;
  }

  /** Finds the rows. Returns whether they can be computed with. */
  private find(storage: DirectStorage, before: Position, shared: Shared | undefined): boolean {
    const { lookups } = this.plan;
    const { keys, there, parts } = this.keyed;
    if (shared !== undefined && !this.takeShared(shared)) return false;
    for (let lookup = 0; lookup < lookups.length; lookup++) {
      const { relation, slot, columns, kinds } = lookups[lookup]!;
      const key = keys[lookup]!;
      if (shared !== undefined && this.isFar[lookup] === true) {
        for (let at = 0; at < key.length; at++) parts[slot + columns[at]!] = key[at]!;
        continue;
      }
      const rows = storage.keyed?.(relation);
      if (rows === undefined || !sameColumns(rows.key, columns)) return false;
      rows.shape(kinds);
      const at = shared === undefined ? rows.find(key) : this.at[lookup]!;
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
    const changes: Told = { removed: [], inserted: [] };
    let removed = 0;
    let inserted = 0;
    let hash = 0;
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
      else rows.add(came, at);
      hash += rows.changeHash(changeBegun("+", at, relation), came, 0);
    }
    const done = { kind: "done", removed, inserted, hash } as const;
    return tells ? { ...done, changes } : done;
  }
}

/** Changes that are told, while they are made. */
type Told = { readonly removed: Row[]; readonly inserted: Row[] };

/** Returns what takes note of the changes that code tells of. */
function tellingTo({ removed, inserted }: Told, { lookups }: KeyedPlan): KeyedEnd["tell"] {
  return (lookup, goes, parts) => {
    const { relation, kinds } = lookups[lookup]!;
    (goes ? removed : inserted).push(rowOf(relation, kinds, parts, 0));
  };
}

/** What code calls of this folder. */
const calls = { placed: partHash, begun: changeBegun, hashed: valueHashed };
