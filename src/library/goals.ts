// From a goal to its answers in a database.
import type { Program, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { ask } from "../engine/ask.ts";
import type { Database as StoredRelations } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import { goalName, understoodGoal } from "../goal.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { parse } from "../syntax/parse.ts";
import { relocated } from "../syntax/relocated.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Attribute, ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { CalmError, throwErrors } from "./calm-error.ts";
import { checkColumnTypes, type ColumnTypes } from "./column-types.ts";
import type { Compiled } from "./compiled.ts";
import { checkSignatures, lackingFunctors } from "./functor.ts";
import { sourceOf, type Text } from "./program-text.ts";

/** A goal that can be asked. */
export type Goal = {
  readonly plan: Plan;
  readonly columns: readonly Attribute[];
  /** The relations that it reads, by their places in the database. */
  readonly reads: ReadonlySet<number>;
  /** What fits it, if it asks for tuples of one relation and no more. */
  readonly pattern?: Pattern;
};

/** Which tuples of a relation are answers, and what of them. */
export type Pattern = {
  readonly relation: number;
  /** Words that columns have to have, */
  readonly constants: readonly PatternConstant[];
  /** columns that have to be equal, */
  readonly equal: readonly (readonly [column: number, other: number])[];
  /** and, for each column of an answer, where it is from. */
  readonly columns: readonly number[];
};

type PatternConstant = {
  readonly column: number;
  readonly kind: ValueKind;
  readonly word: Word;
};

/** How many goals are kept for when they are asked again. */
export const goalsKeptMax = 1_000;

/** The goals that a database was asked. */
export class Goals {
  readonly values: Values;
  private readonly compiled: Compiled;
  private readonly stored: StoredRelations;
  private readonly known = new Map<string, Goal>();

  constructor(compiled: Compiled, stored: StoredRelations) {
    this.compiled = compiled;
    this.stored = stored;
    this.values = stored.values;
  }

  /** Returns the goal that a text is; throws where it is none, or none with these columns. */
  goal(text: Text, columns?: ColumnTypes): Goal {
    const source = sourceOf(text, "goal");
    let goal = this.known.get(source.text);
    if (goal === undefined) {
      goal = this.understood(source);
      if (this.known.size === goalsKeptMax) this.known.clear();
      this.known.set(source.text, goal);
    }
    if (columns !== undefined) checkColumnTypes(columns, goal.columns);
    return goal;
  }

  /** Shows the words that goals hold. */
  showWords(live: LiveWords): void {
    for (const goal of this.known.values()) showWordsOf(goal, live);
  }

  /** Returns a relation that holds the answers of a goal. What the database holds has to be up to
   * date. */
  answer({ plan: asked }: Goal): Relation {
    const { relation, evaluation } = ask(asked, this.stored, goalName, this.compiled.evaluate);
    throwErrors(evaluation.diagnostics);
    return relation;
  }

  private understood(source: { readonly path: string; readonly text: string }): Goal {
    const { declarations, reading } = this.compiled;
    const prefix = `${goalName}() :- `;
    // A goal may end as it does in the REPL. A line comment at its end ends with the line.
    const body = source.text.replace(/\s*[?.]?\s*$/, "");
    const read = { path: source.path, text: `${prefix}${body}\n.` };
    const parsed = parse(read, { ...reading, preprocess: false });
    const { tree, diagnostics } = relocated(parsed, read, source, prefix.length);
    throwErrors(diagnostics);
    if (tree.items.length !== 1)
      throw new CalmError("no-goal", "a goal is one body, and this says more", "ask one by one");
    const understood = understoodGoal(declarations, { tree, diagnostics }, goalName, reading);
    throwErrors(understood.diagnostics);
    const { program } = understood;
    assert(program !== undefined, "a goal without errors has a program");
    const { functors = {} } = this.compiled.evaluate;
    throwErrors(lackingFunctors(program, functors));
    checkSignatures(program, functors);
    const asked = plan(program);
    const columns = asked.relations.find(({ name }) => name === goalName)?.attributes ?? [];
    const pattern = this.patternOf(program);
    return { plan: asked, columns, reads: this.reads(asked), ...(pattern && { pattern }) };
  }

  private reads(asked: Plan): ReadonlySet<number> {
    const { strata, relations } = asked;
    const own = [...strata.keys()].filter((at) =>
      strata[at]?.some((of) => this.at(relations[of]?.name) === undefined),
    );
    const read = own.flatMap((at) => {
      const { joins, wholes } = asked.upkeep(at);
      return [...joins, ...wholes].flatMap((of) => this.at(relations[of]?.name) ?? []);
    });
    return new Set(read);
  }

  private patternOf({ rules, relations }: Program): Pattern | undefined {
    const own = rules.filter(({ head }) => relations[head.relation]?.name === goalName);
    const [rule] = own;
    const [atom] = rule?.body ?? [];
    if (rule === undefined || own.length > 1 || rule.body.length !== 1) return undefined;
    if (atom?.kind !== "atom") return undefined;
    const relation = this.at(relations[atom.relation]?.name);
    if (relation === undefined) return undefined;
    const constants: PatternConstant[] = [];
    const equal: [number, number][] = [];
    const places = new Map<number, number>();
    for (const [column, term] of atom.terms.entries()) {
      if (term.kind === "anonymous") continue;
      if (term.kind === "constant")
        constants.push({
          ...{ column, kind: term.of },
          word: this.values.encode(term.of, term.value),
        });
      else if (term.kind !== "variable") return undefined;
      else {
        const other = places.get(term.variable);
        if (other === undefined) places.set(term.variable, column);
        else equal.push([column, other]);
      }
    }
    const columns = rule.head.terms.flatMap((term) => placeOf(term, places) ?? []);
    if (columns.length !== rule.head.terms.length) return undefined;
    return { relation, constants, equal, columns };
  }

  private at(name: string | undefined): number | undefined {
    const at = this.compiled.program.relations.findIndex((relation) => relation.name === name);
    return at < 0 ? undefined : at;
  }
}

/** Shows the words that a goal holds. */
export function showWordsOf({ pattern }: Goal, live: LiveWords): void {
  for (const { kind, word } of pattern?.constants ?? []) live.add(kind, word);
}

function placeOf(term: Term, places: ReadonlyMap<number, number>): number | undefined {
  return term.kind === "variable" ? places.get(term.variable) : undefined;
}
