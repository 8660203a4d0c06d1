// The orders in which values grow, and which functors keep them. What is not in the table leaves
// the lattice.
import type { Functor } from "../value/operator.ts";
import type { PrimitiveKind, ValueKind } from "../value/schema.ts";
import type { Lattice, Relation } from "./program.ts";

/** A direction in which a value goes as facts are added: `up` and `down` in the order of numbers
 * and symbols; from false to true (not 0) and back; by getting bits, and by losing them; as a
 * set gets elements; as a map gets keys and its values go on in their order; in a declared
 * lattice. */
export type Order =
  | "up"
  | "down"
  | "truth-up"
  | "truth-down"
  | "bits-up"
  | "bits-down"
  | "union"
  | `map ${string}`
  | `lattice ${string}`;

/** The orders that have no name of a program in them. */
export const plainOrders = [
  ...(["up", "down", "truth-up", "truth-down", "bits-up", "bits-down", "union"] as const),
] satisfies readonly Order[];

/** What an argument does where a functor keeps an order: it goes in the same order, in the opposite
 * one, stays as it is, or stays and is a number for sure that is finite, or of this sign. */
export type Requirement =
  | "same"
  | "opposite"
  | "constant"
  | "finite"
  | "not negative"
  | "not positive"
  | "positive"
  | "finite and positive";

/** That a functor's result goes in one of these orders where each argument does what is required;
 * the last requirement is that of the last argument, and where there are more than
 * requirements, the one before it that of all others. */
export type Keeping = {
  readonly functor: Functor;
  readonly orders: readonly Order[];
  /** The kinds of the operands; all where absent. */
  readonly of?: readonly PrimitiveKind[];
  readonly needs: readonly Requirement[];
};

const numeric: readonly Order[] = ["up", "down"];
const truth: readonly Order[] = ["truth-up", "truth-down"];
const bits: readonly Order[] = ["bits-up", "bits-down"];
const integers: readonly PrimitiveKind[] = ["number", "unsigned"];
const floats: readonly PrimitiveKind[] = ["float"];

/** The table functor × argument × order. Integers that wrap keep no order, hence `sat_add` (what
 * `+` is on lattice values) and not `add`; nor does `-x`, as the least number is its own
 * negative. Of floats the other operand is finite: `inf - inf` is NaN, the greatest of all. */
export const keepings: readonly Keeping[] = [
  { functor: "sat_add", orders: numeric, needs: ["same", "same"] },
  { functor: "sat_sub", orders: numeric, needs: ["same", "opposite"] },
  { functor: "sat_mul", orders: numeric, of: ["unsigned"], needs: ["same", "same"] },
  { functor: "sat_mul", orders: numeric, needs: ["same", "not negative"] },
  { functor: "sat_mul", orders: numeric, needs: ["not negative", "same"] },
  { functor: "sat_mul", orders: numeric, needs: ["opposite", "not positive"] },
  { functor: "sat_mul", orders: numeric, needs: ["not positive", "opposite"] },
  { functor: "add", orders: numeric, of: floats, needs: ["same", "finite"] },
  { functor: "add", orders: numeric, of: floats, needs: ["finite", "same"] },
  { functor: "sub", orders: numeric, of: floats, needs: ["same", "finite"] },
  { functor: "mul", orders: numeric, of: floats, needs: ["same", "finite and positive"] },
  { functor: "mul", orders: numeric, of: floats, needs: ["finite and positive", "same"] },
  { functor: "div", orders: numeric, of: integers, needs: ["same", "positive"] },
  { functor: "div", orders: numeric, of: floats, needs: ["same", "finite and positive"] },
  { functor: "min", orders: numeric, needs: ["same", "same"] },
  { functor: "max", orders: numeric, needs: ["same", "same"] },
  { functor: "cat", orders: numeric, of: ["symbol"], needs: ["constant", "same"] },
  { functor: "to_float", orders: numeric, of: ["number", "unsigned", "float"], needs: ["same"] },
  { functor: "lor", orders: truth, of: integers, needs: ["same", "same"] },
  { functor: "land", orders: truth, of: integers, needs: ["same", "same"] },
  { functor: "lnot", orders: truth, of: integers, needs: ["opposite"] },
  { functor: "bor", orders: bits, of: integers, needs: ["same", "same"] },
  { functor: "band", orders: bits, of: integers, needs: ["same", "same"] },
  { functor: "bnot", orders: bits, of: integers, needs: ["opposite"] },
  { functor: "bshl", orders: bits, of: integers, needs: ["same", "constant"] },
  { functor: "bshr", orders: bits, of: integers, needs: ["same", "constant"] },
  { functor: "bshru", orders: bits, of: integers, needs: ["same", "constant"] },
  { functor: "union", orders: ["union"], needs: ["same", "same"] },
  { functor: "intersection", orders: ["union"], needs: ["same", "same"] },
];

