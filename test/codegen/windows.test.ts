import { expect } from "chai";

import { compiled, interpreted, webAssembly, type Backend } from "../../src/codegen/backend.ts";
import type { ColumnUse, Operation, Window } from "../../src/plan/plan.ts";
import { constant, plus, rowsOf, slot, type HandRule } from "./hand-plan.ts";

const backends: Record<string, Backend> = { compiled, interpreted, webAssembly };
const number = (value: number) => constant("number", BigInt(value));

// p counts from 0 to 3, one tuple a round; a second rule looks at p while the next is pending.
for (const [name, backend] of Object.entries(backends)) {
  describe(`a rule that is ${name} sees stable rows and the delta, never pending ones`, () => {
    for (let arity = 1; arity <= 4; arity++) {
      for (const width of new Set([1, 2, arity].filter((columns) => columns <= arity))) {
        const found = (window: Window, shift: number, negated = false): string[] =>
          seen({ backend, arity, width, window, shift, negated });

        it(`when it asks for ${width} of ${arity} columns`, () => {
          expect(found("full", 1), "pending").to.deep.equal([]);
          expect(found("full", 0), "delta").to.deep.equal(["0", "1", "2", "3"]);
          expect(found("full", -1), "stable").to.deep.equal(["1", "2", "3"]);
          expect(found("delta", 0)).to.deep.equal(["0", "1", "2", "3"]);
          expect(found("delta", -1)).to.deep.equal([]);
          expect(found("stable", 0)).to.deep.equal([]);
          expect(found("stable", -1)).to.deep.equal(["1", "2", "3"]);
          expect(found("full", 1, true)).to.deep.equal(["0", "1", "2", "3"]);
          expect(found("stable", -1, true)).to.deep.equal(["0"]);
        });
      }

      it(`when it joins ${arity} columns`, () => {
        for (const [window, shift, rows] of joins) {
          const then: Operation = { kind: "derive", relation: 1, values: [slot(0)] };
          const columns = Array.from({ length: arity }, (): ColumnUse => ({ kind: "ignore" }));
          const root: Operation = {
            kind: "probe",
            relation: 0,
            window,
            index: [0],
            key: [plus(slot(0), number(shift))],
            columns,
            then,
          };
          expect(derived(backend, arity, root), `${window} ${shift}`).to.deep.equal(rows);
        }
      });

      it(`when it scans ${arity} columns inside of another loop`, () => {
        for (const [window, shift, rows] of joins) {
          const columns = Array.from({ length: arity }, (_, at): ColumnUse =>
            at > 0 ? { kind: "ignore" } : { kind: "check", equals: plus(slot(0), number(shift)) },
          );
          const then: Operation = { kind: "derive", relation: 1, values: [slot(0)] };
          const root: Operation = { kind: "scan", relation: 0, window, columns, then };
          expect(derived(backend, arity, root), `${window} ${shift}`).to.deep.equal(rows);
        }
      });
    }

    it("when it asks whether there is any row", () => {
      const ask = (window: Window, negated: boolean): string[] =>
        derived(backend, 1, {
          kind: "exists",
          relation: 0,
          window,
          negated,
          index: [],
          key: [],
          then: { kind: "derive", relation: 1, values: [slot(0)] },
        });
      expect(ask("full", false)).to.deep.equal(["0", "1", "2", "3"]);
      expect(ask("delta", false)).to.deep.equal(["0", "1", "2", "3"]);
      expect(ask("stable", false)).to.deep.equal(["1", "2", "3"]);
      expect(ask("stable", true)).to.deep.equal(["0"]);
    });
  });
}

/** Window, distance from the row of the delta, and which rows then find a partner. */
const joins: readonly (readonly [Window, number, readonly string[]])[] = [
  ["full", 1, []],
  ["full", 0, ["0", "1", "2", "3"]],
  ["full", -1, ["1", "2", "3"]],
  ["delta", 0, ["0", "1", "2", "3"]],
  ["delta", -1, []],
  ["stable", 0, []],
  ["stable", -2, ["2", "3"]],
];

type Question = {
  readonly backend: Backend;
  readonly arity: number;
  readonly width: number;
  readonly window: Window;
  readonly shift: number;
  readonly negated: boolean;
};

function seen({ backend, arity, width, window, shift, negated }: Question): string[] {
  const index = Array.from({ length: width }, (_, at) => at);
  const key = index.map((at) => (at > 0 ? number(7) : plus(slot(0), number(shift))));
  const then: Operation = { kind: "derive", relation: 1, values: [slot(0)] };
  const root: Operation = {
    ...{ kind: "exists", relation: 0, window, negated, index, key, then },
  };
  return derived(backend, arity, root);
}

/** What the rule `q(x) :- delta p(x, …), ASK.` derives, where the rule before it extends p. */
function derived(backend: Backend, arity: number, ask: Operation): string[] {
  const sevens = Array.from({ length: arity - 1 }, () => number(7));
  const delta = (then: Operation): HandRule => ({
    slots: 1,
    root: {
      kind: "scan",
      relation: 0,
      window: "delta",
      columns: Array.from({ length: arity }, (_, at): ColumnUse =>
        at === 0 ? { kind: "bind", slot: 0 } : { kind: "ignore" },
      ),
      then,
    },
  });
  const count: Operation = {
    kind: "filter",
    condition: { kind: "comparison", operator: "<", of: "number", left: slot(0), right: number(3) },
    then: { kind: "derive", relation: 0, values: [plus(slot(0), number(1)), ...sevens] },
  };
  const rows = rowsOf(
    {
      relations: { p: Array.from({ length: arity }, () => "number" as const), q: ["number"] },
      facts: [{ relation: 0, values: [0n, ...sevens.map(() => 7n)] }],
      computes: [0, 1],
      rounds: [delta(count), delta(ask)],
    },
    backend,
  );
  expect(rows["p"]).to.have.length(4);
  return rows["q"]!;
}
