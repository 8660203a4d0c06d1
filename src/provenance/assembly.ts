// From drafts to proofs: words become values, and heights are counted from what is given.
import type { Literal } from "../analysis/program.ts";
import type { Value } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import type { Completed } from "./completed.ts";
import { type Draft, type Instance, partsOf } from "./draft.ts";
import type { Instances } from "./instances.ts";
import { textOf } from "./literal-text.ts";
import { type Premise, type Proof, same } from "./proof.ts";
import type { Terms } from "./terms.ts";

/** What makes proofs of drafts; what two of them have in common is one object. */
export class Assembly {
  private readonly completed: Completed;
  private readonly terms: Terms;
  private readonly instances: Instances;
  private readonly proven = new Map<Draft, Proof>();

  constructor(completed: Completed, terms: Terms, instances: Instances) {
    this.completed = completed;
    this.terms = terms;
    this.instances = instances;
  }

  /** The proof that a draft and its parts make up. */
  finished(root: Draft): Proof {
    // Parts first, without recursion: proofs are as high as recursion is deep.
    const stack: Draft[] = [root];
    const entered = new Set<Draft>();
    while (stack.length > 0) {
      const draft = stack.at(-1)!;
      // What is entered and not proven is above: where ranks are unknown, it may rest on itself.
      const missing = entered.has(draft)
        ? []
        : partsOf(draft.step).filter((part) => !this.proven.has(part) && !entered.has(part));
      entered.add(draft);
      if (missing.length === 0 || this.proven.has(draft)) {
        stack.pop();
        if (!this.proven.has(draft)) this.proven.set(draft, this.proofOf(draft));
      } else stack.push(...missing);
    }
    return this.proven.get(root)!;
  }

  private proofOf(draft: Draft): Proof {
    const { relation, words, step } = draft;
    const origin = this.completed.originOf(relation);
    const tuple = { relation: origin, values: this.valuesOf(origin, words) };
    const part = (of: Draft): Proof => this.proven.get(of) ?? this.circle(of);
    const above = (parts: readonly Proof[]): number | undefined => {
      const heights = parts.map(({ height }) => height);
      return heights.includes(undefined)
        ? undefined
        : 1 + Math.max(-1, ...(heights as readonly number[]));
    };
    if (step === undefined) {
      const read = this.completed.explainable.copies.get(relation);
      const known = read !== undefined && !this.completed.explainable.pairs.has(relation);
      const height = known ? Math.max(0, this.instances.rankOf(read, words) - 1) : undefined;
      return { tuple, height, derivation: { kind: "cut" } };
    }
    switch (step.kind) {
      case "given":
        return { tuple, height: 0, derivation: { kind: "given" } };
      case "circle":
      case "dropped":
        return { tuple, height: undefined, derivation: { kind: step.kind } };
      case "closure": {
        const pairs = step.pairs.map(({ draft: of, reversed }) => ({ proof: part(of), reversed }));
        const [only] = pairs;
        if (pairs.length === 1 && only !== undefined && same(only.proof.tuple, tuple))
          return only.proof;
        const height = above(pairs.map(({ proof }) => proof));
        return { tuple, height, derivation: { kind: "closure", pairs } };
      }
      case "join": {
        const contributions = step.contributions.map(part);
        const [only] = contributions;
        if (contributions.length === 1 && only !== undefined && same(only.tuple, tuple))
          return only;
        return {
          tuple,
          height: above(contributions),
          derivation: { kind: "join", contributions },
        };
      }
      case "rule": {
        const { instance, parts } = step;
        const premises = instance.rule.rule.body.map((literal, at) =>
          this.premise(literal, at, instance, parts),
        );
        const height = Math.max(1, above([...parts.values()].map(part)) ?? NaN);
        return {
          tuple,
          height: Number.isNaN(height) ? undefined : height,
          derivation: { kind: "rule", rule: instance.rule.at, premises },
        };
      }
    }
  }

  private premise(
    literal: Literal,
    at: number,
    { rule, way, witnesses }: Instance,
    parts: ReadonlyMap<number, Draft>,
  ): Premise {
    const part = parts.get(at);
    if (part !== undefined)
      return { kind: "tuple", proof: this.proven.get(part) ?? this.circle(part) };
    const text = textOf(literal, rule.rule, way.bindings, this.completed);
    if (literal.kind === "negation") return { kind: "absent", text, relation: literal.relation };
    const gathered = way.aggregates.get(at);
    if (literal.kind !== "aggregate" || gathered === undefined) return { kind: "condition", text };
    const { kind } = rule.rule.variables[literal.variable]!;
    return {
      kind: "aggregate",
      text,
      result: this.terms.values.decode(kind, way.bindings[literal.variable]!),
      count: gathered.count,
      witnesses: (witnesses.get(at) ?? []).map((of) => this.proven.get(of) ?? this.circle(of)),
    };
  }

  private circle({ relation, words }: Draft): Proof {
    const origin = this.completed.originOf(relation);
    const tuple = { relation: origin, values: this.valuesOf(origin, words) };
    return { tuple, height: undefined, derivation: { kind: "circle" } };
  }

  private valuesOf(relation: number, words: readonly Word[]): readonly Value[] {
    const { attributes } = this.completed.explainable.program.relations[relation]!;
    return words.map((word, at) => this.terms.values.decode(attributes[at]!.kind, word));
  }
}
