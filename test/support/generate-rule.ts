// The making of one random rule: safe and well-typed by construction. The file is longer than most
// because it is the one list of what a rule can be made of.
import type { Random } from "../../src/base/random.ts";
import type { Domain, PrimitiveKind } from "../../src/value/schema.ts";
import { Expressions, type Bound } from "./generate-expression.ts";
import {
  isStructure,
  made,
  makings,
  type GeneratedType,
  type StructureName,
} from "./generate-type.ts";
import type { GeneratedRelation, GeneratedRule, Piece } from "./generated-program.ts";

/** A relation with its level: rules read their own level, and those below. */
export type Levelled = GeneratedRelation & {
  readonly level: number;
  /** Tuples are dropped for those with a lesser last value, or with a greater one. */
  readonly better?: "<" | ">";
  /** Whether it asks the others for a part of what they have. */
  readonly asks?: true;
};

/** The types of columns, as often as they occur. */
export const types: readonly GeneratedType[] = [
  ...(["number", "number", "number", "number", "symbol", "symbol", "unsigned", "float"] as const),
  ...(["number", "number", "symbol", "symbol", "unsigned", "float"] as const),
  ...(["Small", "Either", "Pair", "Pair", "Chain", "Shape", "Shape", "Hue"] as const),
];

/** The making of one rule for `relation`. */
export class RuleGenerator {
  private readonly relation: Levelled;
  private readonly relations: readonly Levelled[];
  private readonly chance: Random;
  private readonly expressions: Expressions;
  private recursive = false;
  private variables = 0;

  constructor(relation: Levelled, relations: readonly Levelled[], chance: Random, domain: Domain) {
    this.relation = relation;
    this.relations = relations;
    this.chance = chance;
    this.expressions = new Expressions(chance, domain);
  }

  /** A rule that reads the levels below only, and finds something where these have something. */
  start(): GeneratedRule {
    const { chance, relation } = this;
    const scope: Bound[] = [];
    const below = this.relations.filter(({ level }) => level < relation.level);
    const atoms = Array.from({ length: chance.pick([1, 1, 1, 2]) }, () => {
      const { name, types: columns } = chance.pick(below);
      const terms = columns.map((type) => {
        if (chance.chance(0.1)) return "_";
        const variable = this.fresh(type);
        scope.push(variable);
        return variable.name;
      });
      return piece(`${name}(${terms.join(", ")})`);
    });
    if (chance.chance(0.25)) atoms.push(this.binding(scope));
    const sizes = this.below();
    if (chance.chance(0.15) && sizes.length > 0) {
      const result = this.fresh("number");
      atoms.push(
        piece(`${result.name} = count : ${this.closedAtom(chance.pick(sizes), scope).text}`),
      );
      scope.push(result);
    }
    return { heads: [this.head(relation, scope, [])], body: chance.shuffled(atoms) };
  }

  /** A rule that asks derived relations about values that it has. */
  question(): GeneratedRule {
    const { chance, relation, relations } = this;
    const scope: Bound[] = [];
    const given = relations.filter(({ level }) => level === 0);
    const derived = this.below().filter(({ level }) => level > 0);
    const first = this.atom(chance.pick(given), scope);
    const asked = Array.from({ length: chance.pick([1, 1, 2]) }, () => {
      const { name, types: columns } = chance.pick(derived.length > 0 ? derived : given);
      const terms = columns.map((type, at) => {
        const known = scope.filter((variable) => variable.type === type);
        if (known.length > 0 && chance.chance(0.7)) return chance.pick(known).name;
        if (chance.chance(at === 0 ? 0.3 : 0.1)) return this.expressions.any(type, scope, 0);
        const variable = this.fresh(type);
        scope.push(variable);
        return variable.name;
      });
      return piece(`${name}(${terms.join(", ")})`);
    });
    const others = Array.from({ length: chance.pick([0, 0, 1]) }, () => this.other(scope, 0));
    const body = chance.shuffled([first, ...asked, ...others]);
    return { heads: [this.head(relation, scope, [])], body };
  }

