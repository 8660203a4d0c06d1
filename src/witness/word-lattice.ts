// Lattices as operations on words, as evaluation computes them.
import { both } from "../analysis/lattices.ts";
import type { Program, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import type { Span } from "../base/source.ts";
import { joinOf } from "../codegen/interpret-expression.ts";
import { functorOf } from "../engine/functors.ts";
import { joinPlan } from "../plan/operations.ts";
import type { Functor } from "../value/operator.ts";
import { operations } from "../value/operations.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { Side } from "./lattice-laws.ts";

/** A lattice by what is declared of it: `Lub`, `Bottom` and so on, of the variables 0 and 1. */
export type Declared = {
  readonly name: string;
  readonly of: ValueKind;
  readonly members: ReadonlyMap<string, Term>;
};

/** What a lattice's operations make of words of `values`. They throw an `EvaluationFault` where
 * there is no result. */
export class WordLattice {
  private readonly values: Values;
  private readonly of: ValueKind;
  private readonly truth: boolean;
  private readonly operations: ReadonlyMap<string, (a: Word, b: Word) => Word>;
  private readonly leqOf: ValueKind;

  constructor(values: Values, functors: Implementations, { name, of, members }: Declared) {
    this.values = values;
    this.of = of;
    const counters = { counter: () => 0, iteration: () => 0 };
    const functor = functorOf(values, functors);
    const constant = values.encode.bind(values);
    const environment = { values, constant, operations: operations(values), counters, functor };
    this.operations = new Map(
      [...members].map(([member, term]) => [
        member,
        joinOf(environment, joinPlan({ name, lub: term })),
      ]),
    );
    const [lub, leq] = [members.get("Lub"), members.get("Leq")];
    this.truth = lub?.kind === "functor" && (lub.name === "lor" || lub.name === "land");
    this.leqOf = leq?.kind === "functor" && leq.name === "user" ? leq.user.result : "number";
  }

  /** Returns the element above two. */
  join(a: Word, b: Word): Word {
    return this.apply("Lub", a, b);
  }

  /** Whether two elements are one: of truth values, whatever is not 0 is. */
  same(a: Word, b: Word): boolean {
    return a === b || (this.truth && this.isTrue(this.of, a) === this.isTrue(this.of, b));
  }

  /** Whether one is below the other, or the same. */
  below(a: Word, b: Word): boolean {
    return this.same(this.join(a, b), b);
  }

  /** Returns the side of a law for elements by their names. */
  side(side: Side, given: ReadonlyMap<string, Word>): Word | boolean {
    if (typeof side === "string") return given.get(side) ?? this.apply(side, 0, 0);
    const [name, left, right] = side;
    const a = this.side(left, given) as Word;
    const b = this.side(right, given) as Word;
    if (name === "=") return this.same(a, b);
    const result = this.apply(name, a, b);
    return name === "Leq" ? this.isTrue(this.leqOf, result) : result;
  }

  private apply(member: string, a: Word, b: Word): Word {
    const operation = this.operations.get(member);
    assert(operation !== undefined, `the lattice has ${member}`);
    return operation(a, b);
  }

  private isTrue(kind: ValueKind, word: Word): boolean {
    return this.values.decode(kind, word) !== 0n;
  }
}

/** Returns the lattice that a law names, of elements of this kind; undefined where the order of a
 * law has no name. */
export function latticeNamed(
  { lattices }: Program,
  values: Values,
  functors: Implementations,
  { name, of, span }: Pick<Declared, "name" | "of"> & { readonly span: Span },
): WordLattice | undefined {
  const builtIn = joins[name.replace(/<.*$/, "")];
  // Laws have a lattice that joins as a predeclared one by the name of that.
  const declared = lattices.find(
    ({ name: own, lub }) => `${own}<>` === name && (builtIn === undefined || isUser(lub)),
  )?.lub;
  const lub: Term | undefined =
    declared ?? (builtIn && { kind: "functor", name: builtIn, of, arguments: both, span });
  if (lub === undefined) return undefined;
  return new WordLattice(values, functors, { name, of, members: new Map([["Lub", lub]]) });
}

const joins: Readonly<Record<string, Functor>> = { Max: "max", Min: "min", Or: "lor", And: "land" };

function isUser(term: Term): boolean {
  return term.kind === "functor" && term.name === "user";
}
