// Two ways to look for an input that takes an answer back: random ones that grow by what rules
// read, and all small ones in turn.
import type { Random } from "../base/random.ts";
import { printValue } from "../value/print-value.ts";
import { structured, type Value, type ValueKind } from "../value/schema.ts";
import type { Answers, FactAt } from "./answers.ts";
import type { Cone } from "./cone.ts";
import { combinations, counted, domainOf, type ValuesOf } from "./domain.ts";
import { Guesses, type Palette } from "./guess.ts";
import { printFact, type InputFact } from "./fact.ts";

/** Two sets of facts: some, and others that are added to them. */
export type Growth = { readonly before: readonly FactAt[]; readonly added: readonly FactAt[] };

/** Says whether there may be a further step. */
type GoOn = () => boolean;

/** So many values of each kind are tried in random inputs beside those that are mentioned. */
const freshAtRandom = 3;
/** A random input uses so many values of a kind, or all, so that its facts have some in common. */
const paletteMax = 3;
const factsAtRandom = 6;
/** A step is not taken where an input was asked before; after so many of these there is nothing
 * else to guess. */
const repeatsMax = 2000;

/** Returns a growth that takes an answer back, among random inputs; undefined where none is met in
 * time. Each input is compared with the one before it: what a larger one takes back is taken back
 * on the way there. */
export function grown(
  cone: Cone,
  answers: Answers,
  chance: Random,
  goOn: GoOn,
): Growth | undefined {
  const most = counted(cone);
  const values = domainOf(cone, Math.max(freshAtRandom, most));
  const guesses = new Guesses(cone, chance);
  let repeats = 0;
  while (repeats < repeatsMax) {
    const wide = most > freshAtRandom && chance.chance(0.3);
    const palette = paletteOf(values, chance, wide ? Infinity : paletteMax);
    const factsMax = wide ? 2 * most : chance.between(2, factsAtRandom);
    const facts = new Set<FactAt>();
    let before = answers.of(facts);
    // A guess may add nothing, so the guesses are bounded, too.
    for (let guess = 0; facts.size < factsMax && guess < 2 * factsMax; guess++) {
      if (!goOn()) return undefined;
      const { steps } = answers;
      const some = guessed(
        cone,
        guesses,
        palette,
        chance,
        [...facts].map((at) => answers.fact(at)),
      );
      const added = some.map((fact) => answers.place(fact)).filter((at) => !facts.has(at));
      const now = answers.of([...facts, ...added]);
      if (answers.steps === steps) repeats++;
      if (before !== undefined && now !== undefined && answers.withdrawn(before, now).length > 0)
        return { before: [...facts], added };
      for (const at of added) facts.add(at);
      before = now;
    }
  }
  return undefined;
}

/** Facts to add to those that are there. */
function guessed(
  { relation, relations }: Cone,
  guesses: Guesses,
  palette: Palette,
  chance: Random,
  facts: readonly InputFact[],
): InputFact[] {
  const way = chance.next();
  if (way < 0.3) return guesses.derivation(relation, palette);
  if (way < 0.5) return guesses.derivation(chance.pick(relations), palette);
  if (way < 0.7 && facts.length > 0) return guesses.variation(chance.pick(facts), palette);
  return guesses.any(palette);
}

function paletteOf(values: ValuesOf, chance: Random, most: number): Palette {
  const chosen = new Map<ValueKind, Value[]>();
  return (kind) => {
    let some = chosen.get(kind);
    if (some === undefined) {
      const { mentioned, fresh } = values(kind);
      const all = [...fresh, ...mentioned];
      some = most < all.length ? chance.shuffled(all).slice(0, most) : all;
      chosen.set(kind, some);
    }
    return some;
  };
}

/** The bounds of one round of trying all inputs: of how many facts they are made, and how many
 * values of each kind these have beside those that the program mentions. */
const rounds = [
  { fresh: 1, factsMax: 2 },
  { fresh: 2, factsMax: 3 },
  { fresh: 3, factsMax: 4 },
] as const;
/** There are more facts than all inputs can be made of in any time. */
const universeMax = 500;

/** Tries all inputs within bounds, the smaller ones first. `exhausted`: there was time for all. */
export function exhaustively(
  cone: Cone,
  answers: Answers,
  goOn: GoOn,
): { readonly growth?: Growth; readonly exhausted: boolean } {
  let exhausted = true;
  for (const { fresh, factsMax } of rounds) {
    const values = domainOf(cone, fresh);
    const universe = universeOf(cone, values);
    if (universe.length >= universeMax) exhausted = false;
    const tried = tryAll(answers, universe, exchangesOf(cone, universe, values), factsMax, goOn);
    if (tried !== "none")
      return tried === "late" ? { exhausted: false } : { growth: tried, exhausted: false };
  }
  return { exhausted };
}