  /** Any rule. The first one of a relation reads the levels below only. */
  rule(first: boolean): GeneratedRule {
    const { chance, relation } = this;
    if (relation.better !== undefined && !first && chance.chance(0.5)) return this.improvement();
    const alone = relation.inline || relation.better !== undefined;
    const own = !first && !alone && chance.chance(0.6);
    this.recursive = own;
    const scope: Bound[] = [];
    const atoms = Array.from({ length: chance.pick([1, 1, 2, 2, 3]) }, (_, at) => {
      const ofOwnLevel = own && (at === 0 || chance.chance(0.3));
      const choices = this.relations.filter(({ level }) =>
        ofOwnLevel ? level === relation.level : level < relation.level,
      );
      return this.atom(chance.pick(choices), scope);
    });
    const others = Array.from({ length: chance.pick([0, 0, 1, 1, 2, 3]) }, () =>
      this.other(scope, 0),
    );
    const guards: Piece[] = [];
    const heads = [this.head(relation, scope, guards)];
    const peers = this.relations.filter(
      (other) => other.level === relation.level && !other.inline && other !== relation,
    );
    if (!relation.inline && peers.length > 0 && chance.chance(0.25)) {
      heads.push(this.head(chance.pick(peers), scope, guards));
    }
    const body = chance.shuffled([...atoms, ...others, ...guards]);
    const plan = heads.length === 1 && others.length === 0 ? this.plan(body) : undefined;
    return plan === undefined ? { heads, body } : { heads, body, plan };
  }

  /** What drops tuples of the relation: an order on them, so that it does not matter when. */
  subsumption(): GeneratedRule {
    const { chance, relation } = this;
    const { name, types: columns, better = "<" } = relation;
    // Where no column is compared, all others give way to the best tuple.
    const whole = chance.chance(0.2);
    const keys = columns
      .slice(0, -1)
      .map((_, at) => (whole ? [`_less${at}`, `_more${at}`] : [`k${at}`, `k${at}`]));
    const side = (of: 0 | 1, last: string): string =>
      `${name}(${[...keys.map((key) => key[of]), last].join(", ")})`;
    const scope = whole
      ? []
      : columns.slice(0, -1).map((type, at): Bound => ({ name: `k${at}`, type }));
    const more = chance.chance(0.25) && scope.length > 0 ? [this.condition(scope)] : [];
    return {
      heads: [side(0, "less"), side(1, "more")],
      body: [piece(`more ${better} less`), ...more],
      subsumes: true,
    };
  }

  /** A recursive rule under which a better tuple has better consequences. */
  private improvement(): GeneratedRule {
    const { chance, relation } = this;
    const { name, types: columns, better = "<" } = relation;
    const type = columns.at(-1) as PrimitiveKind;
    const scope: Bound[] = [];
    const atom = this.atom(chance.pick(this.below()), scope);
    const keys = columns.slice(0, -1);
    const place = (): string[] =>
      keys.map((of) => {
        const known = scope.filter((variable) => variable.type === of);
        return known.length > 0 && chance.chance(0.8) ? chance.pick(known).name : "_";
      });
    const head = keys.map((of, at) => {
      const known = scope.filter((variable) => variable.type === of);
      return known.length > 0 ? chance.pick(known).name : `k${at}`;
    });
    const source = place().map((text, at) => (head[at] === `k${at}` ? `k${at}` : text));
    const bound = { number: "100", unsigned: "100u", float: "100.0", symbol: "" }[type];
    const one = { number: "1", unsigned: "1u", float: "0.5", symbol: "" }[type];
    const next =
      relation.lattice === "Bits"
        ? // Only what keeps the lattice's order has one answer.
          "cost"
        : better === "<"
          ? `min(cost, ${bound}) + ${one}`
          : type === "unsigned"
            ? `max(cost, 1u) - 1u`
            : `max(cost, -${bound}) - ${one}`;
    return {
      heads: [`${name}(${[...head, next].join(", ")})`],
      body: chance.shuffled([piece(`${name}(${[...source, "cost"].join(", ")})`), atom]),
    };
  }

  /** An order for the version that reads the delta in the first atom of the head's own relation. */
  private plan(body: readonly Piece[]): string | undefined {
    const named = (text: string): Levelled | undefined =>
      this.relations.find(({ name }) => text.startsWith(`${name}(`));
    const atoms = body.map(({ text }) => named(text)).filter((relation) => relation !== undefined);
    const level = atoms.filter((relation) => relation.level === this.relation.level);
    const recursive = level.length > 0 && level.every((relation) => relation === this.relation);
    if (!recursive || atoms.some(({ inline }) => inline) || !this.chance.chance(0.6))
      return undefined;
    const order = this.chance.shuffled(atoms.map((_, at) => at + 1));
    return `${this.chance.below(level.length)}:(${order.join(", ")})`;
  }

