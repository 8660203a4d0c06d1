// Random small programs for the checker of monotonicity: a few inputs of at most two columns, some
// of them partitioned, and relations that are derived from them by all that a level depends on. As
// many of these are monotone as are not; a lattice's column is used in ways that keep its order and
// in ways that do not.
import { random, type Random } from "../../src/base/random.ts";

/** A program with the values that its inputs are to be made of, as constants. */
export type LevelledProgram = {
  readonly text: string;
  readonly values: readonly string[];
};

type Type = "number" | "unsigned" | "float" | "symbol";
type Lattice = "Min" | "Max" | "Or" | "And" | "Union" | "Map";
type Rel = {
  readonly name: string;
  /** The number of columns, those of lattices included. */
  readonly arity: number;
  /** The lattices of the last columns. */
  readonly lattices: readonly Lattice[];
  readonly from: "input" | "facts" | "rules";
  readonly tags: string;
};

/** Returns the program of a seed. */
export function generateLevelledProgram(seed: number): LevelledProgram {
  return new Generator(random(seed)).program();
}

class Generator {
  private readonly chance: Random;
  private readonly type: Type;
  private readonly values: readonly string[];
  private readonly relations: Rel[] = [];
  /** How often a program has what is seldom monotone. */
  private readonly wildness: number;
  /** What a program has most of: lattices of one kind, or negation of what is derived. */
  private readonly theme: "all" | "lattices" | "negation";
  private readonly favourite: Lattice;

  constructor(chance: Random) {
    this.chance = chance;
    this.type = chance.pick(["number", "number", "number", "unsigned", "float", "symbol"] as const);
    this.values = this.someValues();
    this.wildness = chance.pick([0, 0.5, 1]);
    this.theme = chance.pick(["all", "all", "lattices", "negation"] as const);
    this.favourite = chance.pick(["Min", "Max"] as const);
  }

  program(): LevelledProgram {
    const { chance } = this;
    const inputs = chance.between(1, 3);
    const derived = this.theme === "all" ? chance.between(1, 4) : chance.between(2, 3);
    const partitioned = chance.chance(0.5);
    for (let at = 0; at < inputs; at++) this.relations.push(this.input(at, partitioned));
    if (chance.chance(0.25)) this.relations.push(this.stated());
    for (let at = 0; at < derived; at++) this.relations.push(this.derived(at));
    const lines = this.relations.map((of) => this.declaration(of));
    for (const [at, of] of this.relations.entries()) {
      if (of.from === "facts" || chance.chance(0.08)) lines.push(this.fact(of));
      if (of.from !== "rules") continue;
      const count = this.theme === "all" ? chance.between(1, 2) : chance.pick([1, 1, 2]);
      for (let rule = 0; rule < count; rule++) lines.push(this.rule(of, at, rule));
      if (of.lattices.length === 0 && of.arity > 0 && this.wild(0.06))
        lines.push(this.subsumption(of));
    }
    return { text: lines.join("\n"), values: this.values };
  }

  private someValues(): string[] {
    const { chance, type } = this;
    const extremes: Record<Type, readonly string[]> = {
      number: ["-9223372036854775808", "9223372036854775807", "-2"],
      unsigned: ["18446744073709551615", "9223372036854775808"],
      float: ["-2.5", "1000000000000000000000.0", "0.5"],
      symbol: ['""', '"aa"'],
    };
    const small = type === "unsigned" || type === "symbol" ? [0, 1, 2, 3] : [-1, 0, 1, 2, 3];
    const count = chance.pick([2, 2, 3, 3, 4]);
    const some = chance.chance(0.6) ? [1, 2, 3, 4] : chance.shuffled(small);
    const texts = some.slice(0, count).map((value) => this.shown(value));
    if (chance.chance(0.1)) texts[0] = chance.pick(extremes[type]);
    return texts;
  }

  private shown(value: number): string {
    if (this.type === "symbol") return `"${"abcde".charAt(value)}"`;
    return this.type === "float" ? value.toFixed(1) : String(value);
  }

  private wild(probability: number): boolean {
    return this.chance.chance(probability * this.wildness);
  }

  private input(at: number, partitioned: boolean): Rel {
    const { chance } = this;
    const arity = chance.pick([0, 1, 1, 1, 2, 2]);
    const lattices = chance.chance(0.08) ? this.lattices(arity) : [];
    const columns = arity - lattices.length;
    const keys = columns === 2 ? chance.pick(["x0", "x1", "x0, x1"]) : "x0";
    const tags = partitioned && columns > 0 && chance.chance(0.8) ? ` partition(${keys})` : "";
    return { name: `I${at}`, arity, lattices, from: "input", tags };
  }

