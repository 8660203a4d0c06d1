// Checks proofs without what makes them: each step is given to the reference evaluator, as a rule
// that reads nothing but the tuples that the proof names.
import type { Literal, Program, Relation, Rule } from "../../src/analysis/program.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import type { Proof } from "../../src/provenance/proof.ts";
import { reference, type Answers } from "../support/reference.ts";

type Rows = readonly (readonly Value[])[];

/** The complete relations and what was given, by the places of the relations. */
export type Known = { readonly complete: readonly Rows[]; readonly given: readonly Rows[] };

/** Returns what is wrong with a proof; undefined for a sound one. */
export function wrongIn(proof: Proof, program: Program, known: Known): string | undefined {
  const seen = new Set<Proof>([proof]);
  for (const one of seen) {
    const wrong = wrongStep(one, program, known);
    const text = `${program.relations[one.tuple.relation]!.name}(${keyOf(one.tuple.values)})`;
    if (wrong !== undefined) return `${text}: ${wrong}`;
    for (const part of partsOf(one)) seen.add(part);
  }
  return circle(proof);
}

function wrongStep(
  { tuple, derivation, height }: Proof,
  program: Program,
  { complete, given }: Known,
): string | undefined {
  const { relation, values } = tuple;
  switch (derivation.kind) {
    case "given":
      return has(given[relation]!, values) ? undefined : "it is not given";
    case "rule": {
      const used: (readonly Value[])[][] = program.relations.map(() => []);
      const heights: number[] = [];
      for (const premise of derivation.premises) {
        if (premise.kind !== "tuple") continue;
        used[premise.proof.tuple.relation]!.push(premise.proof.tuple.values);
        heights.push(premise.proof.height ?? NaN);
      }
      const step = program.rules[derivation.rule]!;
      if (step.head.relation !== relation) return "the rule is of another relation";
      if (!has(consequences(program, [step], used, complete)[relation]!, values))
        return "it does not follow";
      if (height !== undefined && height !== 1 + Math.max(0, ...heights))
        return "its height is not that of its premises";
      return undefined;
    }
    case "closure": {
      const [from, to] = values.map((value) => printValue(value));
      const pairs = derivation.pairs.map(({ proof, reversed }) => {
        const pair = proof.tuple.values.map((value) => printValue(value));
        return reversed ? pair.toReversed() : pair;
      });
      if (from === to) return pairs[0]?.includes(from!) === true ? undefined : "not in the pair";
      const end = pairs.reduce((at, [left, right]) => (at === left ? right! : "nowhere"), from!);
      return end === to ? undefined : "the pairs do not lead there";
    }
    case "join": {
      const facts = new Map([[relation, derivation.contributions.map((one) => one.tuple.values)]]);
      const relations = program.relations.map((of, at) => ({ ...of, name: `r${at}` }));
      const strata = relations.map((_, at) => ({ relations: [at], rules: [], recursive: false }));
      const rows = new Map([...facts].map(([at, some]) => [`r${at}`, some]));
      const joined = reference({ ...program, relations, strata, rules: [], facts: [] }, rows);
      return has(rowsOf(joined, `r${relation}`), values) ? undefined : "the join is another";
    }
    case "arrival":
    case "cut":
    case "circle":
    case "dropped":
      return `it is ${derivation.kind}`;
  }
}

/** Returns what rules derive in one round from the tuples `used`; what they negate or aggregate
 * over is complete. */
function consequences(
  program: Program,
  rules: readonly Rule[],
  used: readonly Rows[],
  complete: readonly Rows[],
): readonly Rows[] {
  const count = program.relations.length;
  const plain = ({ name, attributes, span }: Relation, suffix: string): Relation => ({
    ...{ name: `${name} ${suffix}`, attributes, span },
    inlined: false,
  });
  const relations = ["complete", "used", "derived"].flatMap((suffix) =>
    program.relations.map((relation) => plain(relation, suffix)),
  );
  const moved = rules.map((rule): Rule => ({
    ...rule,
    head: { ...rule.head, relation: 2 * count + rule.head.relation },
    body: rule.body.map((literal): Literal =>
      literal.kind === "atom" ? { ...literal, relation: count + literal.relation } : literal,
    ),
  }));
  const strata = relations.map((_, at) => ({
    relations: [at],
    rules: [...moved.keys()].filter((rule) => moved[rule]!.head.relation === at),
    recursive: false,
  }));
  const facts = new Map(
    program.relations.flatMap(({ name }, at): [string, Rows][] => [
      [`${name} complete`, complete[at]!],
      [`${name} used`, used[at]!],
    ]),
  );
  const whole = { ...program, relations, rules: moved, strata, facts: [] };
  const answers = reference(whole, facts);
  return program.relations.map(({ name }) => rowsOf(answers, `${name} derived`));
}

/** Returns the least heights of proofs, round by round from what is given: by relation, for each
 * tuple as `keyOf` names it. */
export function leastHeights(
  program: Program,
  { complete, given }: Known,
): readonly ReadonlyMap<string, number>[] {
  const heights = given.map((rows) => new Map(rows.map((row) => [keyOf(row), 0])));
  let used: readonly (readonly (readonly Value[])[])[] = given;
  for (let height = 1; ; height++) {
    let count = 0;
    const derived = consequences(program, program.rules, used, complete);
    used = used.map((rows, at) => {
      const more = derived[at]!.filter((row) => !heights[at]!.has(keyOf(row)));
      for (const row of more) heights[at]!.set(keyOf(row), height);
      count += more.length;
      return [...rows, ...more];
    });
    if (count === 0) return heights;
  }
}

/** Returns a text that is another for other values. */
export function keyOf(values: readonly Value[]): string {
  return values.map(printValue).join(", ");
}

function circle(root: Proof): string | undefined {
  const done = new Set<Proof>();
  const visit = (proof: Proof, above: ReadonlySet<Proof>): boolean => {
    if (above.has(proof)) return true;
    if (done.has(proof)) return false;
    const below = new Set([...above, proof]);
    const found = partsOf(proof).some((part) => visit(part, below));
    done.add(proof);
    return found;
  };
  return visit(root, new Set()) ? "it rests on itself" : undefined;
}

function partsOf({ derivation }: Proof): readonly Proof[] {
  switch (derivation.kind) {
    case "rule":
      return derivation.premises.flatMap((premise) => {
        if (premise.kind === "aggregate") return premise.witnesses;
        return premise.kind === "tuple" ? [premise.proof] : [];
      });
    case "closure":
      return derivation.pairs.map(({ proof }) => proof);
    case "join":
      return derivation.contributions;
    case "given":
    case "arrival":
    case "cut":
    case "circle":
    case "dropped":
      return [];
  }
}

function has(rows: Rows, values: readonly Value[]): boolean {
  const key = keyOf(values);
  return rows.some((row) => keyOf(row) === key);
}

function rowsOf(answers: Answers, name: string): Rows {
  return [...(answers.get(name) ?? [])].map((row) => row.toArray());
}