/** Returns a growth of fewer facts, of the values that are in this one, if there is time to find
 * one. */
export function smaller(
  cone: Cone,
  answers: Answers,
  growth: Growth,
  goOn: GoOn,
): Growth | undefined {
  const facts = [...growth.before, ...growth.added];
  const used = new Map<ValueKind, Map<string, Value>>();
  for (const { relation, values } of facts.map((at) => answers.fact(at)))
    for (const [at, { kind }] of (cone.program.relations[relation]?.attributes ?? []).entries()) {
      const value = values[at];
      const some = used.get(kind) ?? new Map<string, Value>();
      if (value !== undefined) used.set(kind, some.set(printValue(value), value));
    }
  const universe = universeOf(cone, (kind) => {
    const mentioned = [...(used.get(kind)?.values() ?? [])];
    return { mentioned, fresh: [], alike: false };
  });
  const tried = tryAll(answers, universe, [], facts.length - 1, goOn);
  return tried === "none" || tried === "late" ? undefined : tried;
}

/** Tries the inputs of at most `factsMax` facts of a universe, each with all that have a fact less,
 * until an answer is taken back, there is none, or it is too late. Of inputs that an exchange makes
 * of each other one is tried. */
function tryAll(
  answers: Answers,
  universe: readonly InputFact[],
  exchanges: readonly (readonly number[])[],
  factsMax: number,
  goOn: GoOn,
): Growth | "none" | "late" {
  for (let size = 1; size <= factsMax; size++) {
    for (const chosen of subsets(universe.length, size)) {
      if (!goOn()) return "late";
      if (exchanges.some((exchange) => less(exchanged(chosen, exchange), chosen))) continue;
      const facts = chosen.map((at) => answers.place(universe[at] as InputFact));
      const now = answers.of(facts);
      if (now === undefined) continue;
      for (const added of facts) {
        const before = facts.filter((at) => at !== added);
        const answer = answers.of(before);
        if (answer !== undefined && answers.withdrawn(answer, now).length > 0)
          return { before, added: [added] };
      }
    }
  }
  return "none";
}

/** All facts of the inputs that are made of these values. */
function universeOf({ program, inputs }: Cone, valuesOf: ValuesOf): InputFact[] {
  const universe: InputFact[] = [];
  for (const relation of inputs) {
    const { attributes = [] } = program.relations[relation] ?? {};
    const columns = attributes.map(({ kind }) => {
      const { mentioned, fresh } = valuesOf(kind);
      return [...fresh, ...mentioned];
    });
    const many = columns.reduce((product, { length }) => product * length, 1);
    // Only the first values of each column where there are too many tuples.
    const width = many > universeMax ? Math.floor(universeMax ** (1 / columns.length)) : Infinity;
    for (const values of combinations(columns.map((column) => column.slice(0, width))))
      if (universe.length < universeMax) universe.push({ relation, values });
  }
  return universe;
}

/** For each way to exchange values that are alike, where each fact of the universe goes. */
function exchangesOf(
  { program }: Cone,
  universe: readonly InputFact[],
  valuesOf: ValuesOf,
): (readonly number[])[] {
  const kindsOf = ({ relation }: InputFact): ValueKind[] =>
    (program.relations[relation]?.attributes ?? []).map(({ kind }) => kind);
  const kinds = [...new Set(universe.flatMap(kindsOf))].filter(
    (kind) => !structured(kind) && valuesOf(kind).alike,
  );
  const places = new Map(universe.map((fact, at) => [printFact(program, fact), at]));
  const ways = combinations(
    kinds.map((kind) => permutations(valuesOf(kind).fresh).map((to) => ({ kind, to }))),
  );
  return ways.flatMap((way) => {
    const exchange = universe.map((fact) => {
      const values = kindsOf(fact).map((kind, column) => {
        const value = fact.values[column] as Value;
        const to = way.find((one) => one.kind === kind)?.to;
        const at = valuesOf(kind).fresh.indexOf(value);
        return to === undefined || at < 0 ? value : (to[at] as Value);
      });
      return places.get(printFact(program, { ...fact, values })) ?? -1;
    });
    return exchange.every((to, at) => to === at) || exchange.includes(-1) ? [] : [exchange];
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  );
}

/** All sets of `size` numbers below `count`, in lexicographic order, each ascending. */
function* subsets(count: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = from; first + size <= count; first++)
    for (const rest of subsets(count, size - 1, first + 1)) yield [first, ...rest];
}

function exchanged(chosen: readonly number[], exchange: readonly number[]): number[] {
  return chosen.map((at) => exchange[at] as number).toSorted((a, b) => a - b);
}

function less(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((number, place) => number !== b[place]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}
