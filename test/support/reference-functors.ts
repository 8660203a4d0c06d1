// What each functor, comparison, test and aggregate means, written down once more from the language
// and not from `src/value`: integers are BigInts that wrap, floats are JavaScript's, and a symbol is
// the string of its UTF-8 bytes, one character for each byte, so that length, order and parts are
// those of the bytes.
import { assert } from "../../src/base/assert.ts";
import type { Aggregate, Comparison, Functor, SymbolTest } from "../../src/value/operator.ts";
import {
  structured,
  type Domain,
  type BranchValue,
  type PrimitiveValue,
  type RecordValue,
  type Value,
  type ValueKind,
} from "../../src/value/schema.ts";
import type { Structures } from "../../src/value/structure.ts";
import type { UserFunctor } from "../../src/value/user-functor.ts";
import { testFunctors } from "./functors.ts";
import { fieldValues, isBranch } from "../../src/value/structures.ts";
import { mapped } from "./reference-structures.ts";

/** A computation without a value: a division by zero, a text that is no number. */
export class ReferenceFault extends Error {}

/** A value as the reference holds it: wrapped or rounded to the domain, a symbol as bytes. */
export function held(
  domain: Domain,
  kind: ValueKind,
  value: Value,
  structures: Structures = new Map(),
): Value {
  if (structured(kind)) {
    const leaf = (of: ValueKind, part: Value): Value => held(domain, of, part);
    return mapped(structures, kind, value, leaf);
  }
  if (kind === "symbol") return Buffer.from(String(primitive(value)), "utf8").toString("latin1");
  if (kind === "number") return BigInt.asIntN(domain, value as bigint);
  if (kind === "unsigned") return BigInt.asUintN(domain, value as bigint);
  return rounded(domain, value as number);
}

/** The value that `held` holds, as everyone else has it. */
export function shown(kind: ValueKind, value: Value, structures: Structures = new Map()): Value {
  if (structured(kind)) return mapped(structures, kind, value, (of, part) => shown(of, part));
  return kind === "symbol" ? textOf(value) : value;
}

/** The result of a functor on operands of one kind. */
export function applied(
  domain: Domain,
  name: Functor,
  of: ValueKind,
  operands: readonly PrimitiveValue[],
): PrimitiveValue {
  const [first = 0n, second = 0n] = operands;
  if (name === "min") return operands.reduce((a, b) => (order(b, a) < 0 ? b : a));
  if (name === "max") return operands.reduce((a, b) => (order(b, a) > 0 ? b : a));
  if (name === "cat") return operands.join("");
  if (name === "strlen") return BigInt(String(first).length);
  if (name === "substr") return substr(operands as [string, bigint, bigint]);
  if (name === "ord" || name.startsWith("as_")) return reinterpreted(domain, name, of, first);
  if (name === "to_number") return toInteger(domain, "number", of, first);
  if (name === "to_unsigned") return toInteger(domain, "unsigned", of, first);
  if (name === "to_float") return toFloat(domain, of, first);
  if (name === "to_string") {
    return of === "float" ? sixDecimals(first as number) : String(first);
  }
  if (name === "pow" && of !== "float") {
    const power = powerOfIntegers(first as bigint, second as bigint);
    return wrapped(domain, of, integerOfFloat(domain, of, power));
  }
  if (name === "sat_add" || name === "sat_sub" || name === "sat_mul") {
    const [a, b] = [first as bigint, second as bigint];
    const exact = name === "sat_add" ? a + b : name === "sat_sub" ? a - b : a * b;
    const bits = BigInt(domain);
    const least = of === "number" ? -(2n ** (bits - 1n)) : 0n;
    const most = of === "number" ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
    return exact < least ? least : exact > most ? most : exact;
  }
  if (of === "float") {
    const compute = onFloats[name];
    assert(compute !== undefined, `no functor ${name} on floats`);
    return rounded(domain, compute(first as number, second as number));
  }
  const compute = onIntegers[name];
  assert(compute !== undefined, `no functor ${name} on integers`);
  return wrapped(domain, of, compute(first as bigint, second as bigint, domain));
}

/** The result of a functor that the program declares, on values as the reference holds them. */
export function called(
  domain: Domain,
  { name, parameters, result }: UserFunctor,
  operands: readonly Value[],
  structures: Structures,
): Value {
  const given = operands.map((value, at) => shown(parameters[at]!, value, structures));
  let found: unknown;
  try {
    found = testFunctors()[name]?.(...(given as never[]));
  } catch (error) {
    throw new ReferenceFault(String(error));
  }
  const wanted = { number: "bigint", unsigned: "bigint", float: "number", symbol: "string" };
  const type = structured(result) ? "object" : wanted[result];
  if (typeof found !== type) throw new ReferenceFault(`@${name} gave ${String(found)}`);
  const value = held(domain, result, found as Value, structures);
  if (type === "bigint" && value !== found)
    throw new ReferenceFault(`@${name} gave ${String(found)}`);
  return value;
}