  /** A relation that no input changes. */
  private stated(): Rel {
    return { name: "K", arity: this.chance.between(0, 2), lattices: [], from: "facts", tags: "" };
  }

  private derived(at: number): Rel {
    const { chance } = this;
    const arity = chance.pick([0, 1, 1, 1, 1, 2, 2]);
    const share = { all: 0.3, lattices: 0.85, negation: 0 }[this.theme];
    const lattices = chance.chance(share) ? this.lattices(arity) : [];
    const pairs = lattices.length === 0 && arity === 2;
    const choice = pairs && this.wild(0.06);
    const tags = choice ? " choice-domain x0" : pairs && this.wild(0.08) ? " eqrel" : "";
    return { name: `D${at}`, arity, lattices, from: "rules", tags };
  }

  private lattices(arity: number): Lattice[] {
    const count = Math.min(arity, this.chance.chance(0.15) ? 2 : 1);
    return Array.from({ length: count }, () => this.lattice());
  }

  private lattice(): Lattice {
    if (this.theme === "lattices" && this.chance.chance(0.8)) return this.favourite;
    const all = ["Min", "Min", "Max", "Max", "Or", "And", "Union", "Map"] as const;
    const of = this.chance.pick(all);
    const integral = this.type === "number" || this.type === "unsigned";
    return !integral && (of === "Or" || of === "And") ? "Max" : of;
  }

  private declaration({ name, arity, lattices, from, tags }: Rel): string {
    const { type } = this;
    const columns = Array.from({ length: arity }, (_, at) => {
      const lattice = lattices[at - arity + lattices.length];
      if (lattice === "Map") return `x${at}: Map<${type}, Max<${type}>>`;
      return `x${at}: ${lattice === undefined ? type : `${lattice}<${type}>`}`;
    });
    const directive = from === "facts" ? "" : ` .${from === "input" ? from : "output"} ${name}`;
    return `.decl ${name}(${columns.join(", ")})${tags}${directive}`;
  }

  private fact(of: Rel): string {
    return `${of.name}(${this.columns(
      of,
      () => this.constant(),
      (lattice) => this.latticeTerm(lattice, new Bound()),
    )}).`;
  }

  private columns(
    { arity, lattices }: Rel,
    plain: () => string,
    joined: (lattice: Lattice) => string,
  ): string {
    return Array.from({ length: arity }, (_, at) => {
      const lattice = lattices[at - arity + lattices.length];
      return lattice === undefined ? plain() : joined(lattice);
    }).join(", ");
  }

  private rule(head: Rel, at: number, place: number): string {
    const { chance } = this;
    const body: string[] = [];
    const bound = new Bound();
    const below = this.relations.slice(0, at);
    if (this.theme === "lattices" && chance.chance(0.7)) return this.arithmetic(head, below);
    // The first rule of a relation starts from what is there.
    const own = place > 0 && chance.chance(0.5) ? [head] : [];
    const near = below.slice(-1);
    const themed = this.theme === "lattices" && chance.chance(0.5);
    const read = themed ? near : this.theme === "negation" ? this.given(below) : below;
    const atoms = chance.between(1, 2) - (chance.chance(0.1) ? 1 : 0);
    for (let one = 0; one < atoms; one++)
      body.push(this.atom(chance.pick(one === 0 && own.length > 0 ? own : read), bound));
    if (chance.chance(0.3)) body.push(this.comparison(bound));
    if (this.theme === "negation" && below.length > 0) {
      const before = below.at(-1);
      if (before?.from === "rules" && chance.chance(0.7))
        body.push(`!${this.negated(before, bound)}`);
    } else if (chance.chance(0.4 * this.wildness + 0.05))
      body.push(`!${this.negated(chance.pick(below), bound)}`);
    if (chance.chance(0.2)) body.push(this.aggregate(below, bound));
    if (chance.chance(0.05)) body.push(this.aggregate(below, bound));
    if (chance.chance(0.1)) body.push(`w = ${this.expression(bound)}`);
    if (body.at(-1)?.startsWith("w = ") === true) bound.add("plain", "w");
    if (body.length === 0) body.push(this.atom(chance.pick(below), bound));
    const terms = this.columns(
      head,
      () => this.headTerm(bound, own.length > 0),
      (lattice) => this.latticeTerm(lattice, bound),
    );
    return `${head.name}(${terms}) :- ${body.join(", ")}.`;
  }

