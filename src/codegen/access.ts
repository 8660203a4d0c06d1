// Which indexes a stratum's rules need and how operations reach rows: decided here for both ways of
// running a plan.
import type { Operation, RulePlan, StratumPlan, Window } from "../plan/plan.ts";
import type { IndexForm, ComposedWith, SetForm } from "./store.ts";

/** An index that a stratum's rules use. */
export type IndexNeed = {
  readonly relation: number;
  readonly columns: readonly number[];
  readonly form: IndexForm;
  /** It is of values, and has to tell which of a group's are of stable rows. */
  readonly windowed?: true;
  /** It is of the composition with another relation, whose values it has. */
  readonly composed?: ComposedWith;
};

/** A stratum's plan for sets of certain forms, by relation: tables unless given. Where it is
 * `tallied`, code counts what it does. */
export type FormedStratum = StratumPlan & {
  readonly forms?: readonly SetForm[];
  readonly tallied?: boolean;
};

type Probe = Extract<Operation, { kind: "probe" }>;
type Exists = Extract<Operation, { kind: "exists" }>;
type Scan = Extract<Operation, { kind: "scan" }>;

/** Returns the indexes that the rules of a stratum use, each set of columns once, in the order in
 * which the rules first name them. Compiled code refers to them by place. */
export function indexNeeds(stratum: StratumPlan): readonly IndexNeed[] {
  const needs = new Map<string, IndexNeed>();
  for (const { relation, window, columns, composed, placed } of accesses(stratum)) {
    const key = keyOf(relation, columns, composed);
    const { attributes, equivalence } = stratum.relations[relation]!;
    if (equivalence === true) continue;
    if (composed !== undefined) {
      needs.set(key, { relation, columns, form: "values", windowed: true, composed });
      continue;
    }
    if (findsTuples(stratum, relation, columns)) {
      needs.set(key, { relation, columns, form: "tuples" });
      continue;
    }
    const before = needs.get(key);
    const windowed = window !== "full";
    const rows =
      before?.form === "rows" ||
      placed === true ||
      columns.length + 1 !== attributes.length ||
      dropsRows(stratum, relation) ||
      (windowed && !tellsStable(stratum, relation, columns));
    if (rows) needs.set(key, { relation, columns, form: "rows" });
    else if (windowed) needs.set(key, { relation, columns, form: "values", windowed });
    else if (before === undefined) needs.set(key, { relation, columns, form: "values" });
  }
  return [...needs.values()];
}

/** Whether an index of values can tell which are of stable rows. It counts them as the rounds of a
 * fixpoint go on, where a key of one word leaves a word of its slot for that. */
function tellsStable(
  { computes, maintained, losing }: StratumPlan,
  relation: number,
  columns: readonly number[],
): boolean {
  return (
    columns.length === 1 && computes.includes(relation) && maintained !== true && losing !== true
  );
}

/** Whether rows of a relation may be dropped while the stratum is evaluated: who meets one has to
 * look. */
export function dropsRows(stratum: StratumPlan, relation: number): boolean {
  const removed = stratum.losing === true && stratum.intact !== true;
  return removed || subsumesRows(stratum, relation);
}

/** The same of a scan, which also meets rows that indexes have let go of. */
export function scanDropsRows(stratum: StratumPlan, relation: number): boolean {
  const removed = stratum.losing === true || stratum.holes === true;
  return removed || dropsRows(stratum, relation);
}

/** Whether tuples may be dropped that the table of a relation still knows. Those of strata below
 * are gone, unless evaluations follow each other. */
function subsumesRows({ relations, computes, maintained }: StratumPlan, relation: number): boolean {
  return (
    relations[relation]!.subsumed === true && (maintained === true || computes.includes(relation))
  );
}

/** The place of an index among those of a stratum. */
export function placeOf(
  needs: readonly IndexNeed[],
  relation: number,
  columns: readonly number[],
  composed?: ComposedWith,
): number {
  const key = keyOf(relation, columns, composed);
  return needs.findIndex((need) => keyOf(need.relation, need.columns, need.composed) === key);
}

/** The probe that a probe is composed with; nothing where it goes through rows of its own. */
export function composedProbe({ composed, then }: Probe): Probe | undefined {
  return composed === true && then.kind === "probe" ? then : undefined;
}

/** What the index of a probe is composed with, if it is. */
export function composedWith(probe: Probe): ComposedWith | undefined {
  const inner = composedProbe(probe);
  return inner && { relation: inner.relation, column: inner.index[0]! };
}

/** How an `exists` is answered: by the number of rows that are kept, or of rows (where some may be
 * dropped, by going through them), by the table of whole tuples, by an index.
 * The table of a relation that the stratum computes is no answer: it knows pending tuples, which
 * no rule may see; nor is that of one whose rows are subsumed, or where only some rows are asked
 * for. While tuples are removed it is one: what is derived by a pending tuple comes after it, too,
 * and an index would have to tell which rows are dropped. */
