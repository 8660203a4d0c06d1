// A transaction as a program: its arguments are a relation of one tuple, what it does are outputs,
// and of base relations it has the rows that it asked for. What it asks for is what the demand
// transformation derives: so the rows to fetch, and to lock, follow from rules as all else does.
import type {
  Directive,
  Literal,
  Program,
  Relation,
  Rule,
  Term,
  Transaction,
} from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { bindingOf, isKnown } from "./bound.ts";
import { demanded } from "./demand.ts";
import { dependencies, readings, readsOf, strataOf } from "./demand-strata.ts";
import type { KeyedPlan } from "./keyed.ts";
import { keyedPlan } from "./keyed-planning.ts";
import type { ListedPlan } from "./listed.ts";
import { listedPlan } from "./listed-planning.ts";
import { literalFaults, literalVariables, termFaults, termVariables } from "./literals.ts";
import type { Plan } from "./plan.ts";
import { plan } from "./program.ts";

/** What carries out a transaction. All places are those of relations of the plan. */
export type TransactionPlan = {
  readonly name: string;
  readonly parameters: Transaction["parameters"];
  /** What `plan` is of. Its first relations are those of the program that has the transaction. */
  readonly program: Program;
  readonly plan: Plan;
  /** The arguments: one tuple. */
  readonly given: number;
  /** Base relations that are read; a tuple of `rows` is one of them. */
  readonly bases: readonly { readonly relation: number; readonly rows: number }[];
  /** What is asked of base relations. */
  readonly probes: readonly Probe[];
  /** Reasons to abort: symbols. Absent where there are none. */
  readonly aborts?: number;
  readonly changes: readonly Change[];
  /** Strata that follow from the arguments alone: they say what is asked at first. */
  readonly early: readonly number[];
  /** The same by lookups of keys, where it is such a transaction; */
  readonly keyed?: KeyedPlan;
  /** if not, the same by lists, where it is such a one. */
  readonly listed?: ListedPlan;
};

/** What is asked of a base relation: all tuples with certain values in these columns. */
export type Probe = {
  readonly relation: number;
  readonly columns: readonly number[];
  /** Holds those values; absent where all of the relation is asked for. */
  readonly values?: number;
  /** Whether the values follow from the arguments alone. */
  readonly early: boolean;
};

/** Rows that a transaction inserts or removes. */
export type Change = {
  readonly kind: "insert" | "remove";
  /** In the program. */
  readonly relation: number;
  /** Holds the rows. */
  readonly rows: number;
  /** The columns of its key (`keyColumns`). */
  readonly key: readonly number[];
  /** The longest prefix of the key whose values follow from the arguments, and what holds them. */
  readonly prefix?: { readonly columns: readonly number[]; readonly values: number };
};

/** Returns the plan of a transaction of a program. */
export function transactionPlan(program: Program, transaction: Transaction): TransactionPlan {
  const planned = new Planning(program, transaction).plan();
  const context = {
    isBase: (at: number) => isBase(program, at),
    keyOf: (at: number) => keyColumns(program, at),
  };
  const keyed = keyedPlan(program, transaction, context);
  if (keyed !== undefined) return { ...planned, keyed };
  const listed = listedPlan(program, transaction, context);
  return listed === undefined ? planned : { ...planned, listed };
}

/** Whether transactions read the tuples of a relation from storage: they are ordered, come from
 * outside, or are inserted by transactions. */
export function isBase({ relations, directives, transactions }: Program, at: number): boolean {
  if (relations[at]?.place?.ordered !== undefined) return true;
  if (directives.some(({ word, relation }) => word === "input" && relation === at)) return true;
  return transactions.some(({ rules }) =>
    rules.some(({ head }) => head.kind !== "abort" && head.relation === at),
  );
}

/** Returns the columns by whose values the tuples of a base relation are told apart, locked and
 * partitioned: the key of an ordered relation, all columns of a free one. */
export function keyColumns({ relations }: Program, at: number): readonly number[] {
  const { place, attributes = [] } = relations[at] ?? {};
  return place?.ordered ?? [...attributes.keys()];
}

class Planning {
  private readonly program: Program;
  private readonly transaction: Transaction;
  private readonly relations: Relation[];
  private readonly rules: Rule[] = [];
  private readonly directives: Directive[] = [];
  private readonly made = new Map<string, number>();

  constructor(program: Program, transaction: Transaction) {
    this.program = program;
    this.transaction = transaction;
    this.relations = program.relations.map((of) => ({ ...of, magic: true }));
  }

