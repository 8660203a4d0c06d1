import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { analyse } from "../../src/analysis/analyse.ts";
import { random } from "../../src/base/random.ts";
import { parse } from "../../src/syntax/parse.ts";
import { plan } from "../../src/plan/program.ts";
import type { Expression, Operation, RulePlan, StratumPlan } from "../../src/plan/plan.ts";
import { readCases } from "../support/cases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = Number(process.env["SEED"] ?? 1);
const sizesTried = 8;
const sizesPossible = [-1, 0, 1, 4, 5, 30, 1000, 10_000_000];

/** The programs of the repository, and the inputs of all case files, programs or not. */
function texts(): { name: string; text: string }[] {
  const found: { name: string; text: string }[] = [];
  for (const folder of ["programs", "test/cases"]) {
    for (const file of filesBelow(folder)) {
      const text = readFileSync(join(root, file), "utf8");
      if (file.endsWith(".dl")) found.push({ name: file, text });
      if (folder === "programs" || !file.endsWith(".txt")) continue;
      for (const { input, line } of readCases(text, file))
        found.push({ name: `${file}:${line + 1}`, text: input });
    }
  }
  return found;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath.slice(root.length), entry.name)).toSorted();
}

describe(`plans of all programs (SEED=${seed})`, () => {
  for (const { name, text } of texts()) {
    const { program } = analyse(parse({ path: name, text }).tree);
    if (program === undefined) continue;
    it(`are well-formed for any sizes: ${name}`, () => {
      const { pick } = random(seed);
      const of = plan(program);
      for (let tried = 0; tried < sizesTried; tried++) {
        const sizes = of.relations.map(() => pick(sizesPossible));
        of.strata.forEach((_, at) => {
          checkStratum(of.stratum(at, sizes));
        });
      }
    });
  }
});

function checkStratum(stratum: StratumPlan): void {
  const { once, rounds, subsumptions = [], indexes, relations } = stratum;
  const used = [...once, ...subsumptions, ...rounds].flatMap((rule) => {
    checkSlots(rule);
    for (const alone of rule.shares ?? [rule]) {
      checkSlots(alone);
      const deltas = operations(alone.root).filter(
        (each) => "window" in each && each.window === "delta",
      );
      expect(deltas.length, alone.text).to.equal(alone.deltaAt === undefined ? 0 : 1);
    }
    const all = operations(rule.root);
    return all.flatMap((each) => {
      if (each.kind === "intersect")
        return each.sides.map(({ relation, index }) => [relation, index] as const);
      return "index" in each ? [[each.relation, each.index] as const] : [];
    });
  });
  const wanted = used.flatMap(([relation, index]) => {
    expect([...index].sort((a, b) => a - b)).to.deep.equal(index);
    const { attributes, equivalence } = relations[relation]!;
    const whole = index.length === attributes.length || equivalence === true;
    return whole || index.length === 0 ? [] : [`${relation} ${index.join()}`];
  });
  const listed = indexes.map(({ relation, columns }) => `${relation} ${columns.join()}`);
  expect(listed.toSorted()).to.deep.equal([...new Set(wanted)].sort());
}

function operations(operation: Operation): Operation[] {
  const inside = "body" in operation ? operations(operation.body) : [];
  const after = "then" in operation ? operations(operation.then) : [];
  const forked = operation.kind === "fork" ? operation.branches.flatMap(operations) : [];
  return [operation, ...inside, ...after, ...forked];
}

/** Every slot is bound once, and read only inside what binds it. */
function checkSlots({ root: operation, slots, text }: RulePlan): void {
  const everBound: number[] = [];
  const bind = (slot: number, bound: ReadonlySet<number>): ReadonlySet<number> => {
    everBound.push(slot);
    return new Set([...bound, slot]);
  };
  const read = (bound: ReadonlySet<number>, ...expressions: (Expression | undefined)[]): void => {
    for (const slot of expressions.flatMap((one) => (one === undefined ? [] : slotsOf(one))))
      expect(bound.has(slot), `${slots[slot]!.name} in ${text}`).to.equal(true);
  };
  const walk = (at: Operation, outer: ReadonlySet<number>): void => {
    let bound = outer;
    switch (at.kind) {
      case "unpack":
        read(bound, at.record);
        for (const use of at.columns) {
          if (use.kind === "check") read(bound, use.equals);
          if (use.kind === "bind") bound = bind(use.slot, bound);
        }
        break;
      case "scan":
      case "probe":
        if (at.kind === "probe") read(bound, ...at.key);
        for (const use of at.columns) {
          if (use.kind === "check") read(bound, use.equals);
          if (use.kind === "bind") bound = bind(use.slot, bound);
        }
        if (at.row !== undefined) bound = bind(at.row, bound);
        break;
      case "exists":
        read(bound, ...at.key);
        break;
      case "intersect":
        for (const { key } of at.sides) read(bound, ...key);
        bound = bind(at.slot, bound);
        break;
      case "keys":
        for (const slot of at.slots) bound = bind(slot, bound);
        break;
      case "filter":
        if (at.condition.kind !== "boolean") read(bound, at.condition.left, at.condition.right);
        break;
      case "bind":
        read(bound, at.value);
        bound = bind(at.slot, bound);
        break;
      case "range":
        read(bound, at.from, at.to, at.step);
        bound = bind(at.slot, bound);
        break;
      case "aggregate":
        walk(at.body, bound);
        bound = bind(at.slot, bound);
        break;
      case "first":
        walk(at.body, bound);
        break;
      case "found":
        return;
      case "fork":
        for (const branch of at.branches) walk(branch, bound);
        return;
      case "accumulate":
        read(bound, at.value);
        return;
      case "derive":
        read(bound, ...at.values);
        return;
      case "drop":
        read(bound, { kind: "slot", slot: at.row }, { kind: "slot", slot: at.for });
        return;
    }
    walk(at.then, bound);
  };
  walk(operation, new Set());
  expect(everBound.toSorted((a, b) => a - b)).to.deep.equal(slots.map((_, slot) => slot));
  expect(new Set(slots.map(({ name }) => name)).size, text).to.equal(slots.length);
}

function slotsOf(expression: Expression): number[] {
  if (expression.kind === "call") return expression.arguments.flatMap(slotsOf);
  if (expression.kind === "pack") return expression.fields.flatMap(slotsOf);
  return expression.kind === "slot" ? [expression.slot] : [];
}
