// How tuples are taken back that rules derived, one by one.
//
// It is one file because what is found, doubted, kept, gone and put back are relations that rules
// fill in turn: each step reads what the one before has left in them.
import type { Plan, RemovalPlans, Upkeep } from "../plan/plan.ts";
import { type RemovalKind, removalPlace } from "../plan/removal.ts";
import type { Word } from "../value/word.ts";
import type { Rows } from "./change.ts";
import { Database } from "./database.ts";
import { fits } from "./kept-plans.ts";
import type { Inputs } from "./inputs.ts";
import type { Relation } from "./relation.ts";
import type { Run } from "./run.ts";
import { SeenRows } from "./seen-rows.ts";
import { formRules, type FormRules } from "./set-choice.ts";
import { linked, type LinkedStratum, runOnce, runStratum } from "./stratum.ts";
import type { Tuples } from "./tuples.ts";

/** Relations that are filled and cleared in every round stay tables: for another form code would be
 * linked anew. */
const tablesAlone: FormRules = { ...formRules, rowsMin: Infinity };

/** Some rows of a relation. */
type RowNumbers = Rows["lost"];

/** What became of a relation in a run, where tuples may have gone. */
export type Outcome = {
  /** The rows of tuples that it had, and has not. */
  readonly lost: RowNumbers;
  /** New rows of tuples that it had before, too: they were taken out, and derived after all. */
  readonly again: ReadonlySet<number>;
  /** How many tuples it has that it had not. */
  readonly added: number;
};

/** What a stratum is brought up to date with. */
export type Losses = {
  /** The rows that relations below lost in this run. */
  readonly below: ReadonlyMap<number, RowNumbers>;
  /** Tuples of its own that were inserted, and now are not. */
  readonly own: ReadonlyMap<number, readonly (readonly Word[])[]>;
  /** What is there whatever rules derive. */
  readonly given: Pick<Inputs, "holds" | "holdsAny">;
};

/** A stratum is evaluated anew where more of a relation goes than this many times what is left, and
 * more than a few rows. To take a tuple back costs about as much as to derive it, to compare it
 * with what was there, and to have it in the indexes again. */
const goneTimesLeftMax = 1;
const goneRowsMin = 1 << 12;

/** Where at least one of so many rows that were gone is put back, all others are looked at again.
 * Where it is fewer, those are sought that follow from what was put back, by an index. */
const backPartMin = 4;

/** Takes back what strata derived, and adds what is new.
 *
 * What goes is found by delete and rederive (Gupta, Mumick, Subrahmanian, *Maintaining views
 * incrementally*, SIGMOD 1993) with one thing changed: a tuple that lost a derivation is deleted
 * only if none is left by tuples of lower ranks. In a closure of a graph that hangs together
 * nearly every path loses some derivation when an edge goes; the plain algorithm deletes them all
 * and derives them again, this one deletes those whose earliest derivations end there.
 *
 * Why that is right. Let each tuple of a stratum be inserted, or have a derivation all of whose
 * tuples of the same stratum have lower ranks (*). Then none is there because of itself, and all
 * of them follow from what is below. An evaluation gives (*), as a rule sees only rows that are
 * there, what it derives comes after them, and ranks ascend with rows (`Ranks`). When something
 * goes:
 *
 * 1. Whatever had a derivation as in (*) that ended is found: it ended by a tuple below or a
 *    negated one (`below`), an aggregate (`groups`), or a tuple of the stratum that is gone
 *    (`within`), which had a lower rank. Found too much is no harm.
 * 2. What is found, not inserted, and without another derivation as in (*) (`checks`) is gone. What
 *    has one by a tuple that goes later is found again then. As tuples only go, this ends, and (*)
 *    holds for those that are left: they are all derivable.
 * 3. What is gone and has a derivation by what is left is put back, ranked above all others
 *    (`proofs`). So is what is gone and follows from that: all that is still gone is looked at once
 *    more, or what follows is sought (`reproofs`), whichever is less. No index has to know of it.
 * 4. All that is new below is derived (`again`), and what follows from that as in any evaluation:
 *    rows come after what they are derived from, so (*) holds, and nothing that is derivable is
 *    missing. What is gone may come in again then, as another row.
 *
 * Rows of different relations are not ordered among each other. In strata of several relations that
 * depend on each other (`unranked`) no tuple of the stratum counts in 2: what has no derivation
 * from below alone is gone, which is the plain algorithm but for 3. */
