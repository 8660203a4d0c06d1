// Transactions that go through lists, where all their rows are at one partition: they look rows up
// and collect what becomes of them; then rows are changed where they are.
import type { Backend } from "../codegen/backend.ts";
import type { ListedRows } from "../codegen/listed-code.ts";
import type { Part } from "../engine/keyed-parts.ts";
import { listedEnds, type ListedProgram, listedProgram } from "../engine/listed-code.ts";
import type { ListedPlan } from "../plan/listed.ts";
import type { Plan } from "../plan/plan.ts";
import { sameValue } from "../value/same-value.ts";
import type { Value } from "../value/schema.ts";
import { partHash } from "./columns.ts";
import { type DirectOutcome, type DirectStorage, rowOf } from "./in-place.ts";
import { sameColumns } from "./indexed-rows.ts";
import type { KeyedRows, RowAt } from "./keyed-rows.ts";
import { changeBegun } from "./row-hash.ts";
import type { Position } from "./storage.ts";
import { keyConflict, type Row } from "./transaction.ts";

/** A transaction that changes more rows than this is left to the evaluation of strata: each change
 * is held against all others. */
const changesMax = 256;

/** What becomes of the row of a key. */
class Change {
  readonly key: readonly Part[];
  /** The version that is present; negative where there is none. */
  readonly row: RowAt;
  /** What it has, where there is one. */
  readonly before: readonly Part[];
  goes = false;
  stays = false;
  comes: readonly Part[] | undefined = undefined;

  constructor(key: readonly Part[], row: RowAt, before: readonly Part[]) {
    this.key = key;
    this.row = row;
    this.before = before;
  }
}

/** A transaction that goes through lists, and changes rows in place. */
export class ListedTransaction implements ListedRows {
  readonly stores: KeyedRows[] = [];
  reason = "";
  /** The relations that it may change. */
  readonly writes: readonly number[];
  private readonly program: ListedProgram;
  /** What becomes of the rows of each store; how many changes that are. */
  private readonly changes: Change[][];
  private count = 0;
  private conflicts = false;
  at: Position = 0;
  /** A row with a number that is not exact as a double was met. */
  private isExact = true;

  private constructor(plan: ListedPlan, program: ListedProgram) {
    this.program = program;
    this.changes = program.stored.map(() => []);
    const written = plan.effects.flatMap(({ head }) => {
      const of = head.kind === "abort" ? undefined : plan.relations[head.relation];
      return of?.kind === "stored" ? [of.relation] : [];
    });
    this.writes = [...new Set(written)];
  }

  /** Returns what carries out a plan; undefined where it computes with values that cannot be so. */
  static of(
    plan: ListedPlan,
    { domain }: Pick<Plan, "domain">,
    backend?: Backend,
  ): ListedTransaction | undefined {
    const program = listedProgram(plan, domain, partHash, backend);
    return program && new ListedTransaction(plan, program);
  }

  private find(store: number, key: readonly Value[]): RowAt {
    const rows = this.stores[store]!;
    const row = rows.find(key);
    return row >= 0 && rows.isPresent(row, this.at) ? row : -1;
  }

  change(kind: "insert" | "remove", store: number, parts: readonly Value[]): boolean {
    const change = this.changeOf(store, parts);
    if (change === undefined) return false;
    const isThere = change.row >= 0 && same(change.before, parts);
    if (kind === "remove") {
      if (isThere) change.goes = true;
    } else if (isThere) change.stays = true;
    else if (change.comes === undefined) change.comes = parts;
    else if (!same(change.comes, parts)) this.conflicts = true;
    return this.isExact;
  }

  /** Carries it out, with `tells` telling what it changed. Undefined, and nothing is changed, where
   * rows are kept in another way or have values that it cannot compute with. */
  carryOut(
    storage: DirectStorage,
    args: readonly Value[],
    at: Position,
    tells: boolean,
  ): DirectOutcome | undefined {
    if (!this.fetch(storage)) return undefined;
    this.at = at;
    this.isExact = true;
    this.conflicts = false;
    this.count = 0;
    for (const of of this.changes) of.length = 0;
    const end = this.program.code(args, this);
    if (end === listedEnds.left) return undefined;
    if (end === listedEnds.aborted) return { kind: "aborted", reason: this.reason };
    for (const of of this.changes)
      for (const change of of) {
        if (change.stays) change.goes = false;
        if (change.comes !== undefined && change.row >= 0 && !change.goes) this.conflicts = true;
      }
    if (this.conflicts) return { kind: "aborted", reason: keyConflict };
    return this.changed(at, tells);
  }

  private fetch(storage: DirectStorage): boolean {
    const { stored } = this.program;
    for (let store = 0; store < stored.length; store++) {
      const { relation, key, kinds } = stored[store]!;
      const rows = storage.keyed?.(relation);
      if (rows === undefined || !sameColumns(rows.key, key)) return false;
      rows.shape(kinds);
      this.stores[store] = rows;
    }
    return true;
  }

  private changeOf(store: number, parts: readonly Part[]): Change | undefined {
    const { key: columns } = this.program.stored[store]!;
    const changes = this.changes[store]!;
    for (let at = 0; at < changes.length; at++)
      if (sameAt(changes[at]!.key, parts, columns)) return changes[at];
    if (this.count++ === changesMax) return undefined;
    const key: Part[] = [];
    for (let at = 0; at < columns.length; at++) key.push(parts[columns[at]!]!);
    const row = this.find(store, key);
    const before: Part[] = [];
    if (row >= 0 && !this.stores[store]!.read(row, before, 0)) this.isExact = false;
    const change = new Change(key, row, before);
    changes.push(change);
    return change;
  }

  private changed(at: Position, tells: boolean): DirectOutcome {
    const told = { removed: [], inserted: [] };
    const done = { kind: "done" as const, removed: 0, inserted: 0, hash: 0 };
    for (let store = 0; store < this.changes.length; store++)
      if (this.changes[store]!.length > 0)
        this.changedIn(store, at, done, tells ? told : undefined);
    return tells ? { ...done, changes: told } : done;
  }

  private changedIn(
    store: number,
    at: Position,
    done: { removed: number; inserted: number; hash: number },
    told: { readonly removed: Row[]; readonly inserted: Row[] } | undefined,
  ): void {
    const { relation, kinds } = this.program.stored[store]!;
    const rows = this.stores[store]!;
    const [gone, come] = [changeBegun("-", at, relation), changeBegun("+", at, relation)];
    for (const { row, before, goes, comes } of this.changes[store]!) {
      if (comes === undefined && !goes) continue;
      if (goes) {
        done.removed++;
        done.hash += rows.changeHash(gone, before, 0);
        told?.removed.push(rowOf(relation, kinds, before, 0));
      }
      if (comes === undefined) {
        rows.end(row, at);
        continue;
      }
      done.inserted++;
      done.hash += rows.changeHash(come, comes, 0);
      told?.inserted.push(rowOf(relation, kinds, comes, 0));
      if (goes) rows.replace(row, comes, at);
      else rows.add(comes, at);
    }
  }
}

function same(one: readonly Part[], other: readonly Part[]): boolean {
  for (let at = 0; at < one.length; at++)
    if (one[at] !== other[at] && !sameValue(one[at]!, other[at]!)) return false;
  return true;
}

/** Whether a key is that of a row with these parts. */
function sameAt(key: readonly Part[], parts: readonly Part[], columns: readonly number[]): boolean {
  for (let at = 0; at < columns.length; at++) if (key[at] !== parts[columns[at]!]) return false;
  return true;
}
