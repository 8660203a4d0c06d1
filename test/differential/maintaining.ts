// A program whose facts come in batches, kept up, beside its evaluation on all of them at once.
import { is, List, Map as Named, Set as Tuples } from "immutable";

import type { Program } from "../../src/analysis/program.ts";
import { renderConcise } from "../../src/base/render.ts";
import type { Random } from "../../src/base/random.ts";
import type { Backend } from "../../src/codegen/backend.ts";
import type { CompiledProgram } from "../../src/compile.ts";
import type { Change } from "../../src/engine/change.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { Maintained, type Maintenance } from "../../src/engine/maintained.ts";
import { plan } from "../../src/plan/program.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { testFunctors } from "../support/functors.ts";
import { determined } from "../support/reference.ts";
import { tuplesOf } from "./ways.ts";

type Fact = Program["facts"][number];
type Contents = Named<string, Tuples<List<Value>>>;

const none = Tuples<List<Value>>();

/** What happens to a program that is kept up. */
export type Schedule = {
  /** What is stated in the text, as the places of facts. */
  readonly stated: readonly number[];
  /** What is inserted and removed before each run. */
  readonly batches: readonly {
    readonly inserted: readonly number[];
    readonly removed: readonly number[];
  }[];
};

/** A random schedule in which all facts come in; with `removals` some go again, or for a while. */
export function scheduleOf(count: number, chance: Random, removals: boolean): Schedule {
  const order = chance.shuffled(Array.from({ length: count }, (_, at) => at));
  const stated = order.splice(0, chance.below(order.length + 1) >> 1);
  const batches = Array.from({ length: chance.between(2, 5) }, () => ({
    inserted: [] as number[],
    removed: [] as number[],
  }));
  for (const fact of order) {
    const at = chance.below(batches.length);
    batches[at]!.inserted.push(fact);
    if (!removals || chance.chance(0.7)) continue;
    batches[chance.between(at, batches.length - 1)]!.removed.push(fact);
    if (chance.chance(0.3)) batches.at(-1)!.inserted.push(fact);
  }
  return { stated, batches };
}

/** Keeps a program up by a schedule; returns how what it holds in the end, or says on its way, is
 * not what an evaluation gives; or why there is nothing to compare. */
export function compared(
  { program }: CompiledProgram,
  { stated, batches }: Schedule,
  options: { readonly backend: Backend; readonly grows?: (relation: number) => boolean },
): "agreed" | "incomparable" | { readonly different: string } {
  if (!determined(program)) return "incomparable";
  const limits = { maxTuples: 3_000, maxRounds: 500 };
  // A pass after each step, though nothing is gained by so many.
  const reclaims = { bytesMin: 0, growth: 0, gone: 0 };
  const settings = { ...options, limits, functors: testFunctors(), reclaims };
  const factsAt = (places: Iterable<number>): Fact[] => [...places].map((at) => program.facts[at]!);
  const of = plan({ ...program, facts: factsAt(stated) });
  const database = new Database(of);
  const maintained = new Maintained(of, database, settings);
  const words = ({ relation, values }: Fact): number[] =>
    values.map((value, at) =>
      database.values.encode(of.relations[relation]!.attributes[at]!.kind, value),
    );
  const there = new Set<string>();
  const nameOf = (fact: number): string => {
    const { relation, values } = program.facts[fact]!;
    return `${relation}(${values.map(printValue).join()})`;
  };
  const mirror = new Mirror(database);
  for (const { inserted, removed } of batches) {
    for (const at of inserted) {
      maintained.insert(program.facts[at]!.relation, words(program.facts[at]!));
      there.add(nameOf(at));
    }
    for (const at of removed) {
      maintained.remove(program.facts[at]!.relation, words(program.facts[at]!));
      there.delete(nameOf(at));
    }
    mirror.take(maintained.run());
    reclaimAll(maintained, database);
  }
  // What goes wrong on the way need not go wrong in the end.
  let last = maintained.run();
  if (!last.evaluation.complete) last = maintained.run();
  mirror.take(last);
  reclaimAll(maintained, database);

  const places = [...program.facts.keys()];
  const stays = (at: number): boolean => there.has(nameOf(at));
  const whole = plan({ ...program, facts: factsAt([...stated, ...places.filter(stays)]) });
  const other = new Database(whole);
  if (!evaluate(whole, other, settings).complete) return "incomparable";
  if (!last.evaluation.complete)
    return { different: `only kept up it fails: ${renderConcise(last.evaluation.diagnostics)}` };
  const found = contentsOf(database);
  const text = difference("at once", contentsOf(other), "kept up", found) ?? mirror.wrong();
  return text === undefined ? "agreed" : { different: text };
}

