import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { least } from "../../src/codegen/store.ts";
import { Equivalence } from "../../src/engine/equivalence.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`an equivalence (SEED=${seed})`, () => {
  for (const words of [8, 40, 120]) {
    it(`over ${words} words holds what a naive closure holds, round by round`, () => {
      const next = random(seed + words);
      const memory = new Memory();
      const classes = new Equivalence(memory);
      const word = (): number => (next.chance(0.1) ? least : next.below(words) - words / 2);
      let before = new Naive();
      const now = new Naive();
      for (let round = 0; round < 30; round++) {
        for (let pairs = next.below(words / 4); pairs > 0; pairs--) {
          const pair = [word(), word()] as const;
          const isNew = !now.same(...pair);
          now.join(...pair);
          expect(classes.insert(pair)).to.equal(isNew);
          expect(classes.has(pair)).to.equal(true);
          expect(classes.size).to.equal(now.size);
          // What is pending is not seen.
          const other = [word(), word()] as const;
          expect(classes.same(...other)).to.equal(before.same(...other));
          expect(classes.has(other)).to.equal(now.same(...other));
          expect(classes.find(other[0]) >= 0).to.equal(before.same(other[0], other[0]));
        }
        const grown = [...now.classes].filter(([one, all]) => all !== before.classes.get(one));
        expect(classes.advance()).to.equal(grown.length > 0);
        expect(delta(classes)).to.deep.equal(grown.map(([one]) => one).toSorted(byNumber));
        expect(rings(classes)).to.deep.equal(now.shown());
        before = now.copy();
        if (next.chance(0.1)) {
          classes.hide();
          before = new Naive();
          expect(classes.to).to.equal(0);
        } else if (next.chance(0.2)) {
          classes.settle();
          expect(classes.deltaSize).to.equal(0);
        }
      }
      expect(classes.memoryBytes).to.equal(memory.bytes);
      const [left, right] = classes.columns();
      const pairs = Array.from({ length: classes.size }, (_, at) => `${left![at]} ${right![at]}`);
      expect(new Set(pairs).size).to.equal(classes.size);
      expect(pairs.toSorted()).to.deep.equal(now.pairs().toSorted());
      expect(classes.memoryBytes).to.equal(memory.bytes);
    });
  }

  it("lists what came in since it was marked, shows it as new, and forgets all", () => {
    const next = random(seed);
    const memory = new Memory();
    const classes = new Equivalence(memory);
    const word = (): number => next.below(40) - 20;
    let now = new Naive();
    for (let life = 0; life < 5; life++) {
      for (let round = 0; round < 12; round++) {
        const marked = now.copy();
        classes.mark();
        expect(classes.changed).to.equal(false);
        for (let steps = next.below(4); steps > 0; steps--) {
          for (let pairs = next.below(6); pairs > 0; pairs--) {
            const pair = [word(), word()] as const;
            classes.insert(pair);
            now.join(...pair);
          }
          classes.advance();
        }
        expect(classes.changed).to.equal(now.size > marked.size);
        const had = new Set(marked.pairs());
        const fresh = now.pairs().filter((pair) => !had.has(pair));
        const { count, columns } = classes.changes();
        expect(count).to.equal(fresh.length);
        const [left, right] = columns();
        const listed = Array.from({ length: count }, (_, at) => `${left![at]} ${right![at]}`);
        expect(listed.toSorted()).to.deep.equal(fresh.toSorted());
        expect(rings(classes)).to.deep.equal(now.shown());
        classes.showChanged();
        const grown = [...now.classes].filter(([one, all]) => all !== marked.classes.get(one));
        expect(delta(classes)).to.deep.equal(grown.map(([one]) => one).toSorted(byNumber));
        if (next.chance(0.3)) expect(classes.columns()[0]).to.have.length(now.size);
      }
      classes.clear();
      now = new Naive();
      expect([classes.size, classes.to, classes.changed]).to.deep.equal([0, 0, false]);
      expect(classes.has([0, 0])).to.equal(false);
      expect(classes.memoryBytes).to.equal(memory.bytes);
    }
  });

  it("has nothing that grew once it is settled, and nothing that is seen once it is hidden", () => {
    const classes = new Equivalence(new Memory());
    classes.insert([10, 20]);
    classes.advance();
    const grown = (): boolean[] => [0, 1, 2].slice(0, classes.to).map((at) => classes.grew(at));
    expect(grown()).to.deep.equal([true, true]);
    classes.settle();
    expect(grown()).to.deep.equal([false, false]);
    classes.insert([30, 30]);
    classes.advance();
    expect(grown()).to.deep.equal([false, false, true]);
    classes.hide();
    expect([classes.find(10), classes.same(10, 20), classes.deltaSize]).to.deep.equal([
      ...[-1, false, 0],
    ]);
    expect(classes.has([10, 20])).to.equal(true);
    expect(classes.advance()).to.equal(true);
    expect([grown(), classes.same(10, 20)]).to.deep.equal([[true, true, true], true]);
    expect(classes.advance()).to.equal(false);
  });

  it("lists all that was put in, seen or not, anew when there is more", () => {
    const classes = new Equivalence(new Memory());
    classes.insert([1, 2]);
    const listed = (): string[] => {
      const [left, right] = classes.columns();
      return Array.from(left!, (word, row) => `${word}${right![row]}`).toSorted();
    };
    expect(listed()).to.deep.equal(["11", "12", "21", "22"]);
    expect(classes.columns()).to.equal(classes.columns());
    classes.insert([3, 3]);
    expect(listed()).to.deep.equal(["11", "12", "21", "22", "33"]);
    classes.advance();
    classes.insert([2, 3]);
    expect(listed().length).to.equal(9);
    classes.clear();
    expect(listed()).to.deep.equal([]);
  });

  it("takes a million elements in a chain, and counts their pairs", () => {
    const classes = new Equivalence(new Memory());
    const elements = 1_000_000;
    for (let at = 0; at < elements; at++) classes.insert([at, at + 1]);
    expect(classes.advance()).to.equal(true);
    expect(classes.size).to.equal((elements + 1) ** 2);
    expect(classes.same(0, elements)).to.equal(true);
    expect(classes.memoryBytes).to.be.lessThan(64 * elements);
  });

  it("ends with a fault at its limit of pairs, or of memory for a list of them", () => {
    const memory = new Memory();
    const classes = new Equivalence(memory);
    classes.allow(8);
    classes.insert([1, 2]);
    classes.insert([3, 4]);
    expect(() => classes.insert([1, 3])).to.throw(LimitFault, "limit of tuples");
    classes.allow(Infinity);
    memory.bytesMax = memory.bytes;
    expect(() => classes.columns()).to.throw(LimitFault, "limit of memory");
  });
});

