import { expect } from "chai";
import { List } from "immutable";

import { random, type Random } from "../../src/base/random.ts";
import {
  advanced,
  emptySession,
  factDifference,
  factText,
  firstVersion,
  redone,
  undone,
  withFacts,
  type Session,
  type StatedFact,
} from "../../src/repl/session.ts";

const fact = (n: number): StatedFact => ({ relation: "p", values: [BigInt(n)] });

/** What is there in a session, where `base` was there before it. */
function contents(session: Session, base: readonly number[]): string[] {
  const there = new Set(base.map((n) => factText(fact(n))));
  for (const [name, { present }] of session.facts)
    if (present) there.add(name);
    else there.delete(name);
  return [...there].toSorted();
}

describe("the versions of a session", () => {
  const base = [0, 1, 2];
  const isBase = ({ values: [value] }: StatedFact): boolean => base.includes(Number(value));

  /** Returns sessions each of which has a fact more or less than the one before. */
  function grown(numbers: Random, count: number): Session[] {
    const all = [emptySession];
    for (let at = 0; at < count; at++) {
      const before = all.at(-1) ?? emptySession;
      const one = fact(numbers.below(6));
      const there = contents(before, base).includes(factText(one));
      all.push(withFacts(before, [one], !there, isBase, "a change"));
    }
    return all;
  }

  const seed = Number(process.env["SEED"] ?? 1);

  it(`differ by what takes one to the other (seed ${String(seed)})`, () => {
    const numbers = random(seed);
    for (let round = 0; round < 50; round++) {
      const sessions = grown(numbers, 12);
      const from = sessions[numbers.below(sessions.length)] ?? emptySession;
      const to = sessions[numbers.below(sessions.length)] ?? emptySession;
      const { inserted, removed } = factDifference(from, to);
      const there = new Set(contents(from, base));
      for (const one of removed) expect(there.delete(factText(one))).to.equal(true);
      for (const one of inserted) {
        expect(there.has(factText(one))).to.equal(false);
        there.add(factText(one));
      }
      expect([...there].toSorted()).to.deep.equal(contents(to, base));
    }
  });

  it("are the same after as many steps back and forward", () => {
    const sessions = grown(random(seed), 8);
    const last = sessions.slice(1).reduce(advanced, firstVersion());
    let versions: ReturnType<typeof undone> = last;
    for (const session of sessions.toReversed()) {
      expect(versions?.present).to.equal(session);
      versions = versions && undone(versions);
    }
    expect(versions).to.equal(undefined);
    versions = firstVersion(emptySession);
    const back = sessions.slice(1).reduce((so) => undone(so) ?? so, last);
    expect(back.present).to.equal(emptySession);
    const again = sessions.slice(1).reduce((so) => redone(so) ?? so, back);
    expect(again.present).to.equal(last.present);
    expect(redone(again)).to.equal(undefined);
  });

  it("lose what was undone by a change", () => {
    const [, one = emptySession, two = emptySession] = grown(random(seed), 2);
    const back = undone(advanced(advanced(firstVersion(), one), two));
    const other = advanced(back ?? firstVersion(), { ...one, texts: List() });
    expect(redone(other)).to.equal(undefined);
  });
});
