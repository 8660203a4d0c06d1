// Random histories: those of transactions that were carried out one by one, at some moment between
// question and answer, are good; of small ones, also spoilt, all orders are tried.
import { expect } from "chai";

import { type Random, random } from "../../../src/base/random.ts";
import { checkLists, listReport } from "../../../src/sim/histories/check-lists.ts";
import {
  type ListAccess,
  type ListTransaction,
  listTransactionText,
} from "../../../src/sim/histories/list-history.ts";
import { linearize } from "../../../src/sim/histories/linearize.ts";
import {
  checkRegisters,
  type KeyedOperation,
  type RegisterOperation,
  registerModel,
  registerText,
} from "../../../src/sim/histories/register.ts";

const seed = Number(process.env["SEED"] ?? 1);

describe(`random histories (SEED=${seed})`, () => {
  it("of lists that were carried out one by one have nothing, also long ones", () => {
    for (const [at, count] of [20, 20, 20, 200, 2000].entries()) {
      const history = serialLists(random(seed * 100 + at), { count, processes: 6, keys: 5 });
      expect(listReport(history, checkLists(history))).to.equal("");
    }
  });

  it("of lists are told right where all orders can be tried", () => {
    const counts = { good: 0, bad: 0 };
    for (let at = 0; at < 1500; at++) {
      const chance = random(seed * 10_000 + at);
      const good = serialLists(chance, { count: 5, processes: 3, keys: 2 });
      const history = withLastRead(chance.chance(0.2) ? good : spoilt(good, chance));
      const text = history.map(listTransactionText).join("\n");
      const found = checkLists(history);
      const serializable = someOrder(history);
      counts[serializable ? "good" : "bad"]++;
      expect(found.length === 0, `${text}\n${listReport(history, found)}`).to.equal(serializable);
    }
    expect(Math.min(counts.good, counts.bad)).to.be.greaterThan(200);
  });

  it("of registers are told right, and long ones of good registers have nothing", () => {
    const counts = { good: 0, bad: 0 };
    for (let at = 0; at < 1500; at++) {
      const chance = random(seed * 10_000 + at);
      const history = registers(chance, { count: 6, processes: 3, wrong: at % 2 === 0 ? 0.3 : 0 });
      const expected = someRegisterOrder(history);
      const { kind } = linearize(history, registerModel);
      counts[expected ? "good" : "bad"]++;
      const text = history.map(registerText).join("\n");
      expect(kind, text).to.equal(expected ? "linearizable" : "not-linearizable");
    }
    expect(Math.min(counts.good, counts.bad)).to.be.greaterThan(200);
    const long = registers(random(seed), { count: 1000, processes: 10, wrong: 0 });
    expect(checkRegisters(long)).to.deep.equal([]);
  });
});

type Times = { readonly process: string; readonly from: number; readonly to: number };

/** For each of a number of operations, in the order in which they take effect: who asks when. */
function overlapping(chance: Random, count: number, processes: number): Times[] {
  const free = Array.from({ length: processes }, () => 0);
  return Array.from({ length: count }, (_, at) => {
    const moment = (at + 1) * 10;
    const idle = free.flatMap((time, process) => (time < moment ? [process] : []));
    // Where all are busy someone new comes.
    const process = idle.length === 0 ? free.push(0) - 1 : chance.pick(idle);
    const from = chance.between(Math.max((free[process] ?? 0) + 1, moment - 40), moment);
    const to = moment + chance.between(1, 40);
    free[process] = to;
    return { process: `p${process}`, from, to };
  });
}

type Size = { readonly count: number; readonly processes: number; readonly keys: number };

function serialLists(chance: Random, { count, processes, keys }: Size): ListTransaction[] {
  const lists = new Map<string, readonly string[]>();
  let element = 0;
  const history = overlapping(chance, count, processes).map((times, at): ListTransaction => {
    const before = new Map(lists);
    const accesses = Array.from({ length: chance.between(1, 3) }, (): ListAccess => {
      const key = `k${chance.below(keys)}`;
      const elements = lists.get(key) ?? [];
      if (chance.chance(0.5)) return { kind: "read", key, elements };
      const appended = String(++element);
      lists.set(key, [...elements, appended]);
      return { kind: "append", key, element: appended };
    });
    const outcome = chance.pick(["ok", "ok", "ok", "ok", "ok", "ok", "fail", "info"] as const);
    const happens = outcome === "ok" || (outcome === "info" && chance.chance(0.5));
    if (!happens) for (const key of lists.keys()) lists.set(key, before.get(key) ?? []);
    const told = (access: ListAccess): ListAccess =>
      access.kind === "read" && outcome !== "ok" ? { ...access, elements: undefined } : access;
    // A process of which nobody knows how it ended asks nothing more.
    const own = outcome === "info" ? { process: `${times.process}x${at}`, to: Infinity } : {};
    return { ...times, ...own, outcome, accesses: accesses.map(told) };
  });
  return chance.shuffled(history);
}

