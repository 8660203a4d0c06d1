// Random programs with random facts: what the language has, in bodies that are safe and well-typed
// by construction. Relations lie in levels; a rule reads its own level, and negates and aggregates
// the levels below, so that programs are stratified. Where a rule reads its own level, what it
// computes is kept within small bounds, so that programs end.
import { random, type Random } from "../../src/base/random.ts";
import type { Domain, ValueKind } from "../../src/value/schema.ts";
import type {
  GeneratedProgram,
  GeneratedRelation,
  GeneratedRule,
  Piece,
} from "./generated-program.ts";
import { constant, Expressions, type Bound } from "./generate-expression.ts";

type Levelled = GeneratedRelation & { readonly level: number };

const kinds: readonly ValueKind[] = [
  "number",
  "number",
  "number",
  "symbol",
  "symbol",
  "unsigned",
  "float",
];

/** Returns the program of a seed: the same one for the same seed and domain. */
export function generateProgram(seed: number, domain: Domain): GeneratedProgram {
  const chance = random(seed);
  const relations = generateRelations(chance);
  const factsMax = chance.chance(0.1) ? 60 : 9;
  const facts = relations.flatMap((relation) => generateFacts(relation, factsMax, chance, domain));
  const rules = relations.flatMap((relation) => {
    if (relation.level === 0) return [];
    const count = relation.inline ? chance.between(1, 2) : chance.between(1, 3);
    return Array.from({ length: count }, (_, at) =>
      new RuleGenerator(relation, relations, chance, domain).rule(at === 0),
    );
  });
  return { domain, relations, rules: chance.shuffled([...facts, ...rules]) };
}

function generateRelations(chance: Random): Levelled[] {
  const columns = (): ValueKind[] =>
    Array.from({ length: chance.pick([0, 1, 1, 2, 2, 2, 3, 3]) }, () => chance.pick(kinds));
  const relations: Levelled[] = [];
  for (let at = 0; at < chance.between(2, 4); at++) {
    const own = at === 0 ? (["number", "number"] as const) : columns();
    relations.push({ name: `base${at}`, kinds: own, inline: false, level: 0 });
  }
  const levels = chance.between(1, 4);
  for (let level = 1; level <= levels; level++) {
    const inline = chance.chance(0.15);
    for (let at = 0; at < (inline ? 1 : chance.between(1, 2)); at++) {
      const name = `${inline ? "inlined" : "rel"}${level}${"ab"[at]}`;
      relations.push({ name, kinds: columns(), inline, level });
    }
  }
  return relations;
}

function generateFacts(
  relation: Levelled,
  factsMax: number,
  chance: Random,
  domain: Domain,
): GeneratedRule[] {
  const { name, kinds: columns, level, inline } = relation;
  if (inline) return [];
  const count = level === 0 ? chance.between(1, factsMax) : chance.chance(0.2) ? 2 : 0;
  return Array.from({ length: count }, () => {
    const values = columns.map((kind) => constant(kind, chance, domain));
    return { heads: [`${name}(${values.join(", ")})`], body: [] };
  });
}

/** The making of one rule for `relation`. */
class RuleGenerator {
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

  /** A relation's first rule reads the levels below only, so that there is something to start from. */
  rule(first: boolean): GeneratedRule {
    const { chance, relation } = this;
    const own = !first && !relation.inline && chance.chance(0.6);
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
    if (!relation.inline && peers.length > 0 && chance.chance(0.15)) {
      heads.push(this.head(chance.pick(peers), scope, guards));
    }
    const body = chance.shuffled([...atoms, ...others, ...guards]);
    const plan = heads.length === 1 && others.length === 0 ? this.plan(body) : undefined;
    return plan === undefined ? { heads, body } : { heads, body, plan };
  }