export class Removal {
  private readonly plan: Plan;
  /** By stratum. */
  private readonly upkeeps: readonly Upkeep[];
  private readonly plans = new Map<number, Kept>();
  private readonly view: Database;
  private readonly count: number;
  private readonly row = new Int32Array(1);
  private readonly seen = new Map<number, SeenRows>();
  /** What is done next with rows is given them in it. */
  private rows = new Int32Array(64);
  /** How many tuples were looked at so far, to see whether they are derivable still: in each run
   * each of them once. */
  doubted = 0;

  constructor(plan: Plan, database: Database, upkeeps: readonly Upkeep[]) {
    this.plan = plan;
    this.upkeeps = upkeeps;
    this.count = plan.relations.length;
    this.view = new Database(
      { ...plan, relations: plan.removalRelations() },
      {
        ...{ values: database.values, memory: database.memory },
        relation: (_, at) => database.relations[at],
      },
      { forms: tablesAlone },
    );
  }

  /** Brings a stratum up to date; returns what became of its relations. Where so much goes that it
   * is better evaluated anew, it is left as it was, and nothing is returned. */
  run(run: Run, at: number, losses: Losses): ReadonlyMap<number, Outcome> | undefined {
    const inner = this.runOf(run);
    // What is looked for is nothing that rules derive.
    const free: Run = { ...inner, limits: { ...run.limits, maxTuples: Infinity } };
    try {
      return this.keepUp(inner, free, at, losses);
    } finally {
      run.rule = inner.rule ?? free.rule;
      run.derived = inner.derived;
      for (const relation of this.view.relations.slice(this.count))
        if (relation.tuples.roomyFor(0)) relation.clear(true);
    }
  }

  private keepUp(
    run: Run,
    free: Run,
    at: number,
    losses: Losses,
  ): ReadonlyMap<number, Outcome> | undefined {
    const computes = this.plan.strata[at]!;
    const plans = this.linkedPlans(run, at);
    const ranked = this.upkeeps[at]!.removable === "ranked";
    if (ranked) for (const of of computes) this.view.relations[of]!.tuples.rank();
    const settled = computes.map((of) => this.view.relations[of]!.tuples.settled);
    for (const of of computes) {
      this.working("gone", of).clear();
      this.seenOf(of).begin(this.view.relations[of]!.rows);
    }
    this.find(free, plans, computes, losses);
    for (const [of, tuples] of losses.own) {
      const relation = this.view.relations[of]!;
      for (const words of tuples) {
        const row = relation.rowOf(words);
        if (row < 0) continue;
        this.working("found", of).insert([row, ...words, relation.tuples.rankOf.of(row)]);
      }
    }
    while (this.doubt(computes, losses)) {
      runOnce(free, plans.checks);
      if (!this.judge(computes)) break;
      runOnce(free, plans.within);
      for (const of of computes) this.takeOut(of);
      if (computes.some((of) => this.isMuch(of))) {
        for (const of of computes) this.putBack(of);
        free.rule = undefined;
        return undefined;
      }
    }
    for (const of of computes) this.doubted += this.seenOf(of).count;
    this.prove(free, plans, computes, ranked);
    const before = computes.map((of) => this.view.relations[of]!.rows);
    free.rule = undefined;
    runStratum(run, plans.again);
    run.rule = undefined;
    return new Map(computes.map((of, at) => [of, this.outcome(of, settled[at]!, before[at]!)]));
  }

  /** Finds what lost a derivation by what changed below: derivations are sought among what was
   * there and what is there now. */
  private find(run: Run, plans: LinkedPlans, computes: readonly number[], { below }: Losses): void {
    for (const [of, rows] of below) {
      this.fillLost(of, rows);
      for (const row of rows) this.view.relations[of]!.putBack(row);
    }
    for (const relation of this.view.relations.slice(this.groupsAt)) relation.clear();
    for (const of of computes) this.working("found", of).clear();
    try {
      runOnce(run, plans.groups);
      for (const relation of this.view.relations.slice(this.groupsAt)) showAsDelta(relation);
      runOnce(run, plans.below);
    } finally {
      for (const [of, rows] of below) for (const row of rows) this.view.relations[of]!.remove(row);
    }
  }