  private head(relation: Levelled, scope: readonly Bound[], guards: Piece[]): string {
    const terms = relation.types.map((type) => {
      const known = scope.filter((variable) => variable.type === type);
      if (known.length > 0 && this.chance.chance(0.75)) return this.chance.pick(known).name;
      if (known.length > 0 && this.recursive && this.chance.chance(0.4)) {
        return this.step(type, this.chance.pick(known).name, guards);
      }
      return this.value(type, scope);
    });
    return `${relation.name}(${terms.join(", ")})`;
  }

  /** The next value after a variable's, with guards under which there are few. */
  private step(type: GeneratedType, name: string, guards: Piece[]): string {
    const [a, b] = [this.fresh(type).name, this.fresh(type).name];
    const [guard, next] = {
      number: [`${name} >= 0 & ${name} < 7`, `${name} + 1`],
      unsigned: [`${name} < 7`, `${name} + 1`],
      float: [`${name} >= 0.0 & ${name} < 4.0`, `${name} + 0.5`],
      symbol: [`strlen(${name}) < 4`, `cat(${name}, "a")`],
      Small: [`${name} >= 0 & ${name} < 7`, `as(${name} + 1, Small)`],
      Either: [`${name} >= 0 & ${name} < 7`, `as(${name} + 1, Either)`],
      Pair: [`${name} = [${a}, ${b}] & ${a} >= 0 & ${a} < 5`, `[${a} + 1, ${b}]`],
      Chain: [`${name} = [${a}, _] & ${a} >= 0 & ${a} < 4`, `[${a} + 1, ${name}]`],
      Shape: this.chance.pick([
        [`${name} = $Over(${a}, _)`, a],
        [`${name} = $Over(_, ${a}) & ${a} >= 0.0 & ${a} < 2.0`, `$Over(${name}, ${a} + 0.5)`],
        [`${name} = $Box(${a}, ${b}) & ${a} < 4`, `$Box(${a} + 1, ${b})`],
      ]),
      Hue: [`${name} != $Red()`, "$Red()"],
    }[type] as [string, string];
    guards.push(...guard.split(" & ").map(piece));
    return next;
  }

  /** Something computed; from few possible values if the rule is recursive. */
  private value(type: GeneratedType, scope: readonly Bound[], typed = true): string {
    const { expressions } = this;
    return this.recursive
      ? expressions.bounded(type, scope, typed)
      : expressions.any(type, scope, 2, typed);
  }

  private fresh(type: GeneratedType): Bound {
    return { name: `x${this.variables++}`, type };
  }

  private below(): Levelled[] {
    return this.relations.filter(({ level, inline }) => level < this.relation.level && !inline);
  }

  /** An atom that binds new variables, which are added to the scope. */
  private atom(relation: Levelled, scope: Bound[]): Piece {
    const terms = relation.types.map((type) => this.pattern(type, scope, 0));
    return piece(`${relation.name}(${terms.join(", ")})`);
  }

  /** What a value has to match: what it binds is added to the scope. */
  private pattern(type: GeneratedType, scope: Bound[], depth: number): string {
    const known = scope.filter((variable) => variable.type === type);
    const way = this.chance.next();
    if (known.length > 0 && way < 0.4) return this.chance.pick(known).name;
    if (way > 0.92) return "_";
    if (way > 0.85) return this.expressions.any(type, scope, 1);
    if (isStructure(type) && depth < 2 && way > 0.5) return this.taken(type, scope, depth);
    const variable = this.fresh(type);
    scope.push(variable);
    return variable.name;
  }

  /** A value taken apart into what it is made of. */
  private taken(type: StructureName, scope: Bound[], depth: number): string {
    return made(this.chance.pick(makings[type]), (field) =>
      this.pattern(field.type, scope, depth + 1),
    );
  }