/** Whether two values stand in a relation. NaN equals itself, and is neither less nor greater. */
export function compared(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case "=":
      return Object.is(left, right);
    case "!=":
      return !Object.is(left, right);
    case "<":
      return primitive(left) < primitive(right);
    case "<=":
      return primitive(left) <= primitive(right);
    case ">":
      return primitive(left) > primitive(right);
    case ">=":
      return primitive(left) >= primitive(right);
  }
}

/** Whether a text passes a test; undefined for a pattern that is none. */
export function tested(word: SymbolTest, left: Value, right: Value): boolean | undefined {
  if (word === "contains") return String(primitive(right)).includes(String(primitive(left)));
  if (/\{(?!\d)/.test(textOf(left))) return undefined;
  try {
    return new RegExp(`^(?:${textOf(left).replaceAll("[:digit:]", "0-9")})$`).test(textOf(right));
  } catch {
    return undefined;
  }
}

/** The aggregate of these values (of `count` only their number matters), or undefined. */
export function aggregated(
  domain: Domain,
  name: Aggregate,
  of: ValueKind,
  values: readonly Value[],
): Value | undefined {
  if (name === "count") return wrapped(domain, "number", BigInt(values.length));
  const sorted = values.toSorted(order);
  if (name === "min") return sorted[0];
  if (name === "max") return sorted.at(-1);
  if (of !== "float") {
    return wrapped(
      domain,
      of,
      (sorted as bigint[]).reduce((sum, value) => sum + value, 0n),
    );
  }
  const sum = (sorted as number[]).reduce((so, value) => rounded(domain, so + value), 0);
  if (name === "sum") return sum;
  return sorted.length === 0 ? undefined : rounded(domain, sum / sorted.length);
}

/** What is ordered is no structure. */
function primitive(value: Value): PrimitiveValue {
  assert(typeof value !== "object", "structures have no order in programs");
  return value;
}

/** The order of values of one kind; NaN is the greatest. */
export function order(a: Value, b: Value): number {
  if (typeof a === "object" || typeof b === "object") return orderOfStructures(a, b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `nil` comes first, then branches by name, then the first field that differs decides. */
function orderOfStructures(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  const [left, right] = [a, b].map((value) => value as BranchValue | RecordValue);
  const [name, other] = [left, right].map((value) => (isBranch(value!) ? value.branch : ""));
  if (name !== other) return name! < other! ? -1 : 1;
  const [sizeA, sizeB] = [fieldValues(a), fieldValues(b)].map(({ length }) => length);
  if (sizeA !== sizeB) return sizeA! - sizeB!;
  const [fields, others] = [left, right].map((value) => fieldValues(value!));
  const differences = fields!.map((field, at) => order(field, others![at]!));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** The values of `range(from, to, step)`. */
export function* ranged(
  domain: Domain,
  of: ValueKind,
  first: Value,
  last: Value,
  step: Value | undefined,
): Generator<Value> {
  const [from, to] = [primitive(first), primitive(last)];
  const one = of === "float" ? 1 : 1n;
  const zero = of === "float" ? 0 : 0n;
  const down = from > to;
  const by = step === undefined ? (down ? -one : one) : primitive(step);
  const up = order(by, zero) > 0;
  if (of === "unsigned" && step === undefined && down) {
    for (let at = from as bigint; at > (to as bigint); at--) yield at;
  } else if (order(by, zero) === 0) {
    if (order(from, to) !== 0) yield from;
  } else {
    type Step = PrimitiveValue;
    const next = (at: Step): Step => applied(domain, "add", of, [at, by]);
    const before = (at: Step): boolean => (up ? at < to : at > to);
    const onwards = (at: Step, then: Step): boolean => (up ? then > at : then < at);
    for (let at = from; before(at);) {
      yield at;
      const then = next(at);
      if (!onwards(at, then)) return;
      at = then;
    }
  }
}

function rounded(domain: Domain, value: number): number {
  // Adding 0 makes -0 of it 0.
  return (domain === 32 ? Math.fround(value) : value) + 0;
}

function wrapped(domain: Domain, of: ValueKind, value: bigint): bigint {
  return of === "unsigned" ? BigInt.asUintN(domain, value) : BigInt.asIntN(domain, value);
}

function textOf(symbol: Value): string {
  return Buffer.from(String(primitive(symbol)), "latin1").toString("utf8");
}

const onFloats: Partial<Record<Functor, (a: number, b: number) => number>> = {
  neg: (a) => -a,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => power(a, b),
};

const onIntegers: Partial<Record<Functor, (a: bigint, b: bigint, domain: Domain) => bigint>> = {
  neg: (a) => -a,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / notZero(b),
  mod: (a, b) => a % notZero(b),
  bnot: (a) => ~a,
  band: (a, b) => a & b,
  bor: (a, b) => a | b,
  bxor: (a, b) => a ^ b,
  bshl: (a, b, domain) => a << shift(b, domain),
  bshr: (a, b, domain) => a >> shift(b, domain),
  bshru: (a, b, domain) => BigInt.asUintN(domain, a) >> shift(b, domain),
  lnot: (a) => truth(a === 0n),
  land: (a, b) => truth(a !== 0n && b !== 0n),
  lor: (a, b) => truth(a !== 0n || b !== 0n),
  lxor: (a, b) => truth((a !== 0n) !== (b !== 0n)),
};

function notZero(value: bigint): bigint {
  if (value === 0n) throw new ReferenceFault("division by zero");
  return value;
}

/** Only the low five or six bits of the right side of a shift count. */
function shift(value: bigint, domain: Domain): bigint {
  return BigInt.asUintN(domain === 32 ? 5 : 6, value);
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

/** C's pow, which differs from JavaScript's in 1^NaN, 1^inf and (-1)^inf. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

/** The double that is nearest to the power: JavaScript's may be the one beside it. */
function powerOfIntegers(a: bigint, b: bigint): number {
  return b >= 0n && b < 1100n ? Number(a ** b) : power(Number(a), Number(b));
}

/** A float that is cast to an integer, as x86 does it where C leaves it open. */
function integerOfFloat(domain: Domain, of: ValueKind, value: number): bigint {
  const within = (bits: number): boolean => {
    const whole = Math.trunc(value);
    return whole >= -(2 ** (bits - 1)) && whole < 2 ** (bits - 1);
  };
  const least = (bits: number): bigint => -(2n ** BigInt(bits - 1));
  if (of === "number") return within(domain) ? BigInt(Math.trunc(value)) : least(domain);
  // An unsigned is made by way of a signed integer of 64 bits, and the upper half of the range by
  // way of what is left above 2^63.
  if (within(64)) return BigInt(Math.trunc(value));
  if (domain === 64 && value >= 2 ** 63) return value < 2 ** 64 ? BigInt(value) : 0n;
  return least(64);
}

function toInteger(domain: Domain, to: "number" | "unsigned", of: ValueKind, value: Value): bigint {
  if (of === "float") return wrapped(domain, to, integerOfFloat(domain, to, value as number));
  if (of !== "symbol") return wrapped(domain, to, value as bigint);
  const found = /^\s*(?:0x[0-9a-f]+|0b[01]+|[-+]?\d+)/i.exec(String(primitive(value)))?.[0].trim();
  const number = found === undefined ? undefined : BigInt(found.replace("+", ""));
  if (number === undefined || wrapped(domain, to, number) !== number) {
    throw new ReferenceFault(`${JSON.stringify(value)} is no ${to}`);
  }
  return number;
}

function toFloat(domain: Domain, of: ValueKind, value: Value): number {
  if (of !== "symbol") return rounded(domain, Number(value));
  const number = Number.parseFloat(String(primitive(value)));
  if (Number.isNaN(number)) throw new ReferenceFault(`${JSON.stringify(value)} is no float`);
  return rounded(domain, number);
}

/** The value that has the same bits. */
function reinterpreted(
  domain: Domain,
  name: Functor,
  of: ValueKind,
  value: PrimitiveValue,
): PrimitiveValue {
  if (of === "symbol") return value;
  const view = new DataView(new ArrayBuffer(8));
  if (of !== "float") view.setBigUint64(0, BigInt.asUintN(64, value as bigint));
  else if (domain === 64) view.setFloat64(0, value as number);
  else view.setFloat32(4, value as number);
  if (name !== "as_float") return wrapped(domain, kindAfter(name), view.getBigUint64(0));
  return rounded(domain, domain === 64 ? view.getFloat64(0) : view.getFloat32(4));
}

function kindAfter(name: Functor): ValueKind {
  return name === "as_unsigned" ? "unsigned" : "number";
}

function substr([symbol, at, length]: [string, bigint, bigint]): string {
  if (at < 0n || at > BigInt(symbol.length)) return "";
  return length < 0n ? symbol.slice(Number(at)) : symbol.slice(Number(at), Number(at + length));
}

/** The exact value of a double, rounded to six decimals, a tie to the even one. */
function sixDecimals(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  // Every double is an integer divided by 2^1074.
  let [integer, halvings] = [Math.abs(value), 0];
  while (!Number.isInteger(integer)) [integer, halvings] = [integer * 2, halvings + 1];
  const scaled = BigInt(integer) * 1_000_000n;
  const unit = 1n << BigInt(halvings);
  const [whole, twice] = [scaled / unit, (scaled % unit) * 2n];
  const up = twice > unit || (twice === unit && whole % 2n === 1n);
  const digits = String(whole + (up ? 1n : 0n)).padStart(7, "0");
  return `${value < 0 ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
