// Runs plans as they are: each operation becomes a closure over the closure of what happens inside
// it. Slots live in one array per rule. Needs no `eval`; derives what generated code derives, in
// the same order. It is long because every operation is here, in a few lines each.
import type {
  ColumnUse,
  Expression,
  Operation,
  RulePlan,
  StratumPlan,
  Window,
} from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import {
  composedProbe,
  composedWith,
  dropsRows,
  indexNeeds,
  lookup,
  looksAtRows,
  placeOf,
  scanDropsRows,
} from "./access.ts";
import { accumulator, type Accumulator } from "./accumulator.ts";
import type { Environment, RuleCode, StratumCode } from "./code.ts";
import { condition, value, type Slots, type ValueOf } from "./interpret-expression.ts";
import { groupOf } from "./group.ts";
import { classLoop, pairExists, pairLoop, type VisitorOf } from "./interpret-classes.ts";
import { type Intersection, intersectionOf } from "./intersection.ts";
import { range } from "./range.ts";
import type { ComposedWith, Index, IndexForm, RowIndex, Store } from "./store.ts";

/** Returns a stratum's rules as closures, bound to the environment that is given next. */
export function interpret(stratum: StratumPlan): (environment: Environment) => StratumCode {
  return (environment) => {
    const code = (rule: RulePlan): RuleCode => ruleCode(stratum, rule, environment);
    const { once, rounds, subsumptions = [] } = stratum;
    return {
      ...{ once: once.map(code), rounds: rounds.map(code) },
      subsumptions: subsumptions.map(code),
    };
  };
}

/** Returns whether a search that the operation is part of has found a match, so that loops end. */
type Run = () => boolean;
type Context = Environment & {
  readonly stratum: StratumPlan;
  readonly slots: Slots;
  /** What finds the common words of the rule's groups. */
  readonly intersections: Intersection[];
  /** Where the aggregate that is being computed adds up. */
  readonly total?: Accumulator;
};

function ruleCode(
  stratum: StratumPlan,
  { root, slots }: RulePlan,
  environment: Environment,
): RuleCode {
  const intersections: Intersection[] = [];
  const words = new Int32Array(slots.length);
  const context: Context = { ...environment, stratum, slots: words, intersections };
  const run = rootCode(context, root);
  return (from, to) => {
    for (const intersection of intersections) intersection.begin();
    run(from, to);
  };
}

function rootCode(context: Context, root: Operation): (from: number, to: number) => boolean {
  if (root.kind === "first") {
    const body = rootCode(context, root.body);
    const then = operation(context, root.then);
    return (from, to) => body(from, to) && then();
  }
  if (root.kind !== "scan") return operation(context, root);
  const classes = context.classes[root.relation];
  if (classes !== undefined)
    return pairLoop(classes, root.window, pairVisitor(context, root.columns, root.then));
  const store = context.stores[root.relation]!;
  const visit = rowVisitor(context, store, root, operation(context, root.then));
  return (from, to) => {
    for (let row = from; row < to; row++) if (visit(row)) return true;
    return false;
  };
}