  /** An atom that binds nothing. */
  private closedAtom(relation: Levelled, scope: readonly Bound[]): Piece {
    const closed = (type: GeneratedType, depth: number): string => {
      const known = scope.filter((variable) => variable.type === type);
      if (known.length > 0 && this.chance.chance(0.6)) return this.chance.pick(known).name;
      if (isStructure(type) && depth < 2 && this.chance.chance(0.3)) {
        return made(this.chance.pick(makings[type]), (field) => closed(field.type, depth + 1));
      }
      return depth === 0 && this.chance.chance(0.6) ? "_" : this.expressions.any(type, scope, 1);
    };
    const terms = relation.types.map((type) => closed(type, 0));
    return piece(`${relation.name}(${terms.join(", ")})`);
  }

  /** A literal other than a plain atom; it may add variables to the scope. */
  private other(scope: Bound[], depth: number): Piece {
    const { chance } = this;
    const way = chance.next();
    const structures = scope.filter(({ type }) => isStructure(type));
    if (structures.length > 0 && chance.chance(0.25)) {
      const { name, type } = chance.pick(structures);
      const pattern = this.taken(type as StructureName, scope, 0);
      return piece(chance.chance(0.8) ? `${name} = ${pattern}` : `${pattern} = ${name}`);
    }
    if (way < 0.2) return negated(this.closedAtom(chance.pick(this.below()), scope));
    if (way < 0.38 || scope.length === 0) return this.condition(scope);
    if (way < 0.48) return this.binding(scope);
    if (way < 0.55) return this.range(scope);
    if (way < 0.65) return depth > 0 ? this.condition(scope) : this.disjunction(scope);
    // Alternatives, which a negated conjunction is, are refused in an aggregate.
    if (way < 0.73) return depth > 0 ? this.condition(scope) : this.group(scope);
    return depth > 1 ? this.condition(scope) : this.aggregate(scope, depth);
  }

  private condition(scope: readonly Bound[]): Piece {
    const { chance, expressions } = this;
    const symbols = scope.filter(({ type }) => type === "symbol");
    if (symbols.length > 0 && chance.chance(0.3)) {
      const { name } = chance.pick(symbols);
      const word = chance.pick(["match", "contains"]);
      const pattern = chance.pick(
        word === "match" ? ["a.*", ".?", "(a|b)+", "[^b]*"] : ["a", "b", ""],
      );
      return piece(`${chance.pick(["", "!"])}${word}("${pattern}", ${name})`);
    }
    if (scope.length === 0 || chance.chance(0.03))
      return piece(chance.pick(["true", "true", "false"]));
    const { name, type } = chance.pick(scope);
    const operator = isStructure(type)
      ? chance.pick(["=", "!=", "!="])
      : chance.pick(["=", "!=", "!=", "<", "<=", ">", ">=", "<=", ">="]);
    const sign = chance.chance(0.1) ? "!" : "";
    return piece(`${sign}${name} ${operator} ${expressions.any(type, scope, 1)}`);
  }

  private binding(scope: Bound[]): Piece {
    const variable = this.fresh(this.chance.pick(types));
    const value = this.value(variable.type, scope, false);
    scope.push(variable);
    return piece(
      this.chance.chance(0.8) ? `${variable.name} = ${value}` : `${value} = ${variable.name}`,
    );
  }

  private range(scope: Bound[]): Piece {
    const { chance, expressions } = this;
    const type = chance.pick(["number", "number", "unsigned", "float"] as const);
    const variable = this.fresh(type);
    const end = (): string => expressions.bounded(type, scope);
    const steps = { number: ["2", "-1", "-3"], unsigned: ["2u", "3u"], float: ["0.5", "-1.0"] };
    const by = chance.chance(0.3) ? `, ${chance.pick<string>(steps[type])}` : "";
    const text = `${variable.name} = range(${end()}, ${end()}${by})`;
    scope.push(variable);
    return piece(text);
  }