  /** Doubts what was found and is not there anyway; returns whether there is any. */
  private doubt(computes: readonly number[], { given }: Losses): boolean {
    let some = false;
    for (const of of computes) {
      const { tuples } = this.view.relations[of]!;
      const found = this.working("found", of);
      const doubted = this.working("doubted", of);
      const held = given.holdsAny(of);
      const { columns, size } = found.tuples;
      const [rows] = columns;
      const places = this.roomFor(size);
      let count = 0;
      for (let at = 0; at < size; at++) {
        if (isGone(tuples, rows![at]!)) continue;
        if (held && given.holds(of, wordsAt(columns.slice(1, -1), at))) continue;
        places[count++] = at;
      }
      doubted.clear();
      if (count === size) doubted.tuples.pushAll(found.tuples);
      else doubted.tuples.pushRows(columns, places.subarray(0, count));
      showAsDelta(doubted);
      this.seenOf(of).add(doubted.tuples.columns[0]!.subarray(0, count));
      found.clear();
      this.working("kept", of).clear();
      some ||= count > 0;
    }
    return some;
  }

  /** Has gone what is doubted and not kept, as the delta; returns whether there is any. */
  private judge(computes: readonly number[]): boolean {
    let some = false;
    for (const of of computes) {
      const doubted = this.working("doubted", of).tuples;
      const kept = this.working("kept", of);
      const gone = this.working("gone", of);
      gone.tuples.from = gone.tuples.size;
      const rows = doubted.columns[0]!;
      const all = kept.size === 0;
      const going = this.roomFor(doubted.size);
      let count = 0;
      for (let row = 0; row < doubted.size; row++) {
        this.row[0] = rows[row]!;
        if (all || !kept.tuples.has(this.row)) going[count++] = row;
      }
      if (count === doubted.size) gone.tuples.pushAll(doubted);
      else gone.tuples.pushRows(doubted.columns, going.subarray(0, count));
      gone.tuples.to = gone.tuples.size;
      some ||= gone.tuples.from < gone.tuples.to;
    }
    return some;
  }

  /** Puts back what is gone and is derivable from what is left. */
  private prove(
    run: Run,
    { proofs, reproofs }: LinkedPlans,
    computes: readonly number[],
    ranked: boolean,
  ): void {
    if (proofs.stratum.once.length === 0) return;
    for (const of of computes) {
      this.working("gone", of).tuples.from = 0;
      this.working("found", of).clear();
    }
    runOnce(run, proofs);
    while (this.putBackFound(computes, ranked)) {
      const few = computes.every((of) => this.isFewBack(of));
      if (!few) for (const of of computes) this.leaveGone(of);
      runOnce(run, few ? reproofs : proofs);
    }
  }

  /** Whether few of the rows that were gone have just been put back. */
  private isFewBack(of: number): boolean {
    const back = this.working("back", of).tuples.size;
    return back * backPartMin < this.working("gone", of).tuples.size;
  }

  /** Has those rows gone alone that were not put back. */
  private leaveGone(of: number): void {
    const { tuples } = this.view.relations[of]!;
    const gone = this.working("gone", of);
    const left = this.working("doubted", of);
    const { columns, size } = gone.tuples;
    const places = this.roomFor(size);
    let count = 0;
    for (let at = 0; at < size; at++) if (isGone(tuples, columns[0]![at]!)) places[count++] = at;
    left.clear();
    left.tuples.pushRows(columns, places.subarray(0, count));
    gone.clear();
    gone.tuples.pushAll(left.tuples);
    showAsDelta(gone);
  }

  /** Puts back those rows that were found and are gone, and has their tuples as the delta; returns
   * whether there is any. */
  private putBackFound(computes: readonly number[], ranked: boolean): boolean {
    let some = false;
    for (const of of computes) {
      const relation = this.view.relations[of]!;
      const { tuples } = relation;
      const found = this.working("found", of);
      const back = this.working("back", of);
      const [all, ...words] = found.tuples.columns.slice(0, -1);
      const places = this.roomFor(found.tuples.size);
      const rows: number[] = [];
      for (let at = 0; at < found.tuples.size; at++) {
        const row = all![at]!;
        if (!isGone(tuples, row)) continue;
        places[rows.length] = at;
        rows.push(row);
      }
      if (ranked) tuples.raise(rows);
      for (let at = 0; at < rows.length; at++) relation.putBack(rows[at]!, words, places[at]);
      back.clear();
      back.tuples.pushRows(words, places.subarray(0, rows.length));
      found.clear();
      showAsDelta(back);
      some ||= rows.length > 0;
    }
    return some;
  }

  /** Removes the rows that the delta of what is gone names. */
  private takeOut(of: number): void {
    const { columns, from, to } = this.working("gone", of).tuples;
    this.view.relations[of]!.removeAll(columns.slice(0, -1), from, to);
  }