function operation(context: Context, one: Operation): Run {
  const { slots, values, tally } = context;
  switch (one.kind) {
    case "scan": {
      const classes = context.classes[one.relation];
      if (classes !== undefined) {
        const visitorOf = pairVisitor(context, one.columns, one.then);
        const visit = pairLoop(classes, one.window, visitorOf);
        return () => visit(0, one.window === "delta" ? classes.deltaSize : classes.to);
      }
      const store = context.stores[one.relation]!;
      const visit = rowVisitor(context, store, one, operation(context, one.then));
      return () => {
        const from = one.window === "delta" ? store.from : 0;
        const to = one.window === "stable" ? store.from : store.to;
        for (let row = from; row < to; row++) if (visit(row)) return true;
        return false;
      };
    }
    case "probe":
      return probe(context, one);
    case "exists": {
      const found = existence(context, one);
      const then = operation(context, one.then);
      return () => found() !== one.negated && then();
    }
    case "intersect":
      return intersect(context, one);
    case "keys": {
      const { index } = indexOf(context, one.relation, one.index);
      const { columns } = context.stores[one.relation]!;
      const then = operation(context, one.then);
      return () => {
        const { directory } = index;
        for (let slot = 0; slot < directory.length; slot += 4) {
          if (directory[slot + 3] === 0) continue;
          for (const [at, column] of one.index.entries())
            slots[one.slots[at]!] =
              one.index.length > 2
                ? columns[column]![directory[slot + 1]!]!
                : directory[slot + at]!;
          if (then()) return true;
        }
        return false;
      };
    }
    case "filter": {
      const holds = condition(context, one.condition);
      const then = operation(context, one.then);
      return () => holds() && then();
    }
    case "bind": {
      const bound = value(context, one.value);
      const then = operation(context, one.then);
      return () => {
        slots[one.slot] = bound();
        return then();
      };
    }
    case "unpack": {
      const record = value(context, one.record);
      const table = values.records.table(one.columns.length);
      const then = operation(context, one.then);
      const visit = visitor(
        context,
        one.columns,
        then,
        (column) => (word) => table.field(word, column),
      );
      return () => {
        const word = record();
        return word !== 0 && visit(word);
      };
    }
    case "range": {
      const from = value(context, one.from);
      const to = value(context, one.to);
      const step = one.step === undefined ? () => undefined : value(context, one.step);
      const then = operation(context, one.then);
      return () => {
        const words = range(values, one.of, from(), to(), step());
        while (words.next()) {
          slots[one.slot] = words.word;
          if (then()) return true;
        }
        return false;
      };
    }
    case "aggregate": {
      const total = accumulator(one, context);
      const start = one.fold === undefined ? () => undefined : value(context, one.fold.start);
      const body = operation({ ...context, total }, one.body);
      const then = operation(context, one.then);
      return () => {
        total.reset(start());
        body();
        if (!total.defined()) return false;
        slots[one.slot] = total.result();
        return then();
      };
    }
    case "first": {
      const body = operation(context, one.body);
      const then = operation(context, one.then);
      return () => body() && then();
    }
    case "fork": {
      const branches = one.branches.map((branch) => operation(context, branch));
      return () => {
        for (const branch of branches) branch();
        return false;
      };
    }
    case "found":
      return () => true;
    case "accumulate": {
      const { total } = context;
      const added = one.value === undefined ? () => 0 : value(context, one.value);
      return () => {
        total?.add(added());
        return false;
      };
    }
    case "drop": {
      const store = context.stores[one.relation]!;
      return () => {
        if (tally !== undefined) tally.firings++;
        const row = slots[one.row]!;
        if (row !== slots[one.for]) store.drop(row);
        return false;
      };
    }
    case "derive": {
      const store = context.classes[one.relation] ?? context.stores[one.relation]!;
      const tuple = tupleOf(context, one.values);
      return () => {
        if (tally !== undefined) tally.firings++;
        store.insert(tuple());
        return false;
      };
    }
  }
}

function probe(context: Context, one: Extract<Operation, { kind: "probe" }>): Run {
  const classes = context.classes[one.relation];
  if (classes !== undefined) {
    const visitorOf = pairVisitor(context, one.columns, one.then);
    const visit = classLoop(classes, one.window, one.index[0] ?? 0, visitorOf);
    const word = soughtKey(context, one.key);
    return () => visit(word()[0]!);
  }
  const store = context.stores[one.relation]!;
  const key = soughtKey(context, one.key);
  const composed = composedWith(one);
  if (composed === undefined && formOf(context, one.relation, one.index) === "tuples") {
    const visitRow = rowVisitor(context, store, one, operation(context, one.then));
    const rowOf = rowFinder(context, one, key);
    return () => {
      const row = rowOf();
      return row >= 0 && visitRow(row);
    };
  }
  const { index, form } = indexOf(context, one.relation, one.index, composed);
  // The items of a composition are what the other probe would find.
  const inner = composedProbe(one) ?? one;
  const columns = inner.columns.map((use, at): ColumnUse =>
    inner.index.includes(at) ? { kind: "ignore" } : use,
  );
  const then = operation(context, inner.then);
  const visit =
    form === "rows"
      ? rowVisitor(context, store, { ...one, columns }, then)
      : visitor(context, columns, then, () => (word) => word);
  return () => {
    const slot = groupOf(store, index, one.index, key());
    const { directory, items } = index;
    const start = directory[slot + 2]!;
    const end = start + directory[slot + 3]!;
    // Rows ascend: stable ones come first, those of the delta last.
    let delta = end;
    if (one.window !== "full") {
      if (form === "values") delta = start + directory[slot + 1]!;
      else while (delta > start && items[delta - 1]! >= store.from) delta--;
    }
    if (one.window === "delta") {
      for (let at = end - 1; at >= delta; at--) if (visit(items[at]!)) return true;
    } else {
      for (let at = start; at < delta; at++) if (visit(items[at]!)) return true;
    }
    return false;
  };
}