  /** Alternatives that bind the same variable, or none. */
  private disjunction(scope: Bound[]): Piece {
    const { chance } = this;
    const type = chance.pick(types);
    const sources = this.below().filter((relation) => relation.types.includes(type));
    const variable = chance.chance(0.5) && sources.length > 0 ? this.fresh(type) : undefined;
    const alternatives = Array.from({ length: chance.between(2, 3) }, () => {
      if (variable === undefined) {
        return chance.chance(0.5)
          ? this.condition(scope)
          : this.closedAtom(chance.pick(this.below()), scope);
      }
      const source = chance.pick(sources);
      const { text } = this.closedAtom(source, scope);
      const terms = source.types.map((_, at) =>
        at === source.types.indexOf(type) ? variable.name : "_",
      );
      const atom = `${source.name}(${terms.join(", ")})`;
      return piece(chance.chance(0.5) ? atom : `${atom}, ${text}`);
    });
    if (variable !== undefined) scope.push(variable);
    return { text: `(${alternatives.map(({ text }) => text).join(" ; ")})`, simpler: alternatives };
  }

  private group(scope: readonly Bound[]): Piece {
    const { chance } = this;
    const members = Array.from({ length: chance.between(1, 2) }, () =>
      chance.chance(0.5)
        ? this.condition(scope)
        : this.closedAtom(chance.pick(this.below()), scope),
    );
    const text = `!(${members.map((member) => member.text).join(chance.pick([", ", " ; "]))})`;
    return { text: chance.chance(0.2) ? `!${text}` : text, simpler: members.map(negated) };
  }

  private aggregate(scope: Bound[], depth: number): Piece {
    const { chance } = this;
    const inner = [...scope];
    const atom = this.atom(chance.pick(this.below()), inner);
    const more = chance.chance(0.4) ? [this.atom(chance.pick(this.below()), inner)] : [];
    if (chance.chance(0.4)) more.push(this.other(inner, depth + 1));
    const locals = inner.slice(scope.length);

    const possible = (Object.keys(summed) as (keyof typeof summed)[]).filter((way) =>
      locals.some(({ type }) => summed[way].includes(type)),
    );
    const name = chance.pick([...possible, ...possible, "count"] as const);
    const summands = locals.filter(({ type }) => name !== "count" && summed[name].includes(type));
    const body =
      more.length === 0 && chance.chance(0.5) && name !== "fold"
        ? atom.text
        : `{ ${[atom, ...more].map(({ text }) => text).join(", ")} }`;
    const simple = more.length === 0 ? [] : [`{ ${atom.text} }`];

    if (summands.length === 0) {
      const result = this.fresh("number");
      scope.push(result);
      return aggregated(`${result.name} = count :`, body, simple);
    }
    const { type, name: summand } = chance.pick(summands);
    const result = this.fresh(name === "mean" ? "float" : type);
    if (name === "mean" && type === "number") {
      scope.push(result);
      return aggregated(`${result.name} = mean to_float(${summand}) :`, body, simple);
    }
    if (name === "fold") {
      scope.push(result);
      const start = type === "number" ? `@@gcd ${summand} % 100 : 0,` : `@@join ${summand} : "",`;
      return aggregated(`${result.name} = ${start}`, body, simple);
    }
    const value =
      chance.chance(0.3) && !this.recursive ? this.expressions.any(type, inner, 1) : summand;
    const operator = this.recursive ? "=" : chance.pick(["=", "=", "=", "<=", ">"]);
    const known = scope.filter((variable) => variable.type === type);
    if (operator !== "=" && known.length > 0) {
      return aggregated(`${chance.pick(known).name} ${operator} ${name} ${value} :`, body, simple);
    }
    const witnessed =
      (name === "min" || name === "max") && value === summand && chance.chance(0.25);
    scope.push(result, ...(witnessed ? locals : []));
    return aggregated(`${result.name} = ${name} ${value} :`, body, simple);
  }
}

/** The types of what aggregates sum up. */
const summed: Readonly<Record<"sum" | "min" | "max" | "mean" | "fold", readonly GeneratedType[]>> =
  {
    sum: ["number", "unsigned", "float"],
    min: ["number", "unsigned", "float"],
    max: ["number", "unsigned", "float"],
    mean: ["float", "number"],
    fold: ["number", "symbol"],
  };

function aggregated(start: string, body: string, simpler: readonly string[]): Piece {
  return { text: `${start} ${body}`, simpler: simpler.map((other) => piece(`${start} ${other}`)) };
}

function negated({ text }: Piece): Piece {
  return piece(`!${/[<>=]/.test(text) && !text.includes("(") ? `(${text})` : text}`);
}

function piece(text: string): Piece {
  return { text, simpler: [] };
}
