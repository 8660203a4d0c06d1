// Terms and conditions on the words of a database, for a few bindings at a time: what the engine
// computes, one value after the other.
import type { Literal, Term } from "../analysis/program.ts";
import { hasAnonymous } from "../analysis/terms.ts";
import { termCounts, termVariables } from "../plan/literals.ts";
import type { OnWords } from "../codegen/code.ts";
import { functorOf } from "../engine/functors.ts";
import { EvaluationFault } from "../value/fault.ts";
import { methodName } from "../value/operator.ts";
import { operations, type Operations } from "../value/operations.ts";
import type { Implementations, UserFunctor } from "../value/user-functor.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";

/** The words of a rule's variables, by number; undefined while a variable has none. */
export type Bindings = readonly (Word | undefined)[];

/** What computes terms on the words of one database. */
export class Terms {
  readonly values: Values;
  readonly operations: Operations;
  readonly functor: (user: UserFunctor) => OnWords;

  constructor(values: Values, functors: Implementations = {}) {
    this.values = values;
    this.operations = operations(values);
    this.functor = functorOf(values, functors);
  }

  /** Whether a term can be computed. Counters and rounds are gone once a run is over. */
  known(term: Term, bindings: Bindings): boolean {
    return (
      !hasAnonymous(term) &&
      !passing(term) &&
      termVariables(term).every((variable) => bindings[variable] !== undefined)
    );
  }

  /** The word of a known term; undefined where it has no value. */
  word(term: Term, bindings: Bindings): Word | undefined {
    try {
      return this.compute(term, bindings);
    } catch (fault) {
      if (fault instanceof EvaluationFault) return undefined;
      throw fault;
    }
  }

  /** The bindings with those that make the terms the words at their places; undefined where none
   * do, or where a variable would stay open that a computed term needs. */
  unified(
    terms: readonly Term[],
    words: ArrayLike<Word>,
    bindings: Bindings,
  ): Bindings | undefined {
    const more = [...bindings];
    if (!terms.every((term, at) => this.bind(term, words[at]!, more))) return undefined;
    return terms.every((term, at) => this.agrees(term, words[at]!, more)) ? more : undefined;
  }

  /** Whether a comparison or a test of known terms holds. */
  holds(literal: Literal & { kind: "comparison" | "test" }, bindings: Bindings): boolean {
    const left = this.word(literal.left, bindings);
    const right = this.word(literal.right, bindings);
    if (left === undefined || right === undefined) return false;
    if (literal.kind === "test") {
      const test = literal.negated ? (`not_${literal.word}` as const) : literal.word;
      return this.operations[test](left, right);
    }
    if (literal.operator === "=") return left === right;
    if (literal.operator === "!=") return left !== right;
    return this.method(`${methods[literal.operator]}_${literal.of}`)(left, right) as boolean;
  }

  private bind(term: Term, word: Word, bindings: (Word | undefined)[]): boolean {
    if (term.kind === "variable") bindings[term.variable] ??= word;
    if (term.kind !== "record") return true;
    const fields = this.fields(term, word);
    return fields?.every((field, at) => this.bind(term.fields[at]!, field, bindings)) === true;
  }

  private agrees(term: Term, word: Word, bindings: Bindings): boolean {
    if (term.kind === "anonymous" || passing(term)) return true;
    if (term.kind === "variable") return bindings[term.variable] === word;
    if (term.kind === "record") {
      const fields = this.fields(term, word);
      return fields?.every((field, at) => this.agrees(term.fields[at]!, field, bindings)) === true;
    }
    // A head may compute from variables that the body binds later.
    if (!this.known(term, bindings)) return true;
    return this.word(term, bindings) === word;
  }

  /** The words of the fields of a value that is as the term says. */
  private fields(
    { of, branch, fields }: Term & { kind: "record" },
    word: Word,
  ): readonly Word[] | undefined {
    const parts = this.values.structures.parts(of, word);
    if (parts === undefined || parts.branch?.name !== branch) return undefined;
    return parts.collection === undefined && parts.words.length === fields.length
      ? parts.words
      : undefined;
  }

  private compute(term: Term, bindings: Bindings): Word | undefined {
    switch (term.kind) {
      case "variable":
        return bindings[term.variable];
      case "constant":
        return this.values.encode(term.of, term.value);
      case "record": {
        const words = term.fields.map((field) => this.compute(field, bindings));
        if (!words.every((word) => word !== undefined)) return undefined;
        const structure = this.values.structures.structure(term.of);
        const branchAt =
          structure.kind === "adt"
            ? structure.branches.findIndex(({ name }) => name === term.branch)
            : undefined;
        return this.values.structures.pack(term.of, branchAt, words);
      }
      case "functor": {
        const words = term.arguments.map((of) => this.compute(of, bindings));
        if (!words.every((word) => word !== undefined)) return undefined;
        if (term.name === "user") return this.functor(term.user)(...words);
        const method = this.method(methodName(term.name, term.of)) as (...of: Word[]) => Word;
        if (term.name === "min" || term.name === "max" || term.name === "cat")
          return words.reduce((folded, word) => method(folded, word));
        return method(...words);
      }
      case "anonymous":
      case "counter":
      case "iteration":
        return undefined;
    }
  }

  private method(name: string): (...words: Word[]) => unknown {
    const all = this.operations as unknown as Record<string, (...words: Word[]) => unknown>;
    return (...words) => all[name]!(...words);
  }
}

const methods = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" } as const;

/** Whether a term has a value only while a rule runs. */
export function passing(term: Term): boolean {
  if (term.kind === "iteration" || termCounts(term)) return true;
  if (term.kind === "functor") return term.arguments.some(passing);
  return term.kind === "record" && term.fields.some(passing);
}

/** The variables that a term binds where its value is known; `undefined` for one that it needs. */
export function bindable(term: Term, bindings: Bindings, own: ReadonlySet<number>): boolean {
  if (term.kind === "variable" || term.kind === "anonymous") return true;
  if (term.kind === "record") return term.fields.every((field) => bindable(field, bindings, own));
  return termVariables(term).every((of) => bindings[of] !== undefined || own.has(of));
}

/** The variables that are terms, or fields of records in terms. */
export function patternVariables(terms: readonly Term[]): Set<number> {
  const found = new Set<number>();
  const visit = (term: Term): void => {
    if (term.kind === "variable") found.add(term.variable);
    else if (term.kind === "record") term.fields.forEach(visit);
  };
  terms.forEach(visit);
  return found;
}