export function lookup(
  stratum: StratumPlan,
  { index, relation, window }: Exists,
): "kept" | "size" | "table" | "index" {
  const below = !stratum.computes.includes(relation) && window === "full";
  if (index.length === 0) return below && scanDropsRows(stratum, relation) ? "kept" : "size";
  const whole = index.length === stratum.relations[relation]!.attributes.length;
  const known = below || (stratum.losing === true && window === "full");
  return whole && known && !subsumesRows(stratum, relation) ? "table" : "index";
}

/** Whether rows that an `exists` is answered by have to be looked at: they may be dropped, or are
 * those of whole tuples. */
export function looksAtRows(stratum: StratumPlan, operation: Exists): boolean {
  const { relation, index } = operation;
  switch (lookup(stratum, operation)) {
    case "size":
      return scanDropsRows(stratum, relation);
    case "index":
      return dropsRows(stratum, relation) || findsTuples(stratum, relation, index);
    case "kept":
    case "table":
      return false;
  }
}

/** Whether an index is of whole tuples, whose rows it finds. */
function findsTuples(
  { losing, relations }: StratumPlan,
  relation: number,
  columns: readonly number[],
): boolean {
  return losing === true && columns.length === relations[relation]!.attributes.length;
}

/** The scan that a rule begins with, if it does: such a rule can be run on some rows at a time.
 * Where one match is enough it stops at the first among these. */
export function firstScan({ root }: RulePlan): Scan | undefined {
  const begin = root.kind === "first" ? root.body : root;
  return begin.kind === "scan" ? begin : undefined;
}

/** The relations whose tuples a rule derives or drops, each once: one, unless it stands for rules
 * that begin alike. */
export function headsOf({ root }: RulePlan): readonly number[] {
  return [...new Set(leaves(root))];
}

function leaves(root: Operation): readonly number[] {
  let operation = root;
  while ("then" in operation) operation = operation.then;
  if (operation.kind === "fork") return operation.branches.flatMap(leaves);
  return "relation" in operation ? [operation.relation] : [];
}

/** The relations whose sets a rule works on: tuples are put into them or looked up in them. */
export function setsOf(stratum: StratumPlan, rule: RulePlan): readonly number[] {
  const looked = [...operations(rule.root)].flatMap((operation) =>
    operation.kind === "exists" && lookup(stratum, operation) === "table"
      ? [operation.relation]
      : [],
  );
  return [...headsOf(rule), ...looked];
}

/** The relation that a variant of a rule reads the delta of; -1 where it reads none. */
export function deltaOf({ root }: RulePlan): number {
  for (const operation of operations(root))
    if ("window" in operation && operation.window === "delta") return operation.relation;
  return -1;
}

/** The places of the indexes that a rule of a stratum works on among those of the stratum, in the
 * order in which it names them. */
export function indexPlaces(stratum: StratumPlan, rule: RulePlan): readonly number[] {
  const needs = indexNeeds(stratum);
  const { subsumptions: _, ...rest } = stratum;
  const named = [...accesses({ ...rest, once: [], rounds: [rule] })];
  return named
    .map(({ relation, columns, composed }) => placeOf(needs, relation, columns, composed))
    .filter((place) => place >= 0);
}

type Access = {
  readonly relation: number;
  readonly window: Window;
  readonly columns: readonly number[];
  readonly composed?: ComposedWith;
  /** It is asked which rows they are. */
  readonly placed?: boolean;
};

function* accesses(stratum: StratumPlan): Generator<Access> {
  const { once, rounds, subsumptions = [] } = stratum;
  for (const { root } of [...once, ...rounds, ...subsumptions]) {
    for (const operation of operations(root)) {
      if (operation.kind === "probe") {
        const { relation, window, index: columns, row, rank } = operation;
        const placed = row !== undefined || rank !== undefined;
        const composed = composedWith(operation);
        // What an index is composed with is extended before it.
        if (composed !== undefined)
          yield { relation: composed.relation, window: "full", columns: [composed.column] };
        yield { relation, window, columns, placed, ...(composed !== undefined && { composed }) };
      }
      if (operation.kind === "exists" && lookup(stratum, operation) === "index")
        yield { ...operation, columns: operation.index };
      if (operation.kind === "keys")
        yield { relation: operation.relation, window: "full", columns: operation.index };
      if (operation.kind === "intersect")
        for (const { relation, index: columns } of operation.sides)
          yield { relation, window: "full", columns };
    }
  }
}

function* operations(root: Operation): Generator<Operation> {
  let operation = root;
  for (;;) {
    yield operation;
    if ("body" in operation) yield* operations(operation.body);
    if (operation.kind === "fork") for (const one of operation.branches) yield* operations(one);
    if (!("then" in operation)) return;
    operation = operation.then;
  }
}

/** Names an index among those of a stratum. */
function keyOf(relation: number, columns: readonly number[], composed?: ComposedWith): string {
  const key = `${relation}:${columns.join(",")}`;
  return composed === undefined ? key : `${key} composed ${composed.relation}:${composed.column}`;
}