  /** A rule that computes from what is just below, and does little else. */
  private arithmetic(head: Rel, below: readonly Rel[]): string {
    const { chance } = this;
    const bound = new Bound();
    const body = below.slice(-1).map((of) => this.atom(of, bound));
    if (chance.chance(0.3)) body.push(this.atom(chance.pick(this.given(below)), bound));
    if (chance.chance(0.2)) body.push(this.comparison(bound));
    const computed = (lattice: Lattice): string => {
      if (collection(lattice) || bound.lattice.length === 0 || this.type === "symbol")
        return this.latticeTerm(lattice, bound);
      const pair = [chance.pick(bound.lattice), chance.pick([this.constant(), ...bound.plain])];
      const [left, right] = chance.chance(0.7) ? pair : pair.toReversed();
      return `${left ?? ""} ${chance.pick(["+", "-", "*", "/"])} ${right ?? ""}`;
    };
    const terms = this.columns(head, () => this.headTerm(bound, false), computed);
    return `${head.name}(${terms}) :- ${body.join(", ")}.`;
  }

  private given(below: readonly Rel[]): readonly Rel[] {
    return this.chance.chance(0.8) ? below.filter(({ from }) => from === "input") : below;
  }

  private atom(of: Rel, bound: Bound): string {
    const { chance } = this;
    const plain = (): string => {
      if (chance.chance(0.12)) return "_";
      if (chance.chance(0.15)) return this.constant();
      if (this.wild(0.04)) return bound.add("lattice", "l");
      return bound.add("plain", chance.pick(["x", "x", "y", "y", "z"]));
    };
    const joined = (lattice: Lattice): string => {
      if (chance.chance(0.15)) return "_";
      if (lattice === "Union") return bound.add("sets", chance.pick(["s", "t"]));
      if (lattice === "Map") return bound.add("maps", chance.pick(["p", "q"]));
      if (this.wild(0.1)) return this.constant();
      if (this.wild(0.1)) return bound.add("plain", chance.pick(["x", "y"]));
      return bound.add("lattice", chance.pick(["l", "l", "m"]));
    };
    return `${of.name}(${this.columns(of, plain, joined)})`;
  }

  private negated(of: Rel, bound: Bound): string {
    const { chance } = this;
    const number = (): string => {
      if (chance.chance(0.1)) return "_";
      if (chance.chance(0.1) || bound.numbers.length === 0) return this.constant();
      return chance.pick(bound.numbers);
    };
    const terms = this.columns(of, number, (lattice) => (collection(lattice) ? "_" : number()));
    return `${of.name}(${terms})`;
  }

  private comparison(bound: Bound): string {
    const { chance } = this;
    const collections = [...bound.sets, ...bound.maps];
    if (collections.length > 0 && chance.chance(0.6)) {
      const set = chance.pick(collections);
      if (bound.maps.includes(set) && chance.chance(0.4))
        return `at(${set}, ${this.number(bound)}) ${chance.pick([">", "<"])} ${this.constant()}`;
      if (chance.chance(0.4)) return `contains(${set}, ${this.number(bound)})`;
      const operator = chance.pick([">", ">=", ">=", ...(this.wildness > 0 ? ["<", "="] : [])]);
      return `size(${set}) ${operator} ${chance.between(1, 3)}`;
    }
    const operator = chance.pick(["=", "!=", "<", "<=", ">", ">="]);
    const left = chance.chance(0.2) ? this.expression(bound) : this.number(bound);
    return `${left} ${operator} ${chance.chance(0.5) ? this.constant() : this.number(bound)}`;
  }

  /** An aggregate over a relation below, compared with a constant or bound to `n`. */
  private aggregate(below: readonly Rel[], bound: Bound): string {
    const { chance } = this;
    const of = chance.pick(below);
    const inner: string[] = [];
    const number = (): string => {
      if (bound.numbers.length > 0 && chance.chance(0.3)) return chance.pick(bound.numbers);
      if (chance.chance(0.2)) return "_";
      const name = chance.pick(["u", "v"]);
      inner.push(name);
      return name;
    };
    const terms = this.columns(of, number, (lattice) => (collection(lattice) ? "_" : number()));
    const body = `${of.name}(${terms})`;
    const numeric = this.type === "symbol" ? [] : ["sum", "min", "max"];
    const names = ["count", ...numeric, ...(this.type === "float" ? ["mean"] : [])];
    const name = inner.length === 0 ? "count" : chance.pick(names);
    const value = name === "count" ? name : `${name} ${inner[0] ?? ""}`;
    const rest = [body];
    if (inner.length > 0 && chance.chance(0.2)) rest.push(`${inner[0] ?? ""} > ${this.constant()}`);
    if (inner.length > 0 && chance.chance(0.15)) {
      const other = chance.pick(below);
      const inside = new Bound();
      for (const variable of [...inner, ...bound.numbers]) inside.add("plain", variable);
      rest.push(`${chance.chance(0.5) ? "!" : ""}${this.negated(other, inside)}`);
    }
    const over = `{ ${rest.join(", ")} }`;
    const counts = name === "count" && this.type !== "number";
    if (this.wild(0.3) && !counts) {
      const result = bound.plain.includes("n") ? "o" : "n";
      bound.add("plain", result);
      return `${result} = ${value} : ${over}`;
    }
    const limit = name === "count" ? String(chance.between(1, 3)) : this.constant();
    const operator = chance.pick(["<=", "<=", "<", ...(this.wildness > 0 ? ["=", ">", "!="] : [])]);
    return `${limit} ${operator} ${value} : ${over}`;
  }

