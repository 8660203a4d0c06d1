import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { groupOf } from "../../src/codegen/group.ts";
import { least, type IndexForm } from "../../src/codegen/store.ts";
import type { GroupIndex } from "../../src/engine/group-index.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";
import { relationOfNumbers } from "../support/relations.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`rows that are removed (SEED=${seed})`, () => {
  for (const arity of [1, 2, 3, 5]) {
    it(`of arity ${arity} are found no more, may come again, and leave the indexes`, () => {
      const next = random(seed + arity);
      const memory = new Memory();
      const relation = relationOfNumbers(arity, memory);
      const { tuples } = relation;
      const wordsMax = [0, 600, 30, 9, 6, 4][arity]!;
      const model = new Map<string, readonly number[]>();
      const forms: [number[], IndexForm][] = [[[0], "rows"]];
      if (arity > 1) forms.push([[1], arity === 2 ? "values" : "rows"]);
      if (arity > 2) forms.push([[0, 1], "rows"], [[0, 2], "rows"], [[0, 1, 2], "rows"]);
      for (let round = 0; round < 60; round++) {
        for (let count = next.below(round % 10 === 0 ? 300 : 20); count > 0; count--) {
          const tuple = relation.schema.attributes.map(() =>
            next.chance(0.1) ? least : next.below(wordsMax),
          );
          if (next.chance(0.02)) tuple.fill(0, 1).fill(least, 0, 1);
          const known = model.has(tuple.join());
          expect(relation.has(tuple)).to.equal(known);
          expect(relation.insert(tuple)).to.equal(!known);
          model.set(tuple.join(), tuple);
        }
        relation.show(true);
        if (next.chance(0.8))
          for (const [columns, form] of forms)
            relation.index(columns, form, true).extend(tuples.to);
        const share = next.pick([0.02, 0.3, 0.9]);
        for (const [key, tuple] of [...model]) {
          if (!next.chance(share)) continue;
          const row = relation.rowOf(tuple);
          relation.remove(row);
          expect(relation.has(tuple)).to.equal(false);
          expect(relation.rowOf(tuple)).to.equal(-1);
          model.delete(key);
          const fate = next.below(4);
          if (fate === 0) relation.putBack(row);
          if (fate === 1) expect(relation.insert(tuple)).to.equal(true);
          if (fate > 1) continue;
          model.set(key, tuple);
        }
        expect(relation.size).to.equal(model.size);
        relation.mark();
        for (const [columns, form] of forms) {
          const index = relation.index(columns, form, true);
          index.extend(tuples.to);
          checkGroups(relation, index, model);
        }
        for (const tuple of model.values()) {
          const row = relation.rowOf(tuple);
          expect(tuples.columns.map((column) => column[row])).to.deep.equal(tuple);
        }
        const columns = relation.schema.attributes.map((_, at) => relation.column(at));
        const held = Array.from({ length: relation.size }, (_, row) =>
          columns.map((column) => column[row]).join(),
        );
        expect(held.toSorted()).to.deep.equal([...model.keys()].toSorted());
        expect(relation.memoryBytes).to.equal(memory.bytes);
      }
    });
  }

  it("of an atom without columns come and go", () => {
    const relation = new Relation({ name: "r", attributes: [] }, new Memory());
    for (let round = 0; round < 3; round++) {
      expect(relation.insert([])).to.equal(true);
      relation.mark();
      relation.remove(relation.rowOf([]));
      expect([relation.size, relation.has([]), relation.rowOf([])]).to.deep.equal([0, false, -1]);
      relation.mark();
    }
  });
});

/** Each group of an index holds the tuples of the model that have its key, each once. */
function checkGroups(
  { tuples }: Relation,
  index: GroupIndex,
  model: ReadonlyMap<string, readonly number[]>,
): void {
  const { columns, form, directory, items } = index;
  let total = 0;
  for (let slot = 3; slot < directory.length; slot += 4) total += directory[slot]!;
  expect(total).to.equal(model.size);
  const groups = new Map<string, (readonly number[])[]>();
  for (const tuple of model.values()) {
    const key = columns.map((at) => tuple[at]).join();
    groups.set(key, [...(groups.get(key) ?? []), tuple]);
  }
  const rest = tuples.columns.findIndex((_, at) => !columns.includes(at));
  for (const [key, wanted] of groups) {
    const slot = groupOf(tuples, index, columns, key.split(",").map(Number));
    const start = directory[slot + 2]!;
    const found = [...items.subarray(start, start + directory[slot + 3]!)];
    if (form === "rows") {
      expect(found).to.deep.equal(found.toSorted((a, b) => a - b));
      const rows = found.map((row) => tuples.columns.map((column) => column[row]!).join());
      expect(rows.toSorted()).to.deep.equal(wanted.map((tuple) => tuple.join()).toSorted());
    } else {
      expect(found.toSorted()).to.deep.equal(wanted.map((tuple) => tuple[rest]!).toSorted());
    }
  }
}