/** The rows of the table by functor. */
export const keepingsOf: ReadonlyMap<string, readonly Keeping[]> = new Map(
  [...new Set(keepings.map(({ functor }) => functor))].map((functor) => [
    functor,
    keepings.filter((of) => of.functor === functor),
  ]),
);

/** What the argument at a place of `count` has to do. */
export function requirementAt({ needs }: Keeping, at: number, count: number): Requirement {
  // Of `cat` the last one alone may change, however many there are.
  return (at === count - 1 ? needs.at(-1) : needs[Math.min(at, needs.length - 2)]) ?? "constant";
}

/** The order of the values for which larger ones are smaller here. */
export function opposite(order: Order): Order | undefined {
  return opposites[order];
}

const opposites: Partial<Record<Order, Order>> = {
  up: "down",
  down: "up",
  "truth-up": "truth-down",
  "truth-down": "truth-up",
  "bits-up": "bits-down",
  "bits-down": "bits-up",
};

/** The order in which a lattice's values grow; undefined where its `lub` is a built-in functor that
 * makes no lattice. */
export function orderOf({ lub, name, maps = 0 }: Lattice): Order | undefined {
  if (lub.kind !== "functor") return undefined;
  const inner: Order | undefined =
    lub.name === "user" ? `lattice ${bareName(name)}` : joined[lub.name];
  return inner === undefined ? undefined : mapOf(inner, maps);
}

const joined: Partial<Record<Functor, Order>> = {
  max: "up",
  min: "down",
  lor: "truth-up",
  land: "truth-down",
  bor: "bits-up",
  band: "bits-down",
  union: "union",
};

function mapOf(inner: Order, maps: number): Order {
  return maps === 0 ? inner : mapOf(`map ${inner}`, maps - 1);
}

/** The order of the values of maps that go in `order`; undefined where those are no maps. */
export function valueOrder(order: Order): Order | undefined {
  return order.startsWith("map ") ? (order.slice("map ".length) as Order) : undefined;
}

/** The name of a lattice as contracts have it: without what stands in `<…>`; of maps, the name of
 * the lattice of the values in the innermost, which alone has laws of its own. */
export function bareName(name: string): string {
  return /([^\s<,]+)<[^<>]*>+$/.exec(name)?.[1] ?? name;
}

/** A lattice whose values go in `order`, as attributes name it: a predeclared one, or else one
 * of an attribute of `relations`. */
export function latticeName(
  order: Order,
  kind: ValueKind,
  relations: readonly Pick<Relation, "attributes" | "lattices">[],
): string {
  const name = names[order];
  if (name !== undefined) return `${name}<${kind === "number" ? "" : kind}>`;
  for (const { attributes, lattices = [] } of relations) {
    const keys = attributes.length - lattices.length;
    const of = lattices.find(
      (lattice, at) => attributes[keys + at]?.kind === kind && orderOf(lattice) === order,
    );
    if (of !== undefined) return of.name;
  }
  return kind.replace(/^record /, "");
}

const names: Partial<Record<Order, string>> = {
  up: "Max",
  down: "Min",
  "truth-up": "Or",
  "truth-down": "And",
};
