// What the checker says of small programs, against their definition: all inputs that are made of a
// few facts, each with all larger ones.
//
// Answers are those of the interpreter of plans, whose planning is done once: a program is
// evaluated hundreds of times. For one of the inputs they are compared with the reference
// evaluator's, and so are those of a counterexample.
import type { Program, RelationAt } from "../../src/analysis/program.ts";
import type { Level } from "../../src/analysis/levels.ts";
import { random, type Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { understand } from "../../src/understand.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { Plan, StratumPlan } from "../../src/plan/plan.ts";
import { plan } from "../../src/plan/program.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { MapValue, Value, ValueKind } from "../../src/value/schema.ts";
import { witness } from "../../src/witness/witness.ts";
import type { LevelledProgram } from "../support/generate-levels.ts";
import { ReferenceFault } from "../support/reference-functors.ts";
import { determined, reference, TooManySteps } from "../support/reference.ts";

/** How a derived relation fared. */
export type LevelVerdict = {
  readonly name: string;
  readonly level: Level;
  /** An answer that the level forbids to lose, and how it is lost. */
  readonly counterexample?: string;
  /** Whether what it holds is not the same for all inputs. */
  readonly varies: boolean;
  /** Whether no answer is taken back by any larger input, as far as was tried. */
  readonly monotone: boolean;
  /** Whether `witness` finds one, of those that are refused and not monotone. */
  readonly witnessed?: boolean;
};

/** How a program fared. `refused`: it has errors; `unbounded`: no input could be evaluated. */
export type LevelsVerdict =
  | { readonly kind: "judged"; readonly relations: readonly LevelVerdict[] }
  | { readonly kind: "refused" | "unbounded" };

/** So many facts inputs are made of, unless said otherwise: there are 2 ** n inputs, and 3 ** n
 * pairs of them. */
const inputFactsMax = 9;
const limits = { maxTuples: 500, maxRounds: 60, maxMemoryBytes: 2 ** 22 };
const referenceStepsMax = 20_000;
/** So long a witness is looked for where there should be none. */
const vainStepsMax = 100;

/** How a program is judged. */
export type LevelsOptions = {
  /** Decides which facts inputs are made of. */
  readonly seed: number;
  readonly factsMax?: number;
  /** What the checker says of each relation. */
  readonly levelsOf: (program: Program) => readonly { readonly level: Level }[];
};

/** Judges what the checker says of a program. */
export function judgedLevels(
  { text, values }: LevelledProgram,
  { seed, factsMax = inputFactsMax, levelsOf }: LevelsOptions,
): LevelsVerdict {
  const { program } = understand(text);
  if (program === undefined) return { kind: "refused" };
  const found = levelsOf(program);
  const chance = random(seed);
  const universe = new Universe(program, someFacts(program, values, factsMax, chance));
  if (universe.answers.every((answer) => answer === undefined)) return { kind: "unbounded" };
  universe.agree(chance.below(universe.answers.length));
  const derived = [...new Set(program.rules.map(({ head }) => head.relation))];
  const relations = derived.map((at): LevelVerdict => {
    const level = found[at]!.level;
    const name = program.relations[at]!.name;
    const masks = universe.masks(at);
    const loss = universe.loss(masks, "M");
    const monotone = loss === undefined;
    const varies = new Set(masks.filter((mask) => mask !== undefined)).size > 1;
    const about = { name, level, varies, monotone };
    const accepted = level === "M" || level === "F1" || level === "F2";
    if (!accepted) {
      if (monotone) return about;
      return { ...about, witnessed: witness(program, at).kind === "found" };
    }
    const lost = level === "M" ? loss : universe.loss(masks, level);
    const counterexample = lost === undefined ? undefined : universe.shownLoss(at, lost);
    if (counterexample !== undefined) return { ...about, counterexample };
    if (level !== "M") return about;
    // A witness may be made of other values.
    const other = witness(program, at, { stepsMax: vainStepsMax, seed });
    if (other.kind === "none") return about;
    const shown = JSON.stringify(other, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    return { ...about, monotone: false, counterexample: `a witness: ${shown}` };
  });
  return { kind: "judged", relations };
}

type Fact = {
  readonly relation: RelationAt;
  readonly tuple: readonly Value[];
  /** The values in it, as bits. */
  readonly values: number;
  /** Those by which it is placed; undefined where its relation is not partitioned. */
  readonly keys: number | undefined;
};

/** Which input loses what an answer of a smaller one has; both are sets of facts, as bits. */
type Loss = { readonly before: number; readonly after: number };

class Universe {
  /** What the relations hold for each input, by the places of their rows in `rows`; undefined where
   * the evaluation failed. */
  readonly answers: readonly (readonly (readonly number[])[] | undefined)[];
  private readonly program: Program;
  private readonly facts: readonly Fact[];
  private readonly rows = new Map<string, number>();
  private readonly tuples: (readonly Value[])[] = [];
  /** The values in each input, as bits. */
  private readonly domains: readonly number[];

  constructor(program: Program, facts: readonly Fact[]) {
    this.program = program;
    this.facts = facts;
    const inputs = Array.from({ length: 1 << this.facts.length }, (_, input) => input);
    const planned = plannedOnce(plan(program));
    this.answers = inputs.map((input) => this.answer(planned, input));
    this.domains = inputs.map((input) =>
      this.chosen(input).reduce((all, { values }) => all | values, 0),
    );
  }

  /** For each input what a relation holds, as bits; those of a lattice with all rows below. */
  masks(at: RelationAt): readonly (bigint | undefined)[] {
    const seen = new Set(this.answers.flatMap((answer) => answer?.[at] ?? []));
    const bits = new Map([...seen].map((row, place) => [row, 1n << BigInt(place)]));
    const below = new Map(
      [...seen].map((row) => {
        const all = [...seen].filter((other) => this.isBelow(at, other, row));
        return [row, all.reduce((sum, other) => sum | bits.get(other)!, 0n)];
      }),
    );
    return this.answers.map((answer) =>
      answer?.[at]?.reduce((all, row) => all | below.get(row)!, 0n),
    );
  }

  /** Two inputs of which the larger one takes an answer back, though `level` says it does not. */
  loss(masks: readonly (bigint | undefined)[], level: "M" | "F1" | "F2"): Loss | undefined {
    for (let after = 0; after < masks.length; after++) {
      const now = masks[after];
      if (now === undefined) continue;
      for (let before = (after - 1) & after; before < after; before = (before - 1) & after) {
        const then = masks[before];
        const lost = then !== undefined && (then & ~now) !== 0n;
        if (lost && this.mayGrow(before, after, level)) return { before, after };
        if (before === 0) break;
      }
    }
    return undefined;
  }

  /** Shows two inputs, what is lost, and what the reference says of them. */
  shownLoss(at: RelationAt, { before, after }: Loss): string {
    const { program, tuples } = this;
    const { name } = program.relations[at]!;
    const facts = (input: number): string =>
      this.chosen(input)
        .map(({ relation, tuple }) => shown(program.relations[relation]!.name, tuple))
        .join(" ");
    const rows = (input: number): string =>
      this.answers[input]![at]!.map((row) => shown(name, tuples[row]!)).join(" ");
    this.agree(before);
    this.agree(after);
    return [
      `with ${facts(before)}`,
      `  ${rows(before)}`,
      `add ${facts(after & ~before)}`,
      `  ${rows(after)}`,
    ].join("\n");
  }

  /** Throws where the reference evaluator has another answer for an input. */
  agree(input: number): void {
    const { program, answers } = this;
    const answer = answers[input];
    if (answer === undefined || !determined(program)) return;
    const given = new Map<string, (readonly Value[])[]>();
    for (const { relation, tuple } of this.chosen(input)) {
      const { name } = program.relations[relation]!;
      given.set(name, [...(given.get(name) ?? []), tuple]);
    }
    let wanted;
    try {
      wanted = reference(program, given, referenceStepsMax);
    } catch (error) {
      if (error instanceof TooManySteps || error instanceof ReferenceFault) return;
      throw error;
    }
    for (const [at, { name }] of program.relations.entries()) {
      const ours = answer[at]!.map((row) => shown(name, this.tuples[row]!)).toSorted();
      const theirs = wanted.get(name)!.toArray();
      const texts = theirs.map((tuple) => shown(name, tuple.toArray())).toSorted();
      if (ours.join() !== texts.join())
        throw new Error(`the engine has ${ours.join(" ")}, the reference ${texts.join(" ")}`);
    }
  }

  private chosen(input: number): Fact[] {
    return this.facts.filter((_, at) => (input >> at) & 1);
  }

  /** Whether the one input may grow to the other under the definition of a level. */
  private mayGrow(before: number, after: number, level: "M" | "F1" | "F2"): boolean {
    const domain = this.domains[before]!;
    const added = this.chosen(after & ~before);
    switch (level) {
      case "M":
        return true;
      case "F1":
        // Of a relation that is not partitioned anything may come at any time.
        return added.every(({ keys }) => keys === undefined || (keys & ~domain) !== 0);
      case "F2":
        return added.every(({ values }) => (values & domain) === 0);
    }
  }

  private answer(planned: Plan, input: number): (readonly number[])[] | undefined {
    const database = new Database(planned);
    for (const { relation, tuple } of this.chosen(input)) {
      const stored = database.relations[relation]!;
      stored.insert(
        stored.schema.attributes.map(({ kind }, at) => database.values.encode(kind, tuple[at]!)),
      );
    }
    const { complete } = evaluate(planned, database, { backend: interpreted, limits });
    if (!complete) return undefined;
    return this.program.relations.map(({ attributes }, at) => {
      const relation = database.relations[at]!;
      const columns = attributes.map(({ kind }, column) =>
        Array.from(relation.column(column), (word) => database.values.decode(kind, word)),
      );
      return Array.from({ length: relation.size }, (_, row) =>
        this.row(columns.map((column) => column[row]!)),
      );
    });
  }

  private row(tuple: readonly Value[]): number {
    const name = shown("", tuple);
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    this.rows.set(name, this.tuples.length);
    return this.tuples.push(tuple) - 1;
  }

  /** Whether a row is another, or of the same key and less in the order of the lattice. */
  private isBelow(at: RelationAt, low: number, high: number): boolean {
    const { lattices = [] } = this.program.relations[at]!;
    const [less, more] = [this.tuples[low]!, this.tuples[high]!];
    const first = less.length - lattices.length;
    return less.every((value, column) =>
      column < first
        ? printValue(value) === printValue(more[column]!)
        : inOrder(lattices[column - first]!.name, value, more[column]!),
    );
  }
}

/** Whether the second of two elements of a lattice is above the first, or the same. */
function inOrder(lattice: string, low: Value, high: Value): boolean {
  const [, name, inner = ""] = /^(\w+)<(.*)>$/.exec(lattice) ?? [];
  const nan = (value: Value): boolean => Number.isNaN(value);
  const atMost = (a: Value, b: Value): boolean => nan(b) || (!nan(a) && a! <= b!);
  const holds = (value: Value): boolean => value !== 0n;
  if (name === "Max") return atMost(low, high);
  if (name === "Min") return atMost(high, low);
  if (name === "Or") return !holds(low) || holds(high);
  if (name === "And") return holds(low) || !holds(high);
  const elements = (value: Value): string[] =>
    (value as { elements: readonly Value[] }).elements.map(printValue);
  if (name === "Map") {
    const pairs = (value: Value): readonly (readonly [Value, Value])[] => (value as MapValue).pairs;
    const values = inner.slice(inner.indexOf(",") + 1).trim();
    return pairs(low).every(([key, value]) =>
      pairs(high).some(([k, v]) => printValue(k) === printValue(key) && inOrder(values, value, v)),
    );
  }
  if (name === "Union") return elements(low).every((one) => elements(high).includes(one));
  throw new Error(`no order is known for ${lattice}`);
}

/** Facts of the inputs, taken in turn from each. */
function someFacts(
  program: Program,
  texts: readonly string[],
  factsMax: number,
  chance: Random,
): Fact[] {
  const inputs = program.directives.flatMap(({ word, relation }) =>
    word === "input" ? [relation] : [],
  );
  const all = inputs.map((relation) => chance.shuffled(factsOf(program, relation, texts)));
  const facts: Fact[] = [];
  for (let at = 0; facts.length < factsMax && all.some((own) => at < own.length); at++)
    for (const own of all) if (at < own.length && facts.length < factsMax) facts.push(own[at]!);
  return facts;
}

function factsOf(program: Program, relation: RelationAt, texts: readonly string[]): Fact[] {
  const { attributes, place } = program.relations[relation]!;
  const [partition] = place?.partitions ?? [];
  const choices = attributes.map(({ kind }) =>
    texts.map((text, at) => ({ value: valueOf(program, kind, text), bit: 1 << at })),
  );
  const tuples = choices.reduce<(typeof choices)[number][]>(
    (some, column) => some.flatMap((tuple) => column.map((one) => [...tuple, one])),
    [[]],
  );
  const bitsOf = (tuple: (typeof choices)[number]): number =>
    tuple.reduce((all, { bit }) => all | bit, 0);
  return tuples.map((tuple) => ({
    relation,
    tuple: tuple.map(({ value }) => value),
    values: bitsOf(tuple),
    keys:
      partition === undefined ? undefined : bitsOf(tuple.filter((_, at) => partition.includes(at))),
  }));
}

function valueOf({ structures }: Program, kind: ValueKind, text: string): Value {
  if (kind === "float") return Number(text);
  if (kind === "number" || kind === "unsigned") return BigInt(text);
  if (kind === "symbol") return text.slice(1, -1);
  const structure = structures.get(kind);
  const part = (of: ValueKind): Value => valueOf({ structures } as Program, of, text);
  if (structure?.kind === "set") return { elements: [part(structure.element.kind)] };
  if (structure?.kind !== "map") throw new Error(`there are no values of kind ${kind}`);
  return { pairs: [[part(structure.key.kind), part(structure.value.kind)]] };
}

function shown(name: string, tuple: readonly Value[]): string {
  return `${name}(${tuple.map(printValue).join(", ")})`;
}

function plannedOnce(of: Plan): Plan {
  const strata: StratumPlan[] = [];
  return { ...of, stratum: (at, sizes) => (strata[at] ??= of.stratum(at, sizes)) };
}
