import { printValue } from "../value/print-value.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Answers, FactAt } from "./answers.ts";
import type { Cone } from "./cone.ts";
import { domainOf } from "./domain.ts";
import type { Growth } from "./search.ts";

/** Returns the smallest growth that is found by leaving facts out of `growth` and by replacing
 * values by others that come first: it still takes an answer back, and no fact of it can be left
 * out. */
export function shrunk(cone: Cone, answers: Answers, growth: Growth): Growth {
  return thinned(answers, simplest(cone, answers, thinned(answers, growth)));
}

function withdraws(answers: Answers, { before, added }: Growth): boolean {
  const first = answers.of(before);
  const second = answers.of([...before, ...added]);
  return first !== undefined && second !== undefined && answers.withdrawn(first, second).length > 0;
}

/** Leaves out what can be: first what is added, so that one fact is, and then what is there. */
function thinned(answers: Answers, growth: Growth): Growth {
  let smallest = growth;
  for (let changed = true; changed;) {
    changed = false;
    const { before, added } = smallest;
    const smaller = [
      // A fact on the way from one input to the other takes the answer back, too.
      ...added.map((at) => ({ before, added: [at] })),
      ...added.map((at) => ({ before, added: added.filter((other) => other !== at) })),
      ...added.map((at) => ({
        before: [...before, at],
        added: added.filter((other) => other !== at),
      })),
      ...before.map((at) => ({ before: before.filter((other) => other !== at), added })),
    ];
    for (const candidate of smaller) {
      if (sizeOf(candidate) >= sizeOf(smallest) || candidate.added.length === 0) continue;
      if (!withdraws(answers, candidate)) continue;
      smallest = candidate;
      changed = true;
      break;
    }
  }
  return smallest;
}

/** Facts that are added weigh more than those that are there. */
function sizeOf({ before, added }: Growth): number {
  return before.length + 2 * added.length;
}

/** Replaces values until no other comes first. */
function simplest(cone: Cone, answers: Answers, growth: Growth): Growth {
  const simpler = simplified(cone, answers, growth);
  return simpler === growth ? growth : simplest(cone, answers, simpler);
}

/** Replaces values, wherever they occur, by others of their kind that come before them. */
function simplified(cone: Cone, answers: Answers, growth: Growth): Growth {
  let simpler = growth;
  const facts = (): FactAt[] => [...simpler.before, ...simpler.added];
  for (const kind of new Set(facts().flatMap((at) => kindsOf(cone, answers, at)))) {
    const { fresh, mentioned } = domainOf(cone, 3)(kind);
    const order = new Map([...fresh, ...mentioned].map((value, at) => [printValue(value), at]));
    const placeOf = (value: Value): number => order.get(printValue(value)) ?? order.size;
    const used = (): Value[] =>
      facts().flatMap((at) => {
        const kinds = kindsOf(cone, answers, at);
        return answers.fact(at).values.filter((_, column) => kinds[column] === kind);
      });
    for (const value of new Map(used().map((one) => [printValue(one), one])).values()) {
      for (const other of [...fresh, ...mentioned].slice(0, placeOf(value))) {
        const replace = (some: readonly FactAt[]): FactAt[] =>
          some.map((at) => replaced(cone, answers, at, kind, value, other));
        const added = replace(simpler.added);
        const before = replace(simpler.before).filter((at) => !added.includes(at));
        if (!withdraws(answers, { before, added })) continue;
        simpler = { before, added };
        break;
      }
    }
  }
  return simpler;
}

function replaced(
  cone: Cone,
  answers: Answers,
  at: FactAt,
  kind: ValueKind,
  value: Value,
  by: Value,
): FactAt {
  const fact = answers.fact(at);
  const kinds = kindsOf(cone, answers, at);
  const name = printValue(value);
  const values = fact.values.map((one, column) =>
    kinds[column] === kind && printValue(one) === name ? by : one,
  );
  return answers.place({ relation: fact.relation, values });
}

function kindsOf({ program }: Cone, answers: Answers, at: FactAt): ValueKind[] {
  const { attributes = [] } = program.relations[answers.fact(at).relation] ?? {};
  return attributes.map(({ kind }) => kind);
}