/** Gives up all values that can be, and has other ones take their words: what still holds such a
 * word has the wrong value. */
function reclaimAll(maintained: Maintained, { values }: Database): void {
  maintained.reclaim();
  const { symbols, wide, records } = values;
  const before = [symbols.size, wide.size, records.table(2).size];
  for (let at = 0; symbols.size === before[0]; at++) symbols.intern(`in place of another ${at}`);
  for (let at = 0; wide.size === before[1]; at++) wide.intern(at, 77_777);
  for (let at = 0; records.table(2).size === before[2]; at++) records.table(2).packed([at, -77]);
}

/** What relations hold, made of nothing but what runs say of changes: the words of each tuple by
 * its key. */
class Mirror {
  private readonly database: Database;
  private readonly contents: Map<string, string>[];
  private said: string | undefined;

  constructor(database: Database) {
    this.database = database;
    this.contents = database.relations.map(() => new Map<string, string>());
  }

  take({ changes, evaluation }: Maintenance): void {
    if (!evaluation.complete && changes.length > 0) this.said ??= "changes without an end";
    for (const change of changes) this.change(change);
  }

  /** The first thing that was said and cannot be, or how it all is not what is there. */
  wrong(): string | undefined {
    const wrong = this.contents.findIndex((tuples, at) => {
      const found = [...this.tuples(at)].map(([, words]) => words);
      return !is(Tuples(tuples.values()), Tuples(found));
    });
    if (wrong < 0 || this.said !== undefined) return this.said;
    return `${this.database.relations[wrong]!.schema.name} is not what was said of it`;
  }

  private change(change: Change): void {
    const { relation: at, kind } = change;
    if (kind === "replaced") {
      this.contents[at] = new Map(this.tuples(at));
      return;
    }
    const tuples = this.contents[at]!;
    if (kind === "changed") {
      const removed = [...this.listed(at, change.removed(), change.removedCount)];
      for (const [key, words] of removed)
        if (!tuples.delete(key))
          this.said ??= `${this.database.relations[at]!.schema.name} loses ${words}, which it has not`;
      const back = [...this.listed(at, change.columns(), change.count)].filter(([key]) =>
        removed.some(([other]) => other === key),
      );
      if (back.length > 0) this.said ??= "a tuple is removed and added";
      if (removed.length === 0) this.said ??= "a removal of nothing";
    }
    const rows = [...this.listed(at, change.columns(), change.count)];
    for (const [key, words] of rows) {
      if (kind === "joined" ? tuples.get(key) === words : tuples.has(key))
        this.said ??= `${this.database.relations[at]!.schema.name} has ${kind} by ${words} again`;
      tuples.set(key, words);
    }
    if (rows.length === 0 && kind !== "changed") this.said ??= "a change of nothing";
  }

  private tuples(at: number): Generator<[key: string, words: string]> {
    const relation = this.database.relations[at]!;
    const columns = relation.schema.attributes.map((_, column) => relation.column(column));
    return this.listed(at, columns, relation.size);
  }

  private *listed(
    at: number,
    columns: readonly Int32Array[],
    count: number,
  ): Generator<[key: string, words: string]> {
    const { lattices = [] } = this.database.relations[at]!.schema as { lattices?: unknown[] };
    for (let row = 0; row < count; row++) {
      const words = columns.map((column) => column[row]!);
      yield [words.slice(0, words.length - lattices.length).join(), words.join()];
    }
  }
}

function contentsOf(database: Database): Contents {
  return Named(
    database.relations.map(({ schema }, at) => [schema.name, tuplesOf(database, at)] as const),
  ).filter((tuples) => tuples.size > 0);
}

function difference(
  whose: string,
  wanted: Contents,
  other: string,
  found: Contents,
): string | undefined {
  const names = wanted.keySeq().concat(found.keySeq()).toOrderedSet();
  const lines = names.toArray().flatMap((name) => {
    const [left, right] = [wanted.get(name, none), found.get(name, none)];
    if (is(left, right)) return [];
    const only = (who: string, rows: Tuples<List<Value>>): string[] =>
      rows.size === 0
        ? []
        : [`only ${who}: ${name}(${rows.first(List<Value>()).map(printValue).join()})`];
    return [...only(whose, left.subtract(right)), ...only(other, right.subtract(left))];
  });
  return lines.length === 0 ? undefined : lines.join("\n");
}