  plan(): TransactionPlan {
    const { program, transaction } = this;
    const { name, parameters, span } = transaction;
    const given = program.relations.findIndex((of) => of.name === name);
    this.directives.push({ word: "input", relation: given, parameters: new Map(), span });
    const reason = { name: "reason", type: "symbol", kind: "symbol" } as const;
    const changes = new Map<number, Change>();
    let aborts: number | undefined;
    for (const { given: terms, head, body, variables, span: of } of transaction.rules) {
      const argument: Literal = { kind: "atom", relation: given, terms, span: of };
      const rule = { body: [argument, ...body], variables, span: of };
      if (head.kind === "abort") {
        aborts = this.output("#abort", [reason]);
        this.rules.push({ head: { relation: aborts, terms: [head.reason] }, ...rule });
        continue;
      }
      const { relation } = head;
      const change = `#${head.kind} ${this.nameOf(relation)}`;
      const rows = this.output(change, program.relations[relation]?.attributes ?? []);
      this.rules.push({ head: { relation: rows, terms: head.terms }, ...rule });
      const key = keyColumns(program, relation);
      changes.set(rows, { kind: head.kind, relation, rows, key });
    }
    const known = this.knownFrom(given);
    const prefixes = new Map(
      [...changes.values()].map((change) => [change.rows, this.prefix(change, known)]),
    );
    const bases = this.derive();
    const found = this.demanded();
    const asked = new Set(found.versions.map(({ demandAt }) => demandAt));
    const rows = new Set(bases.map((base) => base.rows));
    const { rules, early } = askedEarly(found.program, asked, rows);
    const strata = strataOf(found.program.relations, rules, []);
    const probes = bases.flatMap(({ relation }): Probe[] => {
      const versions = found.versions.filter((of) => of.relation === relation);
      if (versions.length === 0) return [{ relation, columns: [], early: true }];
      return versions.map(({ given: columns, demandAt }) => ({
        ...{ relation, columns, values: demandAt, early: early.has(demandAt) },
      }));
    });
    const asking = { ...found.program, rules, strata };
    const planned = plan(asking);
    return {
      ...{ name, parameters, program: asking, plan: planned, given, bases, probes },
      ...(aborts !== undefined && { aborts }),
      changes: [...changes.values()].map((change) => {
        const prefix = prefixes.get(change.rows);
        return prefix === undefined ? change : { ...change, prefix };
      }),
      early: planned.strata.flatMap((members, at) =>
        members.every((relation) => early.has(relation)) ? [at] : [],
      ),
    };
  }

  /** Adds the rules of the program that the effects need, with those of base relations: their
   * tuples are the rows that are fetched. Returns the base relations. */
  private derive(): TransactionPlan["bases"] {
    const { program } = this;
    const bases = new Map<number, number>();
    const derived = program.rules.filter((rule) => rule.when === undefined);
    const all = [...this.rules, ...derived];
    const reads = readsOf(this.relations.length, readings(all));
    const needed = dependencies(this.made.values(), reads);
    for (const rule of derived) if (needed.has(rule.head.relation)) this.rules.push(rule);
    for (const at of [...needed].toSorted((a, b) => a - b)) {
      const base = program.relations[at];
      if (base === undefined || !isBase(program, at)) continue;
      const { attributes, span } = base;
      const rows = this.relation(`#row ${base.name}`, attributes);
      bases.set(at, rows);
      this.directives.push({ word: "input", relation: rows, parameters: new Map(), span });
      const terms = attributes.map((_, variable): Term => ({ kind: "variable", variable }));
      this.rules.push({
        head: { relation: at, terms },
        body: [{ kind: "atom", relation: rows, terms, span }],
        variables: attributes.map(({ name, kind }) => ({ name, kind })),
        span,
      });
    }
    return [...bases].map(([relation, rows]) => ({ relation, rows }));
  }

  private demanded(): ReturnType<typeof demanded> {
    const { program, relations, rules, directives } = this;
    const facts = program.facts.filter(({ relation }) => !isBase(program, relation));
    const whole: Program = {
      ...program,
      ...{ relations, rules, directives, facts },
      ...{ strata: strataOf(relations, rules, []), expectations: [], transactions: [] },
    };
    return demanded(whole, { relations: "*", exclude: [], keepsJoins: false });
  }

  /** The relations that follow from the arguments and the text alone. */
  private knownFrom(given: number): ReadonlySet<number> {
    const { program } = this;
    const rules = program.rules.filter(({ when }) => when === undefined);
    const bases = new Set([...program.relations.keys()].filter((at) => isBase(program, at)));
    return new Set([given, ...independent(program.relations.length, rules, bases)]);
  }

