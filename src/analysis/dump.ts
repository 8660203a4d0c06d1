// A program as text: its rules in source notation, grouped by strata in the order of evaluation.
import type { Functor } from "../value/operator.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Fact, Literal, Program, Relation, Rule, Term, Variable } from "./program.ts";

/** How many facts of one relation a dump shows. */
const factsMax = 20;

/** Returns a program's strata with what each computes. Facts of one relation are shown up to a
 * number; `R_k` is the k-th stratum. */
export function dumpProgram(program: Program): string {
  const factsOf = new Map<number, Fact[]>();
  for (const fact of program.facts) {
    const facts = factsOf.get(fact.relation);
    if (facts === undefined) factsOf.set(fact.relation, [fact]);
    else facts.push(fact);
  }
  const blocks = program.strata.map((stratum, at) => {
    const lines = [`R_${at + 1}${stratum.recursive ? ", recursive" : ""}`];
    for (const member of stratum.relations) {
      const relation = program.relations[member];
      if (relation === undefined) continue;
      lines.push(`  ${printRelation(relation)}`);
      const facts = factsOf.get(member) ?? [];
      for (const fact of facts.slice(0, factsMax)) lines.push(`  ${printFact(program, fact)}`);
      if (facts.length > factsMax) lines.push(`  // and ${facts.length - factsMax} more facts`);
    }
    for (const rule of stratum.rules) {
      const of = program.rules[rule];
      if (of !== undefined) lines.push(`  ${printRule(program.relations, of)}`);
    }
    return lines.join("\n");
  });
  return blocks.join("\n");
}

/** Returns a declaration: `.decl edge(x: number, y: number)`. */
function printRelation({ name, attributes, inlined, limit }: Relation): string {
  const columns = attributes.map((attribute) => `${attribute.name}: ${attribute.type}`);
  const words = `${inlined ? " inline" : ""}${limit === undefined ? "" : ` // at most ${limit}`}`;
  return `.decl ${name}(${columns.join(", ")})${words}`;
}

/** Returns a rule in source notation, with its `.plan`. Variables that analysis made start with
 * `#`. */
export function printRule(
  relations: readonly Pick<Relation, "name">[],
  { head, body, variables, orders }: Rule,
): string {
  const context = { relations, variables };
  const atom = printAtom(head.relation, head.terms, context);
  const literals = body.map((literal) => print(literal, context)).join(", ");
  const versions = [...(orders ?? [])].map(
    ([version, order]) => `${version}:(${order.map((at) => at + 1).join(",")})`,
  );
  const plan = versions.length === 0 ? "" : ` .plan ${versions.join(", ")}`;
  return `${atom}${body.length === 0 ? "" : ` :- ${literals}`}.${plan}`;
}

type Context = {
  readonly relations: readonly Pick<Relation, "name">[];
  readonly variables: readonly Variable[];
};

function print(literal: Literal, context: Context): string {
  const term = (of: Term) => printTerm(of, context.variables);
  switch (literal.kind) {
    case "atom":
      return printAtom(literal.relation, literal.terms, context);
    case "negation":
      return `!${printAtom(literal.relation, literal.terms, context)}`;
    case "comparison":
      return `${term(literal.left)} ${literal.operator} ${term(literal.right)}`;
    case "test": {
      const { negated, word, left, right } = literal;
      return `${negated ? "!" : ""}${word}(${term(left)}, ${term(right)})`;
    }
    case "boolean":
      return String(literal.value);
    case "range": {
      const { from, to, step } = literal;
      const terms = (step === undefined ? [from, to] : [from, to, step]).map(term);
      return `${nameOf(literal.variable, context.variables)} = range(${terms.join(", ")})`;
    }
    case "aggregate": {
      const { variable, name, value, body } = literal;
      const head = value === undefined ? name : `${name} ${term(value)}`;
      const literals = body.map((of) => print(of, context)).join(", ");
      return `${nameOf(variable, context.variables)} = ${head} : { ${literals} }`;
    }
  }
}

function printAtom(relation: number, terms: readonly Term[], context: Context): string {
  const name = context.relations[relation]?.name ?? "";
  return `${name}(${terms.map((term) => printTerm(term, context.variables)).join(", ")})`;
}

function printFact(program: Program, { relation, values }: Fact): string {
  const { name, attributes } = program.relations[relation] ?? { name: "", attributes: [] };
  const terms = values.map((value, at) => printValue(value, attributes[at]?.kind ?? "number"));
  return `${name}(${terms.join(", ")}).`;
}

/** Returns a term in source notation, with no more parentheses than it needs. */
export function printTerm(term: Term, variables: readonly Variable[]): string {
  return printBelow(term, variables, 0);
}

function printBelow(term: Term, variables: readonly Variable[], level: number): string {
  switch (term.kind) {
    case "variable":
      return nameOf(term.variable, variables);
    case "anonymous":
      return "_";
    case "constant":
      return printValue(term.value, term.of);
    case "counter":
      return "autoinc()";
    case "iteration":
      return "recursive_iteration_cnt()";
    case "functor":
      return printFunctor(term, variables, level);
  }
}

function printFunctor(
  term: Term & { readonly kind: "functor" },
  variables: readonly Variable[],
  level: number,
): string {
  const [left, right] = term.arguments;
  const infix = infixes[term.name];
  const prefix = prefixes[term.name];
  let text: string;
  let own: number;
  if (infix !== undefined && left !== undefined && right !== undefined) {
    const [operator, at] = infix;
    const rightward = term.name === "pow";
    const lower = printBelow(left, variables, rightward ? at + 1 : at);
    text = `${lower} ${operator} ${printBelow(right, variables, rightward ? at : at + 1)}`;
    own = at;
  } else if (prefix !== undefined && left !== undefined) {
    // A minus before a literal would be read as the literal's sign.
    const inner = printBelow(left, variables, prefixLevel);
    text = `${prefix}${prefix === "-" && /^[-\d]/.test(inner) ? `(${inner})` : inner}`;
    own = prefixLevel;
  } else {
    return `${term.name}(${term.arguments.map((of) => printTerm(of, variables)).join(", ")})`;
  }
  return own < level ? `(${text})` : text;
}

const prefixLevel = 10;

const prefixes: Partial<Record<Functor, string>> = { neg: "-", bnot: "bnot ", lnot: "lnot " };

// The levels of Soufflé's grammar, loosest first; `^` alone binds to the right.
const infixes: Partial<Record<Functor, readonly [string, number]>> = {
  lor: ["lor", 1],
  lxor: ["lxor", 2],
  land: ["land", 3],
  bor: ["bor", 4],
  bxor: ["bxor", 5],
  band: ["band", 6],
  bshl: ["bshl", 7],
  bshr: ["bshr", 7],
  bshru: ["bshru", 7],
  add: ["+", 8],
  sub: ["-", 8],
  mul: ["*", 9],
  div: ["/", 9],
  mod: ["%", 9],
  pow: ["^", 11],
};

function printValue(value: Value, kind: ValueKind): string {
  if (typeof value === "bigint") return String(value);
  if (kind === "symbol") return quoted(String(value));
  const text = Object.is(value, -0) ? "-0" : String(value);
  if (/^-?\d+$/.test(text)) return `${text}.0`;
  if (!text.includes("e")) return text;
  // Literals have no exponent.
  return Number.isInteger(value)
    ? `${BigInt(value)}.0`
    : Number(value).toFixed(100).replace(/0+$/, "");
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function quoted(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}

function nameOf(variable: number, variables: readonly Variable[]): string {
  return variables[variable]?.name ?? "";
}