/** A read is shortened, or has its elements in another order. */
function spoilt(history: readonly ListTransaction[], chance: Random): ListTransaction[] {
  const spoil = (access: ListAccess): ListAccess => {
    if (access.kind === "append" || access.elements === undefined || !chance.chance(0.3))
      return access;
    const { elements } = access;
    return {
      ...access,
      elements: chance.chance(0.3)
        ? chance.shuffled(elements)
        : elements.slice(0, chance.below(elements.length + 1)),
    };
  };
  return history.map((of) => ({ ...of, accesses: of.accesses.map(spoil) }));
}

/** With a read at the end of what the longest read or all appends say: the order of all elements. */
function withLastRead(history: readonly ListTransaction[]): ListTransaction[] {
  const lists = new Map<string, string[]>();
  for (const { outcome, accesses } of history)
    for (const { kind, key, ...of } of accesses) {
      if (outcome !== "ok") continue;
      const list = lists.get(key) ?? [];
      lists.set(key, list);
      const elements = kind === "append" && "element" in of ? [of.element] : [];
      const read = kind === "read" && "elements" in of ? (of.elements ?? []) : [];
      for (const element of [...read, ...elements]) if (!list.includes(element)) list.push(element);
    }
  const accesses = [...lists].map(([key, elements]) => ({ kind: "read" as const, key, elements }));
  const from = Math.max(...history.map(({ to }) => (to === Infinity ? 0 : to))) + 1;
  return [...history, { process: "last", outcome: "ok", from, to: from + 1, accesses }];
}

/** Whether some order of what was carried out, with some of what perhaps was, gives all reads. */
function someOrder(history: readonly ListTransaction[]): boolean {
  return orders(
    history.filter(({ outcome }) => outcome !== "fail"),
    ({ outcome }) => outcome === "ok",
    new Map<string, readonly string[]>(),
    (lists, { accesses }) => {
      const after = new Map(lists);
      for (const access of accesses) {
        const { key } = access;
        const elements = after.get(key) ?? [];
        if (access.kind === "append") after.set(key, [...elements, access.element]);
        else if (access.elements !== undefined && access.elements.join() !== elements.join())
          return undefined;
      }
      return after;
    },
  );
}

function someRegisterOrder(history: readonly KeyedOperation[]): boolean {
  return orders(
    history.map((of) => ({ ...of, to: of.to ?? Infinity })),
    ({ to }) => to !== Infinity,
    registerModel.initial,
    (state, { operation }) => registerModel.step(state, operation),
  );
}

/** Whether all that is needed fits one after the other, none after one that was asked for when it
 * was answered. All orders are tried. */
function orders<T extends { readonly from: number; readonly to: number }, State>(
  left: readonly T[],
  needed: (of: T) => boolean,
  state: State,
  step: (state: State, of: T) => State | undefined,
): boolean {
  if (!left.some(needed)) return true;
  const soonest = Math.min(...left.filter(needed).map(({ to }) => to));
  return left.some((of) => {
    if (of.from > soonest) return false;
    const next = step(state, of);
    const others = left.filter((other) => other !== of);
    return next !== undefined && orders(others, needed, next, step);
  });
}

function registers(
  chance: Random,
  { count, processes, wrong }: { count: number; processes: number; wrong: number },
): KeyedOperation[] {
  let state = registerModel.initial;
  const value = () => String(chance.below(3));
  const history = overlapping(chance, count, processes).map((times, at): KeyedOperation => {
    const operation: RegisterOperation = chance.pick([
      { kind: "write", value: value() },
      { kind: "read", value: chance.chance(wrong) ? value() : state.value },
      { kind: "cas", from: value(), to: value(), done: undefined },
    ] as const);
    const { process, from, to } = times;
    const lost = operation.kind !== "read" && chance.chance(0.15);
    const done = operation.kind === "cas" && operation.from === state.value;
    if (!lost || chance.chance(0.5)) state = registerModel.step(state, operation) ?? state;
    if (lost) return { process: `${process}x${at}`, from, key: "x", operation };
    const told = chance.chance(wrong) ? !done : done;
    const result = operation.kind === "cas" ? { ...operation, done: told } : operation;
    return { process, from, to, key: "x", operation: result };
  });
  return chance.shuffled(history);
}
