import type { Literal } from "../analysis/program.ts";
import type { Word } from "../value/word.ts";
import type { Bodies, Match, Search } from "./bodies.ts";
import type { Completed } from "./completed.ts";
import { type Draft, type Instance, keyOf, type ProofRule } from "./draft.ts";
import type { Terms } from "./terms.ts";

/** The rules by which tuples of a completed database can be derived, and from which others. */
export class Instances {
  private readonly completed: Completed;
  private readonly terms: Terms;
  private readonly bodies: Bodies;

  constructor(completed: Completed, terms: Terms, bodies: Bodies) {
    this.completed = completed;
    this.terms = terms;
    this.bodies = bodies;
  }

  /** What tuples may be used for a draft: those that came before it. Where the order is not known,
   * `careful` leaves those out that it is itself used for. */
  searchFor({ relation, words, above }: Draft) {
    const { copies, unordered, stratumOf } = this.completed.explainable;
    const origin = this.completed.originOf(relation);
    const read = copies.get(relation) ?? relation;
    const avoids = unordered.has(origin);
    const own = new Set([...above, keyOf(relation, words)]);
    const rank = avoids ? 0 : this.rankOf(read, words);
    const accepts = (match: Match, row: number | undefined): boolean => {
      if (avoids) return true;
      const from = this.completed.originOf(match.relation);
      if (match.relation === from && (read !== relation || stratumOf[from] !== stratumOf[origin]))
        return true;
      if (row !== undefined) return row < this.completed.rowsBelow(match.relation, rank);
      return this.pairRank(match.relation, match.words) < rank;
    };
    const careful = ({ relation: from, words: used }: Match): boolean =>
      !own.has(keyOf(from, used));
    return { avoids, accepts, careful };
  }

  /** The rank of a tuple. */
  rankOf(read: number, words: readonly Word[]): number {
    const rows = this.completed.rows(read, [...words.keys()], words);
    return rows.count === 0 ? Infinity : this.completed.rankOf(read, rows.at(0));
  }

  /** The rank of a pair of an equivalence: it is there one round after those that it follows
   * from. */
  private pairRank(relation: number, [a, b]: readonly Word[]): number {
    const pairs = this.completed.pairsOf(relation);
    const row = this.completed.closure(pairs).rowOf(a!, b!);
    return row === undefined ? Infinity : Math.max(2, this.completed.rankOf(pairs, row) + 1);
  }

  /** The rules of a relation. */
  rulesOf(relation: number): readonly ProofRule[] {
    const { whole, copies, ruleOf } = this.completed.explainable;
    const copied = copies.has(relation);
    return whole.rules.flatMap((rule, place) => {
      const at = ruleOf[place];
      if (at === undefined || rule.head.relation !== relation) return [];
      if (rule.subsumes === true || rule.when !== undefined) return [];
      const body = rule.body.map((literal): Literal => {
        if (literal.kind !== "atom" || !copied) return literal;
        return { ...literal, relation: copies.get(literal.relation) ?? literal.relation };
      });
      return [{ at, rule: { ...rule, body } }];
    });
  }

  /** The instances of rules that derive a tuple. */
  *instances(
    relation: number,
    words: readonly Word[],
    search: { readonly accepts?: Search["accepts"] | undefined },
  ): Generator<Omit<Instance, "witnesses">> {
    for (const rule of this.rulesOf(relation)) {
      const { head, variables } = rule.rule;
      const start = this.terms.unified(
        head.terms,
        words,
        variables.map(() => undefined),
      );
      if (start === undefined) continue;
      const { accepts } = search;
      for (const way of this.bodies.ways(rule.rule, start, accepts ? { accepts } : {}))
        if (this.terms.unified(head.terms, words, way.bindings) !== undefined) yield { rule, way };
    }
  }
}
