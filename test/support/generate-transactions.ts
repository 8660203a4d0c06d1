// Random programs with transactions: ordered and free relations of small numbers, relations that
// rules derive of them (recursion, negation, aggregates), and transactions that read all of them.
// Bodies are safe and well-typed by construction.
import { random, type Random } from "../../src/base/random.ts";
import type { Value } from "../../src/value/schema.ts";
import type { ClusterCall } from "./call-history.ts";

/** Values are less than this. */
const values = 5;

/** A relation: `level` 0 is base; rules read their own level, and negate and count those below. */
type Generated = {
  readonly name: string;
  readonly arity: number;
  readonly level: number;
  /** How many columns the key of an ordered one has. */
  readonly key?: number;
};

type Called = { readonly name: string; readonly arity: number };

/** A program as text, and who calls its transactions. */
export type GeneratedTransactions = {
  readonly text: string;
  readonly call: (chance: Random) => ClusterCall;
};

/** Returns the program of a seed. */
export function generateTransactions(seed: number): GeneratedTransactions {
  const chance = random(seed);
  const relations = [
    ...some(chance, 1, 3, (at): Generated => {
      const arity = chance.between(1, 3);
      return { name: `ordered${at}`, arity, level: 0, key: chance.between(1, arity) };
    }),
    ...some(chance, 1, 2, (at) => ({
      ...{ name: `free${at}`, arity: chance.between(1, 2), level: 0 },
    })),
    ...some(chance, 0, 3, (at) => ({
      ...{ name: `derived${at}`, arity: chance.between(1, 2), level: 1 + at },
    })),
  ];
  const called = some(chance, 1, 3, (at): Called => ({
    ...{ name: `act${at}`, arity: chance.between(0, 3) },
  }));
  const lines = [
    ...relations.map(declaration),
    ...relations.flatMap((of) => facts(of, chance)),
    ...relations.flatMap((of) => (of.level === 0 ? [] : rules(of, relations, chance))),
    ...called.map((of) => transaction(of, relations, chance)),
  ];
  return {
    text: lines.join("\n"),
    call: (drawn) => {
      const { name, arity } = drawn.pick(called);
      const args = Array.from({ length: arity }, (): Value => BigInt(drawn.below(values)));
      return { name, args };
    },
  };
}

function some<T>(chance: Random, low: number, high: number, make: (at: number) => T): T[] {
  return Array.from({ length: chance.between(low, high) }, (_, at) => make(at));
}

function declaration({ name, arity, level, key }: Generated): string {
  const columns = Array.from({ length: arity }, (_, at) => `x${at}`);
  const declared = `.decl ${name}(${columns.map((of) => `${of}: number`).join(", ")})`;
  if (key !== undefined) return `${declared} ordered(${columns.slice(0, key).join(", ")})`;
  return level === 0 ? `${declared}\n.input ${name}` : `${declared}\n.calm ordered ${name} "so"`;
}

/** Facts of an ordered relation, with different keys, or of a free one. */
function facts({ name, arity, level, key }: Generated, chance: Random): string[] {
  if (level > 0) return [];
  const keys = new Set<string>();
  return some(chance, 0, 5, () => {
    const tuple = Array.from({ length: arity }, () => chance.below(values));
    const text = tuple.slice(0, key ?? arity).join();
    if (keys.has(text)) return "";
    keys.add(text);
    return `${name}(${tuple.join(", ")}).`;
  });
}

function rules(of: Generated, relations: readonly Generated[], chance: Random): string[] {
  return some(chance, 1, 2, () => {
    const body = new Body(relations, of.level, [], chance);
    const literals = body.literals();
    const terms = Array.from({ length: of.arity }, () => body.bound());
    return `${of.name}(${terms.join(", ")}) :- ${literals.join(", ")}.`;
  });
}

function transaction(
  { name, arity }: Called,
  relations: readonly Generated[],
  chance: Random,
): string {
  const parameters = Array.from({ length: arity }, (_, at) => `p${at}`);
  const base = relations.filter(({ level }) => level === 0);
  const clauses = some(chance, 1, 4, () => {
    const body = new Body(relations, Infinity, parameters, chance);
    const literals = chance.chance(0.1) && arity > 0 ? [] : body.literals();
    const end = literals.length === 0 ? "." : ` :- ${literals.join(", ")}.`;
    if (chance.chance(0.2)) return `  abort("${chance.pick(["one", "two"])}")${end}`;
    const heads = some(chance, 1, literals.length === 0 ? 1 : 2, () => {
      const to = chance.pick(base);
      const removes = to.key !== undefined && chance.chance(0.5);
      const terms = Array.from({ length: to.arity }, () =>
        chance.chance(0.2) ? `(${body.bound()} + 1) % ${values}` : body.bound(),
      );
      return `${removes ? "-" : "+"}${to.name}(${terms.join(", ")})`;
    });
    return `  ${heads.join(", ")}${end}`;
  });
  const typed = parameters.map((of) => `${of}: number`).join(", ");
  return `.transaction ${name}(${typed}) {\n${clauses.join("\n")}\n}`;
}

/** A body that is made literal by literal. */
class Body {
  private readonly chance: Random;
  private readonly relations: readonly Generated[];
  private readonly level: number;
  private readonly variables: string[];
  private made = 0;

  constructor(
    relations: readonly Generated[],
    level: number,
    given: readonly string[],
    chance: Random,
  ) {
    this.relations = relations;
    this.level = level;
    this.variables = [...given];
    this.chance = chance;
  }

  /** A variable that is bound, or a number. */
  bound(): string {
    const { chance, variables } = this;
    if (variables.length === 0 || chance.chance(0.1)) return String(chance.below(values));
    return chance.pick(variables);
  }

  literals(): string[] {
    const { chance } = this;
    const atoms = some(chance, 1, 2, () => this.atom());
    const tests = some(chance, 0, 2, () => {
      const kind = chance.below(4);
      if (kind === 0) return `${this.bound()} ${chance.pick(["<", "!=", "="])} ${this.bound()}`;
      if (kind === 1) return this.count();
      return `!${this.below(() => (chance.chance(0.3) ? "_" : this.bound()))}`;
    });
    return [...atoms, ...tests];
  }

  /** An atom of a level up to its own; it binds. */
  private atom(): string {
    const { chance, level } = this;
    const { name, arity } = chance.pick(this.relations.filter((of) => of.level <= level));
    const terms = Array.from({ length: arity }, () => {
      if (chance.chance(0.4)) return this.bound();
      if (chance.chance(0.2)) return "_";
      const variable = `v${this.made++}`;
      this.variables.push(variable);
      return variable;
    });
    return `${name}(${terms.join(", ")})`;
  }

  /** An atom of a level below. */
  private below(term: () => string): string {
    const { name, arity } = this.chance.pick(
      this.relations.filter((of) => of.level < Math.max(1, this.level)),
    );
    return `${name}(${Array.from({ length: arity }, term).join(", ")})`;
  }

  private count(): string {
    const variable = `n${this.made++}`;
    const counted = this.below(() => (this.chance.chance(0.5) ? "_" : this.bound()));
    this.variables.push(variable);
    return `${variable} = count : { ${counted} }`;
  }
}
