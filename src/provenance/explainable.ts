// From a program to two that are evaluated one after the other in one database: the program itself,
// with what is given kept apart from what is derived, and the rounds of its proofs.
import type { Literal, Program, Relation, Rule, Stratum, Term } from "../analysis/program.ts";
import { mapLiteralTerms, mapTerms } from "../analysis/terms.ts";
import { dependencies, readings, readsOf, stratumOfEach } from "../plan/demand-strata.ts";
import type { Span } from "../base/source.ts";
import { literalCounts, termCounts } from "../plan/literals.ts";

/** A program that can be explained. The relations and rules of `whole` begin with the program's
 * own. */
export type Explainable = {
  readonly program: Program;
  /** Computes the same; what a relation with rules is given goes into a relation of its own. */
  readonly whole: Program;
  /** For each relation of the program, the one that what is given is put into. */
  readonly given: readonly number[];
  /** For an equivalence, the pairs that are given or that rules derive: it is their closure. */
  readonly pairs: ReadonlyMap<number, number>;
  /** The relation of `whole` that derives the same in rounds, each as early as can be. Relations
   * with tuples that may go again, or whose tuples depend on an order, have none. */
  readonly copies: ReadonlyMap<number, number>;
  /** A relation that holds in every round. */
  readonly always: number;
  /** For each relation of the program the place of its stratum. */
  readonly stratumOf: readonly number[];
  /** The relations of the program from which tuples are dropped again, and those that are computed
   * together with such: their tuples do not come in the order of their proofs. */
  readonly unordered: ReadonlySet<number>;
  /** For each rule of `whole` the program's rule that it is; undefined for those put in. */
  readonly ruleOf: readonly (number | undefined)[];
};

/** Returns what it takes to explain `program`, which computes one step on one node. Beside what its
 * text says, facts of the relations of `inserted` come from elsewhere. */
export function explainable(program: Program, inserted: Iterable<number> = []): Explainable {
  const derived = new Set(program.rules.map(({ head }) => head.relation));
  const stratumOf = stratumOfEach(program.strata.map(({ relations }) => relations));
  const stated = new Set([
    ...inserted,
    ...program.facts.map(({ relation }) => relation),
    ...program.directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  ]);
  const relations: Relation[] = [...program.relations];
  const add = ({ name, attributes, span }: Relation, more: Partial<Relation> = {}): number =>
    relations.push({ name, attributes, span, inlined: false, ...more }) - 1;
  const given: number[] = [];
  const pairs = new Map<number, number>();
  for (const [at, relation] of program.relations.entries()) {
    const apart = (derived.has(at) && stated.has(at)) || relation.equivalence === true;
    given.push(apart ? add(relation) : at);
    if (relation.equivalence === true) pairs.set(at, add(relation));
  }
  const { rules, ruleOf, added } = wholeRules(program, relations, given, pairs);
  const strata: Stratum[] = [
    ...given.flatMap((relation, at) => (relation === at ? [] : [alone(relation)])),
    ...program.strata.map((stratum) => {
      const own = stratum.relations.flatMap((at) => [
        at,
        ...(pairs.has(at) ? [pairs.get(at)!] : []),
      ]);
      const more = added.filter(({ relation }) => own.includes(relation)).map(({ rule }) => rule);
      const recursive = stratum.recursive || stratum.relations.some((at) => pairs.has(at));
      // What is given comes first, as it does where nobody asks: choices depend on it.
      return { relations: own, rules: [...more, ...stratum.rules], recursive };
    }),
  ];
  const unordered = new Set<number>();
  const plain = new Set<number>();
  for (const stratum of program.strata) {
    const kind = kindOf(stratum, program);
    for (const at of stratum.relations) {
      if (kind === "unordered") unordered.add(at);
      if (kind === "plain" && (derived.has(at) || pairs.has(at))) plain.add(at);
    }
  }
  const copies = new Map<number, number>();
  for (const at of plain) {
    const { equivalence } = program.relations[at]!;
    copies.set(at, add(program.relations[at]!, equivalence === true ? { equivalence } : {}));
    const base = pairs.get(at);
    if (base !== undefined) copies.set(base, add(program.relations[at]!));
  }
  const span = program.relations[0]?.span ?? nowhere;
  const always = relations.push({ name: "always", attributes: [], inlined: false, span }) - 1;
  for (const at of [...copies.values(), always]) strata.push(alone(at));
  const facts = program.facts.map((fact) => ({ ...fact, relation: given[fact.relation]! }));
  const directives = program.directives.map((directive) =>
    directive.word === "input" ? { ...directive, relation: given[directive.relation]! } : directive,
  );
  const whole = { ...program, relations, rules, facts, directives, strata };
  return { program, whole, given, pairs, copies, always, stratumOf, unordered, ruleOf };
}

/** The rounds of the proofs of what `goal` depends on: one stratum, in which a tuple is derived in
 * the round of the height of its least proof. What rules negate or aggregate over is complete. */
export type Rounds = {
  readonly program: Program;
  /** The relations with copies that are computed. */
  readonly computed: readonly number[];
};

