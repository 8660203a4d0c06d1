// A program as text: its rules in source notation, grouped by strata in the order of evaluation.
import type { Functor } from "../value/operator.ts";
import { bracketed, printValue } from "../value/print-value.ts";
import type {
  Fact,
  Literal,
  Program,
  Relation,
  Rule,
  Term,
  TransactionRule,
  Variable,
} from "./program.ts";

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
  const later = program.rules.filter(({ when }) => when !== undefined);
  if (later.length > 0) {
    const lines = later.map((rule) => `  ${printRule(program.relations, rule)}`);
    blocks.push(["in a later step", ...lines].join("\n"));
  }
  for (const { name, parameters, rules } of program.transactions) {
    const lines = rules.map((rule) => `  ${printEffect(program.relations, rule)}`);
    const given = parameters.map((of) => `${of.name}: ${of.type}`).join(", ");
    blocks.push([`transaction ${name}(${given})`, ...lines].join("\n"));
  }
  return blocks.join("\n");
}

/** Returns an effect of a transaction in source notation. */
function printEffect(
  relations: readonly Pick<Relation, "name">[],
  { head, body, variables }: TransactionRule,
): string {
  const context = { relations, variables };
  const effect =
    head.kind === "abort"
      ? `abort(${printTerm(head.reason, variables)})`
      : `${head.kind === "insert" ? "+" : "-"}${printAtom(head.relation, head.terms, context)}`;
  const literals = body.map((literal) => printLiteral(literal, context)).join(", ");
  return `${effect} :- ${literals === "" ? "true" : literals}.`;
}

/** Returns a declaration: `.decl edge(x: number, y: number)`. */
function printRelation(relation: Relation): string {
  const { name, attributes, inlined, equivalence, choices = [], limit } = relation;
  const columns = attributes.map((attribute) => `${attribute.name}: ${attribute.type}`);
  const words = [inlined ? " inline" : "", equivalence === true ? " eqrel" : ""];
  const keys = choices.map((of) => `(${of.map((at) => attributes[at]?.name ?? "").join(", ")})`);
  if (keys.length > 0) words.push(` choice-domain ${keys.join(", ")}`);
  words.push(...placeWords(relation));
  if (limit !== undefined) words.push(` // at most ${limit}`);
  return `.decl ${name}(${columns.join(", ")})${words.join("")}`;
}

function placeWords({ place, attributes }: Relation): string[] {
  if (place === undefined) return [];
  const key = (columns: readonly number[]) =>
    columns.map((at) => attributes[at]?.name ?? "").join(", ");
  return [
    ...(place.message ? [" message"] : []),
    ...(place.event ? [" event"] : []),
    ...(place.memory ? [" memory"] : []),
    ...(place.system === undefined ? [] : [" system"]),
    ...(place.snapshot ? [" snapshot"] : []),
    ...(place.partitions ?? []).map((columns) => ` partition(${key(columns)})`),
    ...(place.ordered === undefined ? [] : [` ordered(${key(place.ordered)})`]),
  ];
}

/** Returns a rule in source notation, with its `.plan`. Variables that analysis made start with
 * `#`. */
export function printRule(
  relations: readonly Pick<Relation, "name">[],
  { head, body, variables, orders, subsumes, when, location, removes }: Rule,
): string {
  const context = { relations, variables };
  const sign = removes === true ? "-" : "";
  const place = location === undefined ? "" : `@${printTerm(location, variables)}`;
  const atom = `${sign}${printAtom(head.relation, head.terms, context)}${place}`;
  const printed = body.map((literal) => printLiteral(literal, context));
  if (subsumes === true)
    return `${atom} <= ${printed[1] ?? ""} :- ${printed.slice(2).join(", ") || "true"}.`;
  const literals = printed.join(", ");
  const versions = [...(orders ?? [])].map(
    ([version, order]) => `${version}:(${order.map((at) => at + 1).join(",")})`,
  );
  const plan = versions.length === 0 ? "" : ` .plan ${versions.join(", ")}`;
  const operator = when === undefined ? ":-" : when === "next" ? ":+" : ":~";
  return `${atom}${body.length === 0 ? "" : ` ${operator} ${literals}`}.${plan}`;
}

type Context = {
  readonly relations: readonly Pick<Relation, "name">[];
  readonly variables: readonly Variable[];
};

/** Returns a literal in source notation. */
export function printLiteral(literal: Literal, context: Context): string {
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
      const name = word === "has" ? "contains" : word;
      return `${negated ? "!" : ""}${name}(${term(left)}, ${term(right)})`;
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
      const literals = body.map((of) => printLiteral(of, context)).join(", ");
      const { fold } = literal;
      if (fold !== undefined && value !== undefined) {
        const start = `@@${fold.user.name} ${term(value)} : ${term(fold.start)}`;
        return `${nameOf(variable, context.variables)} = ${start}, { ${literals} }`;
      }
      return `${nameOf(variable, context.variables)} = ${head} : { ${literals} }`;
    }
  }
}

function printAtom(relation: number, terms: readonly Term[], context: Context): string {
  const name = context.relations[relation]?.name ?? "";
  return `${name}(${terms.map((term) => printTerm(term, context.variables)).join(", ")})`;
}

function printFact(program: Program, { relation, values }: Fact): string {
  const name = program.relations[relation]?.name ?? "";
  return `${name}(${values.map(printValue).join(", ")}).`;
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
      return printValue(term.value);
    case "counter":
      return "autoinc()";
    case "iteration":
      return "recursive_iteration_cnt()";
    case "record":
      return bracketed(
        term.branch,
        term.fields.map((field) => printTerm(field, variables)),
      );
    case "functor":
      return printFunctor(term, variables, level);
  }
}

function printFunctor(
  term: Term & { readonly kind: "functor" },
  variables: readonly Variable[],
  level: number,
): string {
  if (term.name === "user")
    return `@${term.user.name}(${term.arguments.map((of) => printTerm(of, variables)).join(", ")})`;
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
  } else if (term.name.startsWith("as_") && left !== undefined) {
    return `as(${printTerm(left, variables)}, ${term.name.slice("as_".length)})`;
  } else {
    const name = term.name === "entry" ? "singleton" : term.name;
    return `${name}(${term.arguments.map((of) => printTerm(of, variables)).join(", ")})`;
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
  sat_add: ["+", 8],
  sat_sub: ["-", 8],
  sat_mul: ["*", 9],
  div: ["/", 9],
  mod: ["%", 9],
  pow: ["^", 11],
};

function nameOf(variable: number, variables: readonly Variable[]): string {
  return variables[variable]?.name ?? "";
}
