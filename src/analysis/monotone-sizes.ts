// What is known of the size of values: whether they are negative, finite, NaN, and how large at
// most.
import { functors } from "../value/operator.ts";
import { type Bound, isNumeric, type Sources } from "./monotone-sources.ts";
import type { Rule, Term } from "./program.ts";

/** How far values are followed from one variable to the next. */
const depthMax = 200;

/** What is known of the size of the values of a rule. */
export class Sizes {
  private readonly sources: Sources;
  private readonly unsigned: readonly boolean[];
  private readonly signs = new Map<Term | number, boolean>();
  private depth = 0;

  constructor({ variables }: Pick<Rule, "variables">, sources: Sources) {
    this.sources = sources;
    this.unsigned = variables.map(({ kind }) => kind === "unsigned");
  }

  /** Whether the value of a term is never below zero, nor NaN. */
  notNegative(term: Term): boolean {
    const of = term.kind === "variable" ? term.variable : term;
    const known = this.signs.get(of);
    if (known !== undefined) return known;
    const found = this.deeper(() => this.signKnown(term));
    this.signs.set(of, found);
    return found;
  }

  /** Whether the value of a term is a float that is not NaN, or no float. */
  comparable(term: Term): boolean {
    if (term.kind === "constant") return !Number.isNaN(term.value);
    if (term.kind === "functor")
      return term.name === "min" && term.of === "float"
        ? term.arguments.some((of) => of.kind === "constant" && !Number.isNaN(of.value))
        : false;
    if (term.kind !== "variable") return false;
    const source = this.sources.get(term.variable);
    // What passes a comparison now and grows may become NaN.
    if (source?.kind === "column") return this.sources.boundsOf(term.variable).length > 0;
    if (source?.kind === "term") return this.deeper(() => this.comparable(source.term));
    if (source?.kind !== "aggregate") return false;
    const { name, value } = source.by;
    if (value === undefined || name === "fold") return name === "count";
    return this.deeper(() => this.comparable(value));
  }

  /** Whether a term is a number that is neither infinite nor NaN. */
  finite(term: Term): boolean {
    if (term.kind === "constant") return Number.isFinite(Number(term.value));
    const sides = ["lower", "upper"] as const;
    return sides.every((side) =>
      this.bounded(term, side, (value) => Number.isFinite(Number(value))),
    );
  }

  /** Whether a term is a number of at most `most`. */
  atMost(term: Term, most: number): boolean {
    if (term.kind === "constant") return isNumeric(term.value) && term.value <= most;
    if (term.kind === "functor" && term.name === "min")
      return term.arguments.some((of) => this.atMost(of, most));
    return this.bounded(term, "upper", (value) => value <= most);
  }

  /** Whether a term is a number above `bound`. */
  above(term: Term, bound: number): boolean {
    if (term.kind === "constant") return isNumeric(term.value) && term.value > bound;
    return this.bounded(term, "lower", (value, open) => value > bound || (open && value >= bound));
  }

  private bounded(
    term: Term,
    side: Bound["side"],
    holds: (value: bigint | number, open: boolean) => boolean,
  ): boolean {
    if (term.kind !== "variable") return false;
    const bounds = this.sources.boundsOf(term.variable);
    return bounds.some((of) => of.side === side && holds(of.value, of.open));
  }

  private signKnown(term: Term): boolean {
    switch (term.kind) {
      case "constant":
        return isNumeric(term.value) && term.value >= 0;
      case "variable":
        if (this.unsigned[term.variable] === true) return true;
        if (this.bounded(term, "lower", (value) => value >= 0)) return true;
        return this.variableNotNegative(term.variable);
      case "functor": {
        const { name } = term;
        if (name === "user") return term.user.result === "unsigned";
        const { result } = functors[name];
        if (name === "size" || result === "unsigned") return true;
        if (result === "same" && term.of === "unsigned") return true;
        return notNegativeStill.has(name) && term.arguments.every((of) => this.notNegative(of));
      }
      case "anonymous":
      case "record":
      case "counter":
      case "iteration":
        return false;
    }
  }

  private variableNotNegative(variable: number): boolean {
    const source = this.sources.get(variable);
    if (source?.kind === "term") return this.notNegative(source.term);
    if (source?.kind !== "aggregate") return false;
    const { name, value } = source.by;
    if (name === "count") return true;
    return (name === "max" || name === "min") && value !== undefined && this.notNegative(value);
  }

  /** Beyond the limit nothing is known. */
  private deeper(holds: () => boolean): boolean {
    if (this.depth >= depthMax) return false;
    this.depth++;
    const found = holds();
    this.depth--;
    return found;
  }
}

/** What has no negative result where it has no negative operand. */
const notNegativeStill: ReadonlySet<string> = new Set(["sat_add", "sat_mul", "min", "max", "div"]);