  /** Puts back all rows that are gone. */
  private putBack(of: number): void {
    const { columns, size } = this.working("gone", of).tuples;
    const [rows, ...words] = columns.slice(0, -1);
    for (let at = 0; at < size; at++) this.view.relations[of]!.putBack(rows![at]!, words, at);
  }

  private isMuch(of: number): boolean {
    const { size } = this.working("gone", of).tuples;
    return size > goneRowsMin && size > goneTimesLeftMax * this.view.relations[of]!.size;
  }

  /** Says what became of a relation: `settled` of its rows were there when the last run ended, and
   * those from `derivedFrom` on were derived when all that goes was gone. */
  private outcome(of: number, settled: number, derivedFrom: number): Outcome {
    const relation = this.view.relations[of]!;
    const { tuples } = relation;
    const gone = this.working("gone", of).tuples;
    const words = tuples.columns.map(() => 0);
    const rows = this.rowsGone(of);
    const lost = new Int32Array(gone.size);
    let count = 0;
    const again = new Set<number>();
    for (let row = 0; row < gone.size; row++) {
      const before = rows[row]!;
      // What came in since the last run has been nowhere.
      if (before >= settled) continue;
      // Without columns it is no other row that comes in again.
      if (words.length > 0 && !tuples.isDropped(before)) continue;
      if (tuples.size === (words.length === 0 ? 0 : derivedFrom)) {
        lost[count++] = before;
        continue;
      }
      for (let at = 0; at < words.length; at++) words[at] = gone.columns[at + 1]![row]!;
      if (tuples.has(words)) again.add(relation.rowOf(words));
      else lost[count++] = before;
    }
    let added = -again.size;
    for (let row = tuples.settled; row < tuples.size; row++) if (!tuples.isDropped(row)) added++;
    return { lost: lost.subarray(0, count), again, added };
  }

  /** The rows of what is gone of a relation. */
  private rowsGone(of: number): Int32Array {
    return this.working("gone", of).tuples.columns[0]!;
  }

  /** Has what a relation lost be some of its rows, as the delta. */
  private fillLost(of: number, rows: RowNumbers): void {
    const relation = this.working("lost", of);
    const { columns } = this.view.relations[of]!.tuples;
    relation.clear();
    relation.tuples.pushRows([...columns, "rows"], rows);
    showAsDelta(relation);
  }

  /** Returns an array for so many numbers, which is the same the next time. */
  private roomFor(count: number): Int32Array {
    if (this.rows.length < count) this.rows = new Int32Array(2 * count);
    return this.rows;
  }

  private seenOf(of: number): SeenRows {
    const seen = this.seen.get(of) ?? new SeenRows();
    this.seen.set(of, seen);
    return seen;
  }

  private working(kind: RemovalKind, of: number): Relation {
    return this.view.relations[removalPlace(this.count, kind, of)]!;
  }

  private get groupsAt(): number {
    return removalPlace(this.count, "kept", this.count);
  }

  private runOf(run: Run): Run {
    const { relations } = this.view;
    return {
      ...{ ...run, database: this.view, rule: undefined },
      stores: relations.map(({ tuples }) => tuples),
      classes: relations.map(({ classes }) => classes),
    };
  }

  private linkedPlans(run: Run, at: number): LinkedPlans {
    const { joins, wholes } = this.upkeeps[at]!;
    const relations = [...joins, ...wholes, ...this.plan.strata[at]!];
    const sizes = relations.map((of) => run.sizes[of]!);
    const known = this.plans.get(at);
    if (known !== undefined && fits(known.sizes, sizes)) return known.plans;
    const plans = this.plan.removal(at, run.sizes);
    const made: LinkedPlans = {
      groups: linked(run, plans.groups),
      below: linked(run, plans.below),
      checks: linked(run, plans.checks),
      within: linked(run, plans.within),
      proofs: linked(run, plans.proofs),
      reproofs: linked(run, plans.reproofs),
      again: linked(run, plans.again),
    };
    this.plans.set(at, { plans: made, sizes });
    return made;
  }
}

type LinkedPlans = { readonly [part in keyof RemovalPlans]: LinkedStratum };
type Kept = { readonly plans: LinkedPlans; readonly sizes: readonly number[] };

/** Whether a row was taken out. Without columns there is no other row than the first. */
function isGone(tuples: Tuples, row: number): boolean {
  return tuples.arity === 0 ? tuples.size === 0 : tuples.isDropped(row);
}

function wordsAt(columns: readonly Int32Array[], row: number): Word[] {
  return columns.map((column) => column[row]!);
}

function showAsDelta({ tuples }: Relation): void {
  tuples.from = 0;
  tuples.to = tuples.size;
}
