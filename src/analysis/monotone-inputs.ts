// Where the values of columns come from. A column carries inputs if each of its values is a value
// of some fact that was read, whatever those facts are: no constant of the text and nothing
// computed.
import type { Literal, Program, Relation, Rule, Term } from "./program.ts";
import type { RelationFacts } from "./monotone-relations.ts";

/** Returns for each column of each relation whether it carries inputs: the greatest fixpoint. */
export function inputColumns(
  program: Program,
  facts: RelationFacts,
): readonly (readonly boolean[])[] {
  const { relations, rules } = program;
  const stated = new Set(program.facts.map(({ relation }) => relation));
  const carries = relations.map((relation, at) => {
    const derived = facts.input[at] === true || (facts.rulesOf[at] ?? []).length > 0;
    const possible = derived && !stated.has(at) && relation.place?.system === undefined;
    const keys = keyCount(relation);
    return relation.attributes.map((_, column) => possible && column < keys);
  });
  const readers: number[][] = relations.map(() => []);
  for (const [at, { body }] of rules.entries())
    for (const literal of body) if (literal.kind === "atom") readers[literal.relation]?.push(at);

  const open = [...rules.keys()];
  for (const at of open) {
    const rule = rules[at];
    if (rule === undefined || rule.subsumes === true || rule.removes === true) continue;
    const { relation, terms } = rule.head;
    const bound = inputVariables([rule.body], carries);
    const own = carries[relation] ?? [];
    const lost = terms.flatMap((term, column) =>
      own[column] === true && !isBound(term, bound) ? [column] : [],
    );
    if (lost.length === 0) continue;
    // An equivalence has the values of one column in the other, too.
    const all = relations[relation]?.equivalence === true;
    for (const column of all ? own.keys() : lost) own[column] = false;
    open.push(...(readers[relation] ?? []));
  }
  return carries;
}

/** Returns the variables that positive atoms of these bodies bind to values of inputs. */
export function inputVariables(
  scopes: readonly (readonly Literal[])[],
  carries: readonly (readonly boolean[])[],
): Set<number> {
  const bound = new Set<number>();
  const groups = new Groups();
  let united = false;
  for (const literal of scopes.flat()) {
    if (literal.kind === "atom")
      for (const [column, term] of literal.terms.entries())
        if (term.kind === "variable" && carries[literal.relation]?.[column] === true)
          bound.add(term.variable);
    const pair = equation(literal);
    if (pair === undefined) continue;
    groups.unite(...pair);
    united = true;
  }
  if (!united) return bound;
  const roots = new Set([...bound].map((variable) => groups.root(variable)));
  for (const variable of groups.members())
    if (roots.has(groups.root(variable))) bound.add(variable);
  return bound;
}

/** The two variables that a literal says are equal. */
export function equation(literal: Literal): readonly [number, number] | undefined {
  if (literal.kind !== "comparison" || literal.operator !== "=") return undefined;
  const { left, right } = literal;
  if (left.kind !== "variable" || right.kind !== "variable") return undefined;
  return [left.variable, right.variable];
}

/** How many columns of a relation are of no lattice. */
export function keyCount({ attributes, lattices = [] }: Relation): number {
  return attributes.length - lattices.length;
}

/** Whether a term is a variable among `bound`. */
export function isBound(term: Term | undefined, bound: ReadonlySet<number>): boolean {
  return term?.kind === "variable" && bound.has(term.variable);
}

/** What the tests of the wider levels go by. */
export type InputContext = {
  readonly program: Program;
  readonly facts: RelationFacts;
  readonly carries: readonly (readonly boolean[])[];
};

/** The rules with this head. */
export function rulesOf({ program, facts }: InputContext, relation: number): Rule[] {
  return (facts.rulesOf[relation] ?? []).flatMap((at) => program.rules[at] ?? []);
}

/** Sets of variables: each is known by one of its members. */
export class Groups {
  private readonly above = new Map<number, number>();

  root(variable: number): number {
    let found = variable;
    for (;;) {
      const next = this.above.get(found) ?? found;
      const far = this.above.get(next) ?? next;
      if (far === found || next === found) return found;
      // Halves the way for the next time.
      this.above.set(found, far);
      found = far;
    }
  }

  unite(one: number, other: number): void {
    const [a, b] = [this.root(one), this.root(other)];
    for (const of of [one, other, a, b]) if (!this.above.has(of)) this.above.set(of, of);
    this.above.set(Math.max(a, b), Math.min(a, b));
  }

  /** All that were united with something. */
  members(): Iterable<number> {
    return this.above.keys();
  }
}
