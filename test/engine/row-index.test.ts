import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";
import { formRules } from "../../src/engine/set-choice.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the rows of whole tuples (SEED=${seed})`, () => {
  for (const arity of [1, 2, 3]) {
    it(`are found while ranges widen, are left, and columns lie otherwise: arity ${arity}`, () => {
      const next = random(seed + arity);
      const attributes = Array.from({ length: arity }, (_, at) => ({
        ...{ name: `c${at}`, type: "number", kind: "number" as const },
      }));
      const rules = { ...formRules, rowsMin: 32, bitsBytesMin: 1 << 10 };
      const relation = new Relation({ name: "r", attributes }, new Memory(), rules);
      const rows = new Map<string, number>();
      const forms = new Set<string>();
      for (const { to, times } of [
        { to: 12, times: 300 },
        { to: 40, times: 300 },
        { to: 1_000_000_000, times: 900 },
      ]) {
        for (let time = 0; time < times; time++) {
          const tuple = attributes.map(() => next.below(to) - 3);
          if (relation.insert(tuple)) rows.set(tuple.join(), relation.tuples.size - 1);
          else expect(relation.rowOf(tuple)).to.equal(rows.get(tuple.join()));
          const other = attributes.map(() => next.below(2 * to) - to);
          expect(relation.rowOf(other)).to.equal(rows.get(other.join()) ?? -1);
          if (next.chance(0.05)) relation.rowIndex().layBeside(next.below(arity));
          if (next.chance(0.05)) {
            const gone = relation.rowOf(tuple);
            relation.remove(gone);
            rows.delete(tuple.join());
            expect(relation.rowOf(tuple)).to.equal(-1);
            if (next.chance(0.5)) {
              relation.putBack(gone);
              rows.set(tuple.join(), gone);
            }
          }
          forms.add(relation.form);
        }
        for (const [name, row] of rows)
          expect(relation.rowOf(name.split(",").map(Number)), name).to.equal(row);
      }
      expect([...forms]).to.include.members(["bits", "table"]);
    });

    it(`are found with whether they are raised: arity ${arity}`, () => {
      const next = random(seed + arity);
      const attributes = Array.from({ length: arity }, (_, at) => ({
        ...{ name: `c${at}`, type: "number", kind: "number" as const },
      }));
      for (const [rowsMin, form] of [
        [32, "bits"],
        [Infinity, "table"],
      ] as const) {
        const relation = new Relation({ name: "r", attributes }, new Memory(), {
          ...formRules,
          rowsMin,
        });
        const tuples = Array.from({ length: 400 }, (_, row) =>
          attributes.map((__, at) => (arity === 1 || at === 0 ? row : next.below(3))),
        );
        for (const tuple of tuples) relation.insert(tuple);
        expect(relation.form).to.equal(form);
        const index = relation.rowIndex();
        const entryOf = (tuple: readonly number[]): number => {
          index.key.set(tuple);
          return index.entryOfKey();
        };
        index.extend(tuples.length);
        relation.tuples.rank();
        const raised = tuples.filter(() => next.chance(0.3)).map((tuple) => relation.rowOf(tuple));
        const columns = [
          Int32Array.from(raised),
          ...relation.tuples.columns.map((column) =>
            Int32Array.from(raised, (row) => column[row]!),
          ),
        ];
        relation.removeAll(columns, 0, raised.length);
        for (const row of raised) expect(entryOf(tuples[row]!), "it is removed").to.equal(0);
        relation.tuples.raise(raised);
        for (const [at, row] of raised.entries()) relation.putBack(row, columns.slice(1), at);
        const expected = tuples.map((_, row) => (raised.includes(row) ? -(row + 1) : row + 1));
        expect(tuples.map(entryOf)).to.deep.equal(expected);
        expect(tuples.map((tuple) => relation.rowOf(tuple))).to.deep.equal([...tuples.keys()]);
        index.clear(true);
        index.extend(tuples.length);
        expect(tuples.map(entryOf), "made anew").to.deep.equal(expected);
        expect(tuples.every((tuple) => relation.has(tuple))).to.equal(true);
      }
    });
  }
});