function intersect(context: Context, one: Extract<Operation, { kind: "intersect" }>): Run {
  const { stratum, stores, slots, intersections } = context;
  const intersection = intersectionOf(stratum, one.sides, context);
  intersections.push(intersection);
  const [first, second, ...others] = one.sides.map(({ relation, index: columns, key }) => {
    const { index } = indexOf(context, relation, columns);
    const words = soughtKey(context, key);
    return () => groupOf(stores[relation]!, index, columns, words());
  });
  const then = operation(context, one.then);
  return () => {
    let count = intersection.meet(first!(), second!());
    for (const [at, group] of others.entries()) count = intersection.narrow(at + 2, group(), count);
    const { words } = intersection;
    for (let at = 0; at < count; at++) {
      slots[one.slot] = words[at]!;
      if (then()) return true;
    }
    return false;
  };
}

function existence(context: Context, one: Extract<Operation, { kind: "exists" }>): () => boolean {
  const key = soughtKey(context, one.key);
  const classes = context.classes[one.relation];
  if (classes !== undefined) return () => pairExists(classes, one.window, key());
  const store = context.stores[one.relation]!;
  const way = lookup(context.stratum, one);
  if (looksAtRows(context.stratum, one)) return keptExistence(context, one, key);
  switch (way) {
    case "kept":
      return () => store.kept > 0;
    case "size":
      return () => sizeOf(store, one.window) > 0;
    case "table": {
      const places = one.index.map((_, column) => one.index.indexOf(column));
      const tuple = new Int32Array(places.length);
      return () => {
        const words = key();
        for (let at = 0; at < tuple.length; at++) tuple[at] = words[places[at]!]!;
        return store.has(tuple);
      };
    }
    case "index": {
      const { index, form } = indexOf(context, one.relation, one.index);
      return () => {
        const slot = groupOf(store, index, one.index, key());
        const { directory, items } = index;
        const start = directory[slot + 2]!;
        const length = directory[slot + 3]!;
        if (length === 0 || one.window === "full") return length !== 0;
        if (form === "values") {
          const stable = directory[slot + 1]!;
          return one.window === "stable" ? stable > 0 : stable < length;
        }
        if (one.window === "stable") return items[start]! < store.from;
        return items[start + length - 1]! >= store.from;
      };
    }
  }
}

function sizeOf(store: Store, window: Window): number {
  if (window === "delta") return store.to - store.from;
  return window === "stable" ? store.from : store.to;
}

/** Whether a row that is not dropped has the key. */
function keptExistence(
  context: Context,
  one: Extract<Operation, { kind: "exists" }>,
  key: () => ArrayLike<Word>,
): () => boolean {
  const store = context.stores[one.relation]!;
  const shows = (row: number): boolean => {
    if (one.window === "delta" ? row < store.from : one.window === "stable" && row >= store.from)
      return false;
    return row < store.to && !isDropped(store, row);
  };
  if (one.index.length === 0) {
    return () => {
      for (let row = 0; row < store.to; row++) if (shows(row)) return true;
      return false;
    };
  }
  if (formOf(context, one.relation, one.index) === "tuples") {
    const rowOf = rowFinder(context, one, key);
    return () => {
      const row = rowOf();
      return row >= 0 && !isDropped(store, row);
    };
  }
  const { index } = indexOf(context, one.relation, one.index);
  return () => {
    const slot = groupOf(store, index, one.index, key());
    const { directory, items } = index;
    const start = directory[slot + 2]!;
    const end = start + directory[slot + 3]!;
    for (let at = start; at < end; at++) if (shows(items[at]!)) return true;
    return false;
  };
}