  /** An order for the version that reads the delta in the first atom of the head's own relation. */
  private plan(body: readonly Piece[]): string | undefined {
    const named = (text: string): Levelled | undefined =>
      this.relations.find(({ name }) => text.startsWith(`${name}(`));
    const atoms = body.map(({ text }) => named(text)).filter((relation) => relation !== undefined);
    const level = atoms.filter((relation) => relation.level === this.relation.level);
    const recursive = level.length > 0 && level.every((relation) => relation === this.relation);
    if (!recursive || atoms.some(({ inline }) => inline) || !this.chance.chance(0.4))
      return undefined;
    const order = this.chance.shuffled(atoms.map((_, at) => at + 1));
    return `${this.chance.below(level.length)}:(${order.join(", ")})`;
  }

  private head(relation: Levelled, scope: readonly Bound[], guards: Piece[]): string {
    const terms = relation.kinds.map((kind) => {
      const known = scope.filter((variable) => variable.kind === kind);
      if (known.length > 0 && this.chance.chance(0.75)) return this.chance.pick(known).name;
      if (known.length > 0 && this.recursive && this.chance.chance(0.4)) {
        return this.step(kind, this.chance.pick(known).name, guards);
      }
      return this.value(kind, scope);
    });
    return `${relation.name}(${terms.join(", ")})`;
  }

  /** The next value after a variable's, with a guard under which there are few. */
  private step(kind: ValueKind, name: string, guards: Piece[]): string {
    const [guard, next] = {
      number: [`${name} >= 0, ${name} < 7`, `${name} + 1`],
      unsigned: [`${name} < 7`, `${name} + 1`],
      float: [`${name} >= 0.0, ${name} < 4.0`, `${name} + 0.5`],
      symbol: [`strlen(${name}) < 4`, `cat(${name}, "a")`],
    }[kind] as [string, string];
    guards.push(...guard.split(", ").map(piece));
    return next;
  }

  /** Something computed; from few possible values if the rule is recursive. */
  private value(kind: ValueKind, scope: readonly Bound[]): string {
    const { expressions } = this;
    return this.recursive ? expressions.bounded(kind, scope) : expressions.any(kind, scope, 2);
  }

  private fresh(kind: ValueKind): Bound {
    return { name: `x${this.variables++}`, kind };
  }

  private below(): Levelled[] {
    return this.relations.filter(({ level, inline }) => level < this.relation.level && !inline);
  }

  /** An atom that binds new variables, which are added to the scope. */
  private atom(relation: Levelled, scope: Bound[]): Piece {
    const terms = relation.kinds.map((kind) => {
      const known = scope.filter((variable) => variable.kind === kind);
      const way = this.chance.next();
      if (known.length > 0 && way < 0.4) return this.chance.pick(known).name;
      if (way > 0.92) return "_";
      if (way > 0.85) return this.expressions.any(kind, scope, 1);
      const variable = this.fresh(kind);
      scope.push(variable);
      return variable.name;
    });
    return piece(`${relation.name}(${terms.join(", ")})`);
  }

  /** An atom that binds nothing. */
  private closedAtom(relation: Levelled, scope: readonly Bound[]): Piece {
    const terms = relation.kinds.map((kind) => {
      const known = scope.filter((variable) => variable.kind === kind);
      if (known.length > 0 && this.chance.chance(0.6)) return this.chance.pick(known).name;
      return this.chance.chance(0.6) ? "_" : this.expressions.any(kind, scope, 1);
    });
    return piece(`${relation.name}(${terms.join(", ")})`);
  }

  /** A literal other than a plain atom; it may add variables to the scope. */
  private other(scope: Bound[], depth: number): Piece {
    const { chance } = this;
    const way = chance.next();
    if (way < 0.2) return negated(this.closedAtom(chance.pick(this.below()), scope));
    if (way < 0.4 || scope.length === 0) return this.condition(scope);
    if (way < 0.5) return this.binding(scope);
    if (way < 0.57) return this.range(scope);
    if (way < 0.67) return depth > 0 ? this.condition(scope) : this.disjunction(scope);
    // Alternatives, which a negated conjunction is, are refused in an aggregate.
    if (way < 0.75) return depth > 0 ? this.condition(scope) : this.group(scope);
    return depth > 1 ? this.condition(scope) : this.aggregate(scope, depth);
  }

