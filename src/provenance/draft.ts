import type { Rule } from "../analysis/program.ts";
import type { Word } from "../value/word.ts";
import type { Way } from "./bodies.ts";

/** A tuple on its way into a proof; it is derived once, however often it is met. */
export type Draft = {
  readonly relation: number;
  readonly words: readonly Word[];
  /** The keys of the tuples that it is derived for, where going round has to be avoided. */
  readonly above: ReadonlySet<string>;
  step: Step | undefined;
};

/** How a tuple is derived. */
export type Step =
  | { readonly kind: "given" | "circle" | "dropped" }
  | {
      readonly kind: "rule";
      readonly instance: Instance;
      readonly parts: ReadonlyMap<number, Draft>;
    }
  | {
      readonly kind: "closure";
      readonly pairs: readonly { readonly draft: Draft; readonly reversed: boolean }[];
    }
  | { readonly kind: "join"; readonly contributions: readonly Draft[] };

/** A rule, with one way to satisfy its body. */
export type Instance = {
  readonly rule: ProofRule;
  readonly way: Way;
  readonly witnesses: Witnesses;
};

type Witnesses = ReadonlyMap<number, readonly Draft[]>;

/** A rule of the program as proofs use it: its atoms read the copies that come in rounds. */
export type ProofRule = { readonly at: number; readonly rule: Rule };

/** Returns the tuples that a step rests on. */
export function partsOf(step: Step | undefined): readonly Draft[] {
  switch (step?.kind) {
    case "rule":
      return [...step.parts.values(), ...[...step.instance.witnesses.values()].flat()];
    case "closure":
      return step.pairs.map(({ draft }) => draft);
    case "join":
      return step.contributions;
    case "given":
    case "circle":
    case "dropped":
    case undefined:
      return [];
  }
}

/** Returns a text that is another for other tuples. */
export function keyOf(relation: number, words: readonly Word[]): string {
  return `${relation}:${words.join()}`;
}
