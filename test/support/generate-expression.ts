import type { Random } from "../../src/base/random.ts";
import type { Domain, ValueKind } from "../../src/value/schema.ts";

/** A variable of a generated rule that has values. */
export type Bound = { readonly name: string; readonly kind: ValueKind };

/** A literal of this kind: mostly one of few, so that joins find something; at times one of those at
 * which representations change. */
export function constant(kind: ValueKind, chance: Random, domain: Domain): string {
  switch (kind) {
    case "number":
      if (chance.chance(0.08)) return String(edge(chance, domain));
      return String(chance.between(-1, chance.chance(0.2) ? 12 : 4));
    case "unsigned":
      if (chance.chance(0.08)) return `${BigInt.asUintN(domain, edge(chance, domain))}u`;
      return `${chance.between(0, 4)}u`;
    case "float":
      return chance.pick(["0.0", "0.5", "1.0", "-1.5", "2.25", "0.1", "3.0", "1000000.0"]);
    case "symbol":
      return chance.pick([
        '""',
        '"a"',
        '"b"',
        '"ab"',
        '"ba"',
        '"aab"',
        '"é"',
        '"7"',
        '"\u{10000}"',
      ]);
  }
}

function edge(chance: Random, domain: Domain): bigint {
  const most = 2n ** BigInt(domain - 1) - 1n;
  const inlineMax = 2n ** 30n - 1n;
  const edges = [most, -most - 1n, inlineMax, inlineMax + 1n, -inlineMax - 1n, -inlineMax - 2n];
  const wide = [2n ** 31n, 2n ** 32n - 1n, 2n ** 53n + 1n, -(2n ** 31n) - 1n];
  return chance.pick(domain === 64 ? [...edges, ...wide] : edges);
}

/** Expressions of each kind over the variables in scope. None can fail: divisors and texts that
 * become numbers are constants. */
export class Expressions {
  private readonly chance: Random;
  private readonly domain: Domain;

  constructor(chance: Random, domain: Domain) {
    this.chance = chance;
    this.domain = domain;
  }

  /** An expression with at most `depth` functors above each other. */
  any(kind: ValueKind, scope: readonly Bound[], depth: number): string {
    if (depth === 0 || this.chance.chance(0.35)) return this.leaf(kind, scope);
    const inner = (of: ValueKind): string => this.any(of, scope, depth - 1);
    const known = (of: ValueKind): string => this.leaf(of, scope);
    switch (kind) {
      case "number":
        return this.number(inner, known);
      case "unsigned":
        return this.unsigned(inner);
      case "float":
        return this.float(inner, known);
      case "symbol":
        return this.symbol(inner, known);
    }
  }

  /** An expression that has few values, whatever the variables are. */
  bounded(kind: ValueKind, scope: readonly Bound[]): string {
    const number = this.any("number", scope, 1);
    switch (kind) {
      case "number":
        return this.chance.pick([
          `(${number}) % 4`,
          `(${number}) band 3`,
          `min(3, max(-1, ${number}))`,
        ]);
      case "unsigned":
        return `(${this.any("unsigned", scope, 1)}) % 5u`;
      case "float":
        return `to_float((${number}) % 3)`;
      case "symbol":
        return `substr(${this.leaf("symbol", scope)}, 0, 2)`;
    }
  }

  private leaf(kind: ValueKind, scope: readonly Bound[]): string {
    const known = scope.filter((variable) => variable.kind === kind);
    if (known.length > 0 && this.chance.chance(0.7)) return this.chance.pick(known).name;
    return constant(kind, this.chance, this.domain);
  }

  private number(inner: (of: ValueKind) => string, known: (of: ValueKind) => string): string {
    const { chance } = this;
    const [a, b] = [inner("number"), inner("number")];
    const ways: (() => string)[] = [
      () => `(${a} ${chance.pick(["+", "-", "*", "band", "bor", "bxor"])} ${b})`,
      () => `(${a} ${chance.pick(["/", "%"])} ${chance.pick(["2", "3", "-2", "7"])})`,
      () => `(${a} ${chance.pick(["bshl", "bshr", "bshru"])} ${chance.pick(["1", "2", "33", b])})`,
      () => `(${a} ${chance.pick(["land", "lor", "lxor"])} ${b})`,
      () => `((${known("number")}) ^ ${chance.pick(["0", "1", "2", "3", "-1"])})`,
      () => `${chance.pick(["bnot ", "lnot "])}(${a})`,
      () => `-(${a})`,
      () => `${chance.pick(["min", "max"])}(${a}, ${b}${chance.pick(["", ", 2"])})`,
      () => `strlen(${inner("symbol")})`,
      () => `to_number(${inner(chance.pick(["unsigned", "float", "number"]))})`,
      () => `to_number(to_string(${a}))`,
      () => `ord(${known("number")})`,
    ];
    return chance.pick(ways)();
  }

  private unsigned(inner: (of: ValueKind) => string): string {
    const { chance } = this;
    const [a, b] = [inner("unsigned"), inner("unsigned")];
    const ways: (() => string)[] = [
      () => `(${a} ${chance.pick(["+", "-", "*", "band", "bor", "bxor"])} ${b})`,
      () => `(${a} ${chance.pick(["/", "%"])} ${chance.pick(["2u", "3u", "7u"])})`,
      () => `(${a} ${chance.pick(["bshl", "bshr", "bshru"])} ${chance.pick(["1u", "2u", "33u"])})`,
      () => `(${a} ${chance.pick(["land", "lor", "lxor"])} ${b})`,
      () => `${chance.pick(["bnot ", "lnot "])}(${a})`,
      () => `${chance.pick(["min", "max"])}(${a}, ${b})`,
      () => `to_unsigned(${inner(chance.pick(["number", "float"]))})`,
    ];
    return chance.pick(ways)();
  }

  private float(inner: (of: ValueKind) => string, known: (of: ValueKind) => string): string {
    const { chance } = this;
    const [a, b] = [inner("float"), inner("float")];
    const ways: (() => string)[] = [
      () => `(${a} ${chance.pick(["+", "-", "*", "/"])} ${b})`,
      () => `-(${a})`,
      () => `(${known("float")} ^ 2.0)`,
      () => `${chance.pick(["min", "max"])}(${a}, ${b})`,
      () => `to_float(${inner(chance.pick(["number", "unsigned"]))})`,
      () => 'to_float("2.5")',
    ];
    return chance.pick(ways)();
  }

  private symbol(inner: (of: ValueKind) => string, known: (of: ValueKind) => string): string {
    const { chance } = this;
    const [a, b] = [inner("symbol"), known("symbol")];
    const ways: (() => string)[] = [
      () => `cat(${a}, ${b}${chance.pick(["", ', "b"'])})`,
      () => `substr(${a}, ${chance.pick(["0", "1", "2"])}, ${chance.pick(["1", "2"])})`,
      () => `to_string(${inner(chance.pick(["number", "unsigned", "float"]))})`,
      () => `${chance.pick(["min", "max"])}(${a}, ${b})`,
    ];
    return chance.pick(ways)();
  }
}