/** Returns the rounds for all that the relations of `goals` depend on. */
export function rounds(
  { whole, copies, always, ruleOf }: Explainable,
  goals: Iterable<number>,
): Rounds {
  const reads = readsOf(whole.relations.length, readings(whole.rules));
  const computed = [...dependencies(goals, reads)].filter((at) => copies.has(at));
  const rules = whole.rules.flatMap((rule, at): Rule[] => {
    const head = computed.includes(rule.head.relation) ? copies.get(rule.head.relation) : undefined;
    if (head === undefined || rule.when !== undefined) return [];
    const inserted = ruleOf[at] === undefined;
    const body = rule.body.map((literal): Literal => {
      const copy = literal.kind === "atom" ? copies.get(literal.relation) : undefined;
      return literal.kind === "atom" && copy !== undefined
        ? { ...literal, relation: copy }
        : literal;
    });
    const own = body.some((literal, place) => literal !== rule.body[place]);
    // What is given is put into the copies before.
    if (inserted && !own) return [];
    const { span } = rule;
    const first: Literal = { kind: "atom", relation: always, terms: [], span };
    const { orders: _, ...plain } = rule;
    return [
      { ...plain, head: { ...rule.head, relation: head }, body: own ? body : [first, ...body] },
    ];
  });
  const members = [always, ...computed.map((at) => copies.get(at)!)];
  const stratum = { relations: members, rules: rules.map((_, at) => at), recursive: true };
  return { program: { ...whole, rules, strata: [stratum], facts: [] }, computed };
}

/** Returns the relations that a goal depends on and the rounds derive as a whole, so that they are
 * not derived before: nothing negates them, aggregates over them, or needs them to be complete. */
export function onceInRounds(
  { whole, copies, pairs, given }: Explainable,
  goal: number,
): ReadonlySet<number> {
  const reads = readsOf(whole.relations.length, readings(whole.rules));
  const needed = new Set(dependencies([goal], reads));
  if (!copies.has(goal)) return new Set();
  const complete = new Set<number>();
  const look = (literals: readonly Literal[], whole: boolean): void => {
    for (const literal of literals) {
      if (literal.kind === "aggregate") look(literal.body, true);
      else if (literal.kind === "negation" || (literal.kind === "atom" && whole))
        complete.add(literal.relation);
    }
  };
  for (const { head, body, subsumes } of whole.rules)
    if (needed.has(head.relation)) look(body, subsumes === true);
  for (const at of needed) if (!copies.has(at) || pairs.has(at)) complete.add(at);
  const before = new Set(dependencies(complete, reads));
  const bases = new Set(pairs.values());
  return new Set(
    [...needed].filter(
      (at) => at < given.length && copies.has(at) && !before.has(at) && !bases.has(at),
    ),
  );
}

const nowhere: Span = { source: { path: "", text: "" }, start: 0, end: 0 };

function alone(relation: number): Stratum {
  return { relations: [relation], rules: [], recursive: false };
}

/** The program's rules, of which those of equivalences derive pairs, and then the rules by which
 * what is given and derived pairs go where they belong. */
function wholeRules(
  program: Program,
  relations: readonly Relation[],
  given: readonly number[],
  pairs: ReadonlyMap<number, number>,
) {
  const rules: Rule[] = program.rules.map((rule) => {
    const base = pairs.get(rule.head.relation);
    return base === undefined ? rule : { ...rule, head: { ...rule.head, relation: base } };
  });
  const ruleOf: (number | undefined)[] = [...program.rules.keys()];
  const added: { readonly relation: number; readonly rule: number }[] = [];
  const copy = (from: number, to: number): void => {
    const { attributes, span } = relations[from]!;
    const variables = attributes.map(({ name, kind }) => ({ name, kind }));
    const terms = attributes.map((_, variable): Term => ({ kind: "variable", variable }));
    const body: Literal[] = [{ kind: "atom", relation: from, terms, span }];
    added.push({ relation: to, rule: rules.length });
    rules.push({ head: { relation: to, terms }, body, variables, span });
    ruleOf.push(undefined);
  };
  for (const [at, from] of given.entries()) {
    const base = pairs.get(at);
    if (from !== at) copy(from, base ?? at);
    if (base !== undefined) copy(base, at);
  }
  return { rules, ruleOf, added };
}

/** How tuples of a stratum come: as soon as a rule derives them (`plain`), so too, but which ones
 * depends on the order (`ordered`), or also going again (`unordered`). */
function kindOf(
  { relations, rules }: Stratum,
  program: Program,
): "plain" | "ordered" | "unordered" {
  const own = rules.map((at) => program.rules[at]!);
  const lattices = relations.some((at) => program.relations[at]!.lattices !== undefined);
  if (lattices || own.some(({ subsumes }) => subsumes === true)) return "unordered";
  const chosen = relations.some((at) => {
    const { choices, limit } = program.relations[at]!;
    return choices !== undefined || limit !== undefined;
  });
  return chosen || own.some(counting) ? "ordered" : "plain";
}

/** Whether what a rule derives depends on when or how often it is run. */
function counting({ head, body }: Rule): boolean {
  if (head.terms.some(termCounts) || body.some(literalCounts)) return true;
  let found = false;
  const look = (term: Term): Term => {
    if (term.kind === "iteration") found = true;
    return term;
  };
  for (const term of head.terms) mapTerms(term, look);
  for (const literal of body) mapLiteralTerms(literal, (term) => mapTerms(term, look));
  return found;
}
