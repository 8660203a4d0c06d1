import type { Random } from "../../src/base/random.ts";
import type { Domain, PrimitiveKind } from "../../src/value/schema.ts";
import {
  constant,
  isStructure,
  isSubtype,
  made,
  makings,
  type GeneratedType,
  type StructureName,
} from "./generate-type.ts";

/** A variable of a generated rule that has values. */
export type Bound = { readonly name: string; readonly type: GeneratedType };

/** A functor that generated programs declare and the tests implement. */
type Called = { readonly declaration: string; readonly call: (operands: string[]) => string };

/** The declarations of the functors that a text calls. */
export function functorDeclarations(text: string): string[] {
  return [...functors].flatMap(([name, { declaration }]) =>
    text.includes(`@${name} `) || text.includes(`@${name}(`) ? [`.functor ${declaration}`] : [],
  );
}

// Operands are kept so small that no result leaves its type.
const functors = new Map<string, Called>([
  ["twice", { declaration: "twice(x: number): number", call: ([x]) => `@twice((${x}) % 1000)` }],
  ["gcd", { declaration: "gcd(x: number, y: number): number", call: gcd }],
  ["half", { declaration: "half(x: float): float", call: ([x]) => `@half(${x})` }],
  ["upper", { declaration: "upper(text: symbol): symbol", call: ([text]) => `@upper(${text})` }],
  [
    "join",
    {
      declaration: "join(text: symbol, more: symbol): symbol",
      call: (of) => `@join(${of.join(", ")})`,
    },
  ],
]);

function gcd([x, y]: string[]): string {
  return `@gcd((${x}) % 100, (${y}) % 100)`;
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

  /** An expression with at most `depth` functors above each other. What it is of is plain where
   * `typed`; elsewhere a text says itself of which type it is. */
  any(type: GeneratedType, scope: readonly Bound[], depth: number, typed = true): string {
    if (isStructure(type)) {
      const text = this.structure(type, scope, depth);
      return typed || !/^(\[|nil)/.test(text) ? text : `as(${text}, ${type})`;
    }
    if (isSubtype(type)) return this.subtype(type, scope, depth, typed);
    if (depth === 0 || this.chance.chance(0.35)) return this.leaf(type, scope);
    const inner = (of: PrimitiveKind): string => this.any(of, scope, depth - 1);
    const known = (of: PrimitiveKind): string => this.leaf(of, scope);
    if (this.chance.chance(0.06)) return this.call(type, inner);
    // The bits of a float that is no number would tell how it came about.
    if (this.chance.chance(0.03) && (type === "number" || type === "unsigned")) {
      // A literal alone would be taken for one of the type that it is to become.
      return type === "number"
        ? `as(${inner("unsigned")}, number)`
        : `as(ord(${known("number")}), unsigned)`;
    }
    switch (type) {
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
  bounded(type: GeneratedType, scope: readonly Bound[], typed = true): string {
    if (isStructure(type)) {
      const text = made(this.chance.pick(makings[type]), ({ type: of }) =>
        of === "Chain" || (of === "Pair" && this.chance.chance(0.5))
          ? "nil"
          : of === "Shape"
            ? "$Dot()"
            : this.bounded(of, scope),
      );
      return typed || !text.startsWith("[") ? text : `as(${text}, ${type})`;
    }
    const number = this.any("number", scope, 1);
    switch (type) {
      case "Small":
      case "Either":
        return `as(${this.bounded("number", scope)}, ${type})`;
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

  private leaf(type: GeneratedType, scope: readonly Bound[]): string {
    const known = scope.filter((variable) => variable.type === type);
    if (known.length > 0 && this.chance.chance(0.7)) return this.chance.pick(known).name;
    return constant(type, this.chance, this.domain);
  }

  private structure(type: StructureName, scope: readonly Bound[], depth: number): string {
    if (depth === 0 || this.chance.chance(0.35)) return this.leaf(type, scope);
    return made(this.chance.pick(makings[type]), ({ type: of }) => this.any(of, scope, depth - 1));
  }

  private subtype(
    type: "Small" | "Either",
    scope: readonly Bound[],
    depth: number,
    typed: boolean,
  ): string {
    const known = scope.filter((bound) => bound.type === type || bound.type === "Small");
    if (known.length > 0 && this.chance.chance(0.7)) return this.chance.pick(known).name;
    if (typed && this.chance.chance(0.4)) return constant(type, this.chance, this.domain);
    return `as(${this.any("number", scope, depth)}, ${type})`;
  }

  private call(type: PrimitiveKind, inner: (of: PrimitiveKind) => string): string {
    const names = {
      number: ["twice", "gcd"],
      unsigned: [],
      float: ["half"],
      symbol: ["upper", "join"],
    };
    const name = this.chance.pick<string>(names[type === "unsigned" ? "number" : type]);
    const of = type === "unsigned" ? "number" : type;
    const text = functors.get(name)?.call([inner(of), inner(of)]) ?? inner(of);
    return type === "unsigned" ? `to_unsigned(${text})` : text;
  }

  private number(
    inner: (of: PrimitiveKind) => string,
    known: (of: PrimitiveKind) => string,
  ): string {
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

  private unsigned(inner: (of: PrimitiveKind) => string): string {
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

  private float(
    inner: (of: PrimitiveKind) => string,
    known: (of: PrimitiveKind) => string,
  ): string {
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

  private symbol(
    inner: (of: PrimitiveKind) => string,
    known: (of: PrimitiveKind) => string,
  ): string {
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
