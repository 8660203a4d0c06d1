// Rules that ask several owners what is absent, as several rules: each asks one.
//
//     d(x, y) :- a(x, y), !b(x), !c(y).
//
// becomes
//
//     #part 1.1 of d(x, y) :- a(x, y), !b(x).
//     d(x, y) :- #part 1.1 of d(x, y), !c(y).
import type { Literal, Program, Relation, Rule, Term } from "../analysis/program.ts";
import { headTerms, visitLiteral, visitTerm } from "../analysis/work-rule.ts";
import { strataOf } from "./demand-strata.ts";
import { atomsOf, sameTerms, termsAt } from "./partition-location.ts";
import { waitingIn } from "./partition-seals.ts";

/** Returns the program, with rules that wait for seals of several keys taken apart. Its relations
 * keep their places. */
export function split(program: Program): Program {
  const relations: Relation[] = [...program.relations];
  const rules = program.rules.flatMap((rule, at) => parts(rule, at, program, relations));
  if (rules.length === program.rules.length) return program;
  return { ...program, relations, rules, strata: strataOf(relations, rules, []) };
}

function parts(rule: Rule, at: number, program: Program, relations: Relation[]): readonly Rule[] {
  const groups: { readonly key: readonly Term[]; readonly literals: Literal[] }[] = [];
  const waits = waitingIn(program, at);
  for (const literal of rule.body) {
    const key = waits(literal) ? keyOf(literal, program) : undefined;
    if (key === undefined) continue;
    const group = groups.find((of) => sameTerms(of.key, key));
    if (group === undefined) groups.push({ key, literals: [literal] });
    else group.literals.push(literal);
  }
  const last = groups.pop();
  if (last === undefined || groups.length === 0) return [rule];
  const waiting = new Set([...groups.flatMap(({ literals }) => literals), ...last.literals]);
  const others = rule.body.filter((literal) => !waiting.has(literal));
  const late = lateVariables(waiting, others);
  if ([...groups, last].some(({ key }) => key.some((term) => mentions(term, late)))) return [rule];
  const early = others.filter((of) => of.kind === "atom" || !reads(of, late));
  const rest = [...last.literals, ...others.filter((literal) => !early.includes(literal))];
  const made: Rule[] = [];
  let body: readonly Literal[] = early;
  const { orders: _, ...plain } = rule;
  for (const [place, { literals }] of groups.entries()) {
    const own = [...body, ...literals];
    const later = [...groups.slice(place + 1).flatMap((of) => of.literals), ...rest];
    const needed = new Set(variablesOf(later));
    for (const term of headTerms(rule)) visitTerm(term, (of) => needed.add(of));
    const bound = new Set(boundIn(own));
    const columns = [...needed].filter((of) => bound.has(of)).sort((a, b) => a - b);
    const name = `#part ${at + 1}.${place + 1} of ${relations[rule.head.relation]?.name ?? ""}`;
    const attributes = columns.flatMap((of) => {
      const variable = rule.variables[of];
      return variable === undefined ? [] : [{ ...variable, type: variable.kind }];
    });
    const relation = relations.push({ name, attributes, inlined: false, span: rule.span }) - 1;
    const terms = columns.map((variable): Term => ({ kind: "variable", variable }));
    made.push({ ...plain, head: { relation, terms }, body: own });
    body = [{ kind: "atom", relation, terms, span: rule.span }];
  }
  return [...made, { ...plain, body: [...body, ...rest] }];
}

/** The key whose owner a literal asks; undefined where it asks none, or several. */
function keyOf(literal: Literal, { relations }: Program): readonly Term[] | undefined {
  const atoms =
    literal.kind === "negation"
      ? [literal]
      : literal.kind === "aggregate"
        ? atomsOf(literal.body)
        : [];
  const [key, ...others] = atoms.flatMap(({ relation, terms }) => {
    const [columns] = relations[relation]?.place?.partitions ?? [];
    return columns === undefined ? [] : [termsAt({ terms }, columns)];
  });
  return key !== undefined && others.every((other) => sameTerms(key, other)) ? key : undefined;
}

/** The variables that have no value before that of an aggregate is there. */
function lateVariables(
  waiting: ReadonlySet<Literal>,
  others: readonly Literal[],
): ReadonlySet<number> {
  const bound = new Set(variablesOf(others.filter(({ kind }) => kind === "atom")));
  const late = new Set<number>();
  for (const literal of waiting)
    if (literal.kind === "aggregate" && !bound.has(literal.variable)) late.add(literal.variable);
  for (let before = -1; before < late.size;) {
    before = late.size;
    for (const literal of others)
      if (literal.kind !== "atom" && reads(literal, late))
        for (const variable of variablesOf([literal])) if (!bound.has(variable)) late.add(variable);
  }
  return late;
}

function reads(literal: Literal, variables: ReadonlySet<number>): boolean {
  return variablesOf([literal]).some((of) => variables.has(of));
}

function mentions(term: Term, variables: ReadonlySet<number>): boolean {
  let found = false;
  visitTerm(term, (of) => (found ||= variables.has(of)));
  return found;
}

function variablesOf(literals: readonly Literal[]): number[] {
  const found: number[] = [];
  for (const literal of literals) visitLiteral(literal, (variable) => found.push(variable));
  return found;
}

/** The variables that have values where the literals hold. What only an aggregate has is its
 * own. */
function boundIn(literals: readonly Literal[]): number[] {
  return literals.flatMap((literal) =>
    literal.kind === "aggregate"
      ? [literal.variable]
      : literal.kind === "negation"
        ? []
        : variablesOf([literal]),
  );
}
