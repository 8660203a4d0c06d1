import type { Backend } from "../../src/codegen/backend.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type {
  Expression,
  Operation,
  Plan,
  RelationPlan,
  RulePlan,
  StratumPlan,
} from "../../src/plan/plan.ts";
import type { Domain, Value, ValueKind } from "../../src/value/schema.ts";

/** A plan of one stratum that is written by hand, where a text would not give it. */
export type HandPlan = {
  readonly domain?: Domain;
  /** Names and the kinds of columns. */
  readonly relations: Readonly<Record<string, readonly ValueKind[]>>;
  readonly facts?: readonly { readonly relation: number; readonly values: readonly Value[] }[];
  readonly computes: readonly number[];
  readonly once?: readonly HandRule[];
  readonly rounds?: readonly HandRule[];
};

/** A rule by its operations; slots are all of one kind. */
export type HandRule = {
  readonly root: Operation;
  readonly slots: number;
  readonly of?: ValueKind;
};

/** Returns the plan as the engine takes it. */
export function planOf({ domain = 64, relations, facts = [], computes, ...rules }: HandPlan): Plan {
  const schemas: RelationPlan[] = Object.entries(relations).map(([name, kinds]) => ({
    name,
    attributes: kinds.map((kind, at) => ({ name: `x${at}`, type: kind, kind })),
  }));
  const variants = (given: readonly HandRule[] = []): RulePlan[] =>
    given.map(({ root, slots, of = "number" }, rule) => ({
      rule,
      text: `rule ${rule}`,
      span: { source: { path: "hand.dl", text: "" }, start: 0, end: 0 },
      slots: Array.from({ length: slots }, (_, at) => ({ name: `v${at}`, kind: of })),
      root,
    }));
  const stratum: StratumPlan = {
    at: 0,
    domain,
    relations: schemas,
    computes,
    once: variants(rules.once),
    rounds: variants(rules.rounds),
    indexes: [],
  };
  const plan = { domain, relations: schemas, facts, strata: [computes], stratum: () => stratum };
  const revised = (_: number, before: StratumPlan): StratumPlan => before;
  const upkeep = {
    ...{ derived: true, joins: [], wholes: [], ownLattices: false, anew: true },
    removable: false as const,
  };
  const maintained = {
    ...{ upkeep: () => upkeep, maintenance: () => stratum, removalRelations: () => [] },
    removal: () => {
      throw new Error("no tuples are removed");
    },
  };
  return { ...plan, revised, ...maintained, functors: [], structures: new Map() };
}

/** Runs a plan; returns the rows of each relation as printed, in order of insertion. */
export function rowsOf(hand: HandPlan, backend: Backend): Record<string, string[]> {
  const plan = planOf(hand);
  const database = new Database(plan);
  const { diagnostics } = evaluate(plan, database, { backend });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join());
  const rows = database.relations.map(({ schema, size, tuples }): [string, string[]] => [
    schema.name,
    Array.from({ length: size }, (_, row) =>
      schema.attributes
        .map(({ kind }, at) => database.values.print(kind, tuples.columns[at]![row]!))
        .join(" "),
    ),
  ]);
  return Object.fromEntries(rows);
}

/** A slot's value. */
export function slot(at: number): Expression {
  return { kind: "slot", slot: at };
}

/** A constant. */
export function constant(of: ValueKind, value: Value): Expression {
  return { kind: "constant", of, value };
}

/** The sum of two numbers. */
export function plus(left: Expression, right: Expression): Expression {
  const span = { source: { path: "hand.dl", text: "" }, start: 0, end: 0 };
  return { kind: "call", functor: "add", of: "number", arguments: [left, right], span };
}