/** A closure that finds the row of a whole tuple that a window shows; -1 where there is none. */
function rowFinder(
  context: Context,
  { relation, window, index: columns }: Pick<Probe, "relation" | "window" | "index">,
  key: () => ArrayLike<Word>,
): () => number {
  const store = context.stores[relation]!;
  const index = context.indexes[needAt(context, relation, columns)] as RowIndex;
  return () => {
    const words = key();
    for (const [at, column] of columns.entries()) index.key[column] = words[at]!;
    const row = Math.abs(index.entryOfKey()) - 1;
    const from = window === "delta" ? store.from : 0;
    return row >= from && row < (window === "stable" ? store.from : store.to) ? row : -1;
  };
}

function rankOf({ raised, ranks }: Store, row: number): number {
  return ((raised[row >> 5]! >>> (row & 31)) & 1) !== 0 ? ranks[row]! : row;
}

function isDropped({ dropped }: Store, row: number): boolean {
  return ((dropped[row >> 5]! >>> (row & 31)) & 1) !== 0;
}

/** A closure that binds and checks the columns of a row and goes on if it matches. */
function rowVisitor(
  context: Context,
  store: Store,
  {
    kind,
    relation,
    columns,
    row: place,
    rank,
  }: Pick<Scan | Probe, "kind" | "relation" | "columns" | "row" | "rank">,
  then: Run,
): (row: number) => boolean {
  const { slots } = context;
  const visit = visitor(context, columns, then, (column) => (row) => store.columns[column]![row]!);
  const drops = (kind === "scan" ? scanDropsRows : dropsRows)(context.stratum, relation);
  if (!drops && place === undefined && rank === undefined) return visit;
  return (row) => {
    if (drops && isDropped(store, row)) return false;
    if (place !== undefined) slots[place] = row;
    if (rank !== undefined) slots[rank] = rankOf(store, row);
    return visit(row);
  };
}

type Scan = Extract<Operation, { kind: "scan" }>;
type Probe = Extract<Operation, { kind: "probe" }>;

/** A closure that makes one over the pairs of an equivalence. */
function pairVisitor(context: Context, columns: readonly ColumnUse[], then: Operation): VisitorOf {
  return (read) => visitor(context, columns, operation(context, then), read);
}

function visitor(
  context: Context,
  columns: readonly ColumnUse[],
  then: Run,
  reader: (column: number) => (item: number) => Word,
): (item: number) => boolean {
  const { slots } = context;
  let visit: (item: number) => boolean = then;
  for (const [column, use] of [...columns.entries()].toReversed()) {
    if (use.kind === "ignore") continue;
    const read = reader(column);
    const next = visit;
    if (use.kind === "bind") {
      visit = (item) => {
        slots[use.slot] = read(item);
        return next(item);
      };
    } else {
      const equals = value(context, use.equals);
      visit = (item) => read(item) === equals() && next(item);
    }
  }
  return visit;
}

/** A closure that computes a tuple. The array is the same each time. */
function tupleOf(context: Context, expressions: readonly Expression[]): () => Int32Array {
  const words: readonly ValueOf[] = expressions.map((expression) => value(context, expression));
  const tuple = new Int32Array(words.length);
  return () => {
    for (let at = 0; at < words.length; at++) tuple[at] = words[at]!();
    return tuple;
  };
}

/** A closure that computes a key to look up, and counts it where that is asked for. */
function soughtKey(context: Context, expressions: readonly Expression[]): () => Int32Array {
  const { tally } = context;
  const key = tupleOf(context, expressions);
  if (tally === undefined || expressions.length === 0) return key;
  return () => {
    tally.probes++;
    return key();
  };
}

function indexOf(
  context: Context,
  relation: number,
  columns: readonly number[],
  composed?: ComposedWith,
): { index: Index; form: IndexForm } {
  const needs = indexNeeds(context.stratum);
  const at = placeOf(needs, relation, columns, composed);
  return { index: context.indexes[at] as Index, form: needs[at]!.form };
}

function formOf(context: Context, relation: number, columns: readonly number[]): IndexForm {
  return indexNeeds(context.stratum)[needAt(context, relation, columns)]!.form;
}

function needAt({ stratum }: Context, relation: number, columns: readonly number[]): number {
  return placeOf(indexNeeds(stratum), relation, columns);
}