  /** The values of the prefix of a change's key that its rules name by their arguments alone: each
   * rule adds those that it may change. */
  private prefix({ rows, key }: Change, known: ReadonlySet<number>): Change["prefix"] {
    const found = this.rules
      .filter(({ head }) => head.relation === rows)
      .map((rule) => ({ rule, ...within(rule, known) }));
    const lengths = found.map(({ rule: { head }, bound }) => {
      const at = key.findIndex((column) => {
        const term = head.terms[column];
        return term === undefined || !isKnown(term, bound) || termFaults(term);
      });
      return at < 0 ? key.length : at;
    });
    const columns = key.slice(0, Math.min(...lengths));
    if (columns.length === 0) return undefined;
    const attributes = this.relations[rows]?.attributes ?? [];
    const name = `#key ${this.relations[rows]?.name ?? ""}`;
    const kept = columns.flatMap((column) => attributes[column] ?? []);
    const values = this.output(name, kept);
    for (const { rule, literals } of found) {
      const terms = columns.flatMap((column) => rule.head.terms[column] ?? []);
      const body = needed(literals, terms);
      this.rules.push({ ...rule, head: { relation: values, terms }, body });
    }
    return { columns, values };
  }

  private output(name: string, attributes: Relation["attributes"]): number {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const relation = this.relation(name, attributes);
    this.made.set(name, relation);
    const { span } = this.transaction;
    this.directives.push({ word: "output", relation, parameters: new Map(), span });
    return relation;
  }

  private relation(name: string, attributes: Relation["attributes"]): number {
    const { span } = this.transaction;
    return this.relations.push({ name, attributes, inlined: false, span }) - 1;
  }

  private nameOf(relation: number): string {
    return this.program.relations[relation]?.name ?? "";
  }
}

/** The literals of a body that name no other relations than some, as far as these ground their
 * variables, and which variables that are. */
function within({ body }: Rule, relations: ReadonlySet<number>): Grounded {
  const literals: Literal[] = body.filter((of) => of.kind === "atom" && relations.has(of.relation));
  const bound = new Set(literals.flatMap(literalVariables));
  const waiting = new Set(body);
  for (let before = -1; before < literals.length;) {
    before = literals.length;
    for (const literal of waiting) {
      if (literal.kind !== "comparison" || literalFaults(literal)) continue;
      const binding = bindingOf(literal, bound);
      if (binding === undefined) continue;
      waiting.delete(literal);
      literals.push(literal);
      bound.add(binding.variable);
    }
  }
  return { literals, bound };
}

/** Those of the literals that give the variables of some terms their values; atoms are kept. */
function needed(literals: readonly Literal[], terms: readonly Term[]): Literal[] {
  const wanted = new Set(terms.flatMap(termVariables));
  return literals
    .toReversed()
    .filter((literal) => {
      const variables = literalVariables(literal);
      if (literal.kind !== "atom" && !variables.some((of) => wanted.has(of))) return false;
      for (const variable of variables) wanted.add(variable);
      return true;
    })
    .toReversed();
}

type Grounded = { readonly literals: readonly Literal[]; readonly bound: ReadonlySet<number> };

/** The relations that depend on none of some. */
function independent(
  count: number,
  rules: readonly Rule[],
  of: ReadonlySet<number>,
): ReadonlySet<number> {
  const reads = readsOf(count, readings(rules));
  const all = Array.from({ length: count }, (_, at) => at);
  return new Set(all.filter((at) => ![...dependencies([at], reads)].some((read) => of.has(read))));
}

/** Has as much as possible asked by the arguments alone, whatever the rows are: of a rule for what
 * is asked, those literals are left out that name rows and that its head can do without. It asks
 * for more then, and is known before anything is read. Returns the relations that depend on no
 * rows. */
function askedEarly(
  { relations, rules }: Program,
  asked: ReadonlySet<number>,
  rows: ReadonlySet<number>,
): { readonly rules: readonly Rule[]; readonly early: ReadonlySet<number> } {
  const early = new Set(relations.keys());
  for (const at of rows) early.delete(at);
  for (let before = -1; before !== early.size;) {
    before = early.size;
    for (const rule of rules) {
      const { relation, terms } = rule.head;
      if (!early.has(relation)) continue;
      const { bound } = within(rule, early);
      const weaker = asked.has(relation) && terms.every((term) => isKnown(term, bound));
      if (!weaker && !readsEarly(rule, early)) early.delete(relation);
    }
  }
  const weakened = rules.map((rule) =>
    asked.has(rule.head.relation) && early.has(rule.head.relation) && !readsEarly(rule, early)
      ? { ...rule, body: needed(within(rule, early).literals, rule.head.terms) }
      : rule,
  );
  return { rules: weakened, early };
}

function readsEarly({ body }: Rule, early: ReadonlySet<number>): boolean {
  let all = true;
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom" || literal.kind === "negation") all &&= early.has(literal.relation);
  });
  return all;
}