  private subsumption({ name, arity }: Rel): string {
    const terms = (last: string): string =>
      Array.from({ length: arity }, (_, at) => (at === arity - 1 ? last : "k")).join(", ");
    return `${name}(${terms("a")}) <= ${name}(${terms("b")}) :- a < b.`;
  }

  private headTerm(bound: Bound, recursive: boolean): string {
    const { chance } = this;
    if (bound.plain.length === 0 || chance.chance(0.08)) return this.constant();
    if (!recursive && chance.chance(0.1)) return this.expression(bound);
    if (bound.lattice.length > 0 && this.wild(0.2)) return chance.pick(bound.lattice);
    return chance.pick(bound.plain);
  }

  private latticeTerm(lattice: Lattice, bound: Bound): string {
    const { chance } = this;
    if (lattice === "Union") {
      if (bound.sets.length > 1 && chance.chance(0.3))
        return `${chance.pick(["union", "intersection"])}(${bound.sets.join(", ")})`;
      if (bound.sets.length > 0 && chance.chance(0.5)) return chance.pick(bound.sets);
      return `singleton(${this.number(bound)})`;
    }
    if (lattice === "Map") {
      if (bound.maps.length > 0 && chance.chance(0.5)) return chance.pick(bound.maps);
      const value = bound.lattice.length > 0 ? chance.pick(bound.lattice) : this.number(bound);
      return `singleton(${this.number(bound)}, ${value})`;
    }
    if (collectionsOf(bound) > 0 && this.type === "number" && chance.chance(0.3))
      return `size(${chance.pick([...bound.sets, ...bound.maps])})`;
    const straight = this.theme === "lattices" ? 0.15 : 0.5;
    if (bound.lattice.length > 0 && chance.chance(straight)) return chance.pick(bound.lattice);
    if (this.theme === "lattices") return this.expression(bound);
    return chance.chance(0.5) ? this.expression(bound) : this.number(bound);
  }

  private expression(bound: Bound): string {
    const { chance, type } = this;
    const first =
      bound.lattice.length > 0 && chance.chance(0.7)
        ? chance.pick(bound.lattice)
        : this.number(bound);
    const second = chance.chance(0.5) ? this.constant() : this.number(bound);
    const [left, right] = chance.chance(0.6) ? [first, second] : [second, first];
    if (type === "symbol") return `${chance.pick(["cat", "min", "max"])}(${left}, ${right})`;
    const infix = ["+", "-", "-", "*", "*", "/"];
    const integral = ["%", "band", "bor", "land", "lor"];
    const way = chance.next();
    if (way < 0.2) return `${chance.pick(["min", "max"])}(${left}, ${right})`;
    if (way < 0.25 && type !== "unsigned") return `-(${first})`;
    if (way < 0.3 && type !== "float") return `lnot ${first}`;
    const operators = type === "float" || way < 0.8 ? infix : integral;
    return `(${left} ${chance.pick(operators)} ${right})`;
  }

  private number(bound: Bound): string {
    return bound.numbers.length === 0 ? this.constant() : this.chance.pick(bound.numbers);
  }

  private constant(): string {
    const { chance } = this;
    const signed = this.type === "number" || this.type === "float";
    if (signed && this.theme === "lattices" && chance.chance(0.2)) return this.shown(-1);
    return chance.chance(0.8) ? chance.pick(this.values) : this.shown(chance.between(0, 3));
  }
}

function collection(lattice: Lattice): boolean {
  return lattice === "Union" || lattice === "Map";
}

function collectionsOf({ sets, maps }: Bound): number {
  return sets.length + maps.length;
}

/** The variables that the atoms of a body bind. */
class Bound {
  readonly plain: string[] = [];
  readonly lattice: string[] = [];
  readonly sets: string[] = [];
  readonly maps: string[] = [];

  get numbers(): string[] {
    return [...this.plain, ...this.lattice];
  }

  add(where: "plain" | "lattice" | "sets" | "maps", name: string): string {
    if (!this[where].includes(name)) this[where].push(name);
    return name;
  }
}