/** Classes as sets, each word with its own. */
class Naive {
  readonly classes: Map<number, ReadonlySet<number>>;

  constructor(classes: ReadonlyMap<number, ReadonlySet<number>> = new Map()) {
    this.classes = new Map(classes);
  }

  copy(): Naive {
    return new Naive(this.classes);
  }

  join(a: number, b: number): void {
    if (this.same(a, b)) return;
    const joined = new Set([a, b].flatMap((one) => [...(this.classes.get(one) ?? [one])]));
    for (const one of joined) this.classes.set(one, joined);
  }

  same(a: number, b: number): boolean {
    return this.classes.get(a)?.has(b) === true;
  }

  get size(): number {
    return [...this.classes.values()].reduce((sum, all) => sum + all.size, 0);
  }

  shown(): string[] {
    return [...this.classes].map(([one, all]) => `${one}: ${show(all)}`).toSorted();
  }

  pairs(): string[] {
    return [...this.classes].flatMap(([one, all]) => [...all].map((other) => `${one} ${other}`));
  }
}

function show(all: Iterable<number>): string {
  return [...all].toSorted(byNumber).join();
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function delta(classes: Equivalence): number[] {
  const elements = [...classes.delta.subarray(0, classes.deltaSize)];
  const grown = Array.from({ length: classes.to }, (_, at) => at).filter((at) => classes.grew(at));
  expect(grown).to.deep.equal(elements.toSorted(byNumber));
  return elements.map((at) => classes.words[at]!).toSorted(byNumber);
}

/** Each visible word with what the ring through it holds. */
function rings({ to, next, words }: Equivalence): string[] {
  return Array.from({ length: to }, (_, first) => {
    const members: number[] = [];
    let at = first;
    do {
      members.push(words[at]!);
      at = next[at]!;
    } while (at !== first);
    return `${words[first]}: ${show(members)}`;
  }).toSorted();
}