  private condition(scope: readonly Bound[]): Piece {
    const { chance, expressions } = this;
    const symbols = scope.filter(({ kind }) => kind === "symbol");
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
    const { name, kind } = chance.pick(scope);
    const operator = chance.pick(["=", "!=", "!=", "<", "<=", ">", ">=", "<=", ">="]);
    const sign = chance.chance(0.1) ? "!" : "";
    return piece(`${sign}${name} ${operator} ${expressions.any(kind, scope, 1)}`);
  }

  private binding(scope: Bound[]): Piece {
    const variable = this.fresh(this.chance.pick(kinds));
    const value = this.value(variable.kind, scope);
    scope.push(variable);
    return piece(
      this.chance.chance(0.8) ? `${variable.name} = ${value}` : `${value} = ${variable.name}`,
    );
  }

  private range(scope: Bound[]): Piece {
    const { chance, expressions } = this;
    const variable = this.fresh(chance.pick(["number", "number", "unsigned", "float"]));
    const end = (): string => expressions.bounded(variable.kind, scope);
    const steps = {
      number: ["2", "-1", "-3"],
      unsigned: ["2u", "3u"],
      float: ["0.5", "-1.0"],
      symbol: [],
    };
    const by = chance.chance(0.3) ? `, ${chance.pick<string>(steps[variable.kind])}` : "";
    const text = `${variable.name} = range(${end()}, ${end()}${by})`;
    scope.push(variable);
    return piece(text);
  }

  /** Alternatives that bind the same variable, or none. */
  private disjunction(scope: Bound[]): Piece {
    const { chance } = this;
    const kind = chance.pick(kinds);
    const sources = this.below().filter((relation) => relation.kinds.includes(kind));
    const variable = chance.chance(0.5) && sources.length > 0 ? this.fresh(kind) : undefined;
    const alternatives = Array.from({ length: chance.between(2, 3) }, () => {
      if (variable === undefined) {
        return chance.chance(0.5)
          ? this.condition(scope)
          : this.closedAtom(chance.pick(this.below()), scope);
      }
      const source = chance.pick(sources);
      const { text } = this.closedAtom(source, scope);
      const terms = source.kinds.map((_, at) =>
        at === source.kinds.indexOf(kind) ? variable.name : "_",
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

    const name = chance.pick(["count", "sum", "sum", "min", "max", "mean"] as const);
    const wanted = name === "mean" ? ["float"] : ["number", "unsigned", "float"];
    const summands = locals.filter(({ kind }) => wanted.includes(kind));
    const body =
      more.length === 0 && chance.chance(0.5)
        ? atom.text
        : `{ ${[atom, ...more].map(({ text }) => text).join(", ")} }`;
    const simple = more.length === 0 ? [] : [`{ ${atom.text} }`];

    if (name === "count" || summands.length === 0) {
      const result = this.fresh("number");
      scope.push(result);
      return aggregated(`${result.name} = count :`, body, simple);
    }
    const { kind, name: summand } = chance.pick(summands);
    const result = this.fresh(kind);
    const value =
      chance.chance(0.3) && !this.recursive ? this.expressions.any(kind, inner, 1) : summand;
    const operator = this.recursive ? "=" : chance.pick(["=", "=", "=", "<=", ">"]);
    const known = scope.filter((variable) => variable.kind === kind);
    if (operator !== "=" && known.length > 0) {
      return aggregated(`${chance.pick(known).name} ${operator} ${name} ${value} :`, body, simple);
    }
    const witnessed =
      (name === "min" || name === "max") && value === summand && chance.chance(0.25);
    scope.push(result, ...(witnessed ? locals : []));
    return aggregated(`${result.name} = ${name} ${value} :`, body, simple);
  }
}

function aggregated(start: string, body: string, simpler: readonly string[]): Piece {
  return { text: `${start} ${body}`, simpler: simpler.map((other) => piece(`${start} ${other}`)) };
}

function negated({ text }: Piece): Piece {
  return piece(`!${/[<>=]/.test(text) && !text.includes("(") ? `(${text})` : text}`);
}

function piece(text: string): Piece {
  return { text, simpler: [] };
}
