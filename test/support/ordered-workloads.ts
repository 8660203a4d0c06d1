// What clients of the ordered plane do, and what their histories have to be. A transaction returns
// nothing: one that reads writes what it saw into a relation, under the name of its request, and its
// answer says what it wrote. It is long because it is the one list of all workloads.
import { readFileSync } from "node:fs";

import type { Program } from "../../src/analysis/program.ts";
import type { Random } from "../../src/base/random.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { understand } from "../../src/understand.ts";
import { checkLists, listReport } from "../../src/sim/histories/check-lists.ts";
import type { ListAccess, ListTransaction } from "../../src/sim/histories/list-history.ts";
import { checkRegisters, type KeyedOperation } from "../../src/sim/histories/register.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import type { ClusterCall, HeardCall } from "./call-history.ts";

/** What clients do, and what has to hold. */
export type Workload = {
  readonly program: Program;
  /** Draws calls; `number` tells one from all others. */
  readonly call: (chance: Random, number: number) => ClusterCall;
  /** Draws free facts that machines take in meanwhile. */
  readonly insert?: (chance: Random, number: number) => Row;
  /** Returns what is wrong with what clients saw, as text. */
  readonly judge?: (history: readonly HeardCall[], program: Program) => string;
  /** Returns what is wrong with all rows at one moment: tuples by their relations' names. */
  readonly look?: (tuples: (relation: string) => readonly (readonly Value[])[]) => string;
};

/** Returns a program by its text, which is right. */
export function understood(text: string): Program {
  const { program, diagnostics } = understand(text);
  if (program === undefined) throw new Error(diagnostics.map((of) => of.message).join("\n"));
  return program;
}

/** Returns one of the programs that are shipped. */
function shipped(name: string): Program {
  return understood(readFileSync(new URL(`../../programs/${name}`, import.meta.url), "utf8"));
}

const accounts = ["ada", "ben", "cho", "dan", "eve"];
const lists = ["x", "y", "z"];

/** Free facts that are counted, and whose absence lets somebody in. */
const counting = understood(`
.decl seen(x: number)
.decl banned(x: number)
.input seen, banned
.decl told(request: symbol, n: number) ordered(request)
.decl guest(x: number) ordered(x)
.transaction tell(request: symbol) {
  +told(request, n) :- n = count : { seen(_) }.
}
.transaction admit(x: number) {
  abort("banned") :- banned(x).
  +guest(x).
  +seen(x + 1000).
}
// Who is there is banned no more than who was: facts that others insert are no transactions.
.transaction ban(x: number) {
  abort("is there") :- guest(x).
  +banned(x).
}
.transaction leave(x: number) {
  -guest(x).
}
`);

/** A store of cells: values are put under dots, and tombstones name dots. Nothing is removed. */
const cells = understood(`
.decl put(dot: symbol, key: symbol, value: number)
.decl gone(dot: symbol)
.input put, gone
.decl live(key: symbol, dot: symbol, value: number)
.calm ordered live "as of the frontier"
live(k, d, v) :- put(d, k, v), !gone(d).
.transaction cas(dot: symbol, key: symbol, before: number, value: number) {
  abort("another value") :- !live(key, _, before).
  +gone(d) :- live(key, d, before).
  +put(dot, key, value).
}
.transaction fresh(dot: symbol, key: symbol, value: number) {
  abort("is there") :- live(key, _, _).
  +put(dot, key, value).
}
.transaction bury(key: symbol) {
  abort("nothing") :- !live(key, _, _).
  +gone(d) :- live(key, d, _).
}
`);

function row(program: Program, name: string, values: readonly Value[]): Row {
  return { relation: program.relations.findIndex((of) => of.name === name), values };
}

/** Workloads by what they are about. */
export const workloads: Readonly<Record<string, Workload>> = {
  "lists that are appended to and read": {
    program: understood(`
.decl elements(list: symbol, place: number, element: symbol) ordered(list, place)
.decl saw(request: symbol, list: symbol, place: number, element: symbol)
  ordered(request, list, place)
.transaction look(request: symbol, a: symbol, b: symbol) {
  +saw(request, a, p, e) :- elements(a, p, e).
  +saw(request, b, p, e) :- elements(b, p, e).
}
.transaction append(a: symbol, x: symbol) {
  +elements(a, n, x) :- n = count : elements(a, _, _).
}
.transaction both(request: symbol, a: symbol, x: symbol, b: symbol, y: symbol) {
  abort("one list") :- a = b.
  +saw(request, a, p, e) :- elements(a, p, e).
  +elements(a, n, x) :- n = count : elements(a, _, _).
  +elements(b, n, y) :- n = count : elements(b, _, _).
}
.transaction other(request: symbol, a: symbol, b: symbol, y: symbol) {
  +saw(request, a, p, e) :- elements(a, p, e).
  +elements(b, n, y) :- n = count : elements(b, _, _).
}
`),
    call: (chance, number) => {
      const [request, a, b] = [`r${number}`, chance.pick(lists), chance.pick(lists)];
      return chance.pick([
        { name: "look", args: [request, a, b] },
        { name: "append", args: [a, `e${number}`] },
        { name: "both", args: [request, a, `e${number}`, b, `f${number}`] },
        { name: "other", args: [request, a, b, `e${number}`] },
      ]);
    },
    judge: (history, program) => judgedLists(history.map((call) => listCall(call, program))),
  },
  "a fork of readers": {
    program: understood(`
.decl item(key: symbol, value: symbol) ordered(key)
.decl saw(request: symbol, key: symbol, place: number, value: symbol) ordered(request, key)
.transaction put(a: symbol, x: symbol) {
  +item(a, x).
}
.transaction look(request: symbol, a: symbol, b: symbol) {
  +saw(request, a, 0, v) :- item(a, v).
  +saw(request, b, 0, v) :- item(b, v).
}
`),
    // Each key is written once, by the one, and read with its neighbour by those around.
    call: (chance, number) => {
      const at = number - (number % 4);
      if (number % 4 < 2) return { name: "put", args: [`k${number}`, `e${number}`] };
      const keys = chance.shuffled([`k${at}`, `k${at + 1}`]);
      return { name: "look", args: [`r${number}`, ...keys] };
    },
    judge: (history, program) => judgedLists(history.map((call) => listCall(call, program))),
  },
  registers: {
    program: understood(`
.decl register(name: symbol, value: number) ordered(name)
.decl saw(request: symbol, value: number) ordered(request)
.transaction write(name: symbol, value: number) {
  -register(name, v) :- register(name, v).
  +register(name, value).
}
.transaction read(request: symbol, name: symbol) {
  +saw(request, v) :- register(name, v).
}
.transaction cas(name: symbol, before: number, value: number) {
  abort("another value") :- !register(name, before).
  -register(name, before).
  +register(name, value).
}
`),
    call: (chance, number) => {
      const [name, value, other] = [chance.pick(lists), chance.below(3), chance.below(3)];
      return chance.pick([
        { name: "write", args: [name, BigInt(value)] },
        { name: "read", args: [`r${number}`, name] },
        { name: "cas", args: [name, BigInt(value), BigInt(other)] },
      ]);
    },
    judge: (history) => checkRegisters(history.map(registerCall)).join("\n"),
  },
  "a set": {
    program: understood(`
.decl member(element: number) ordered(element)
.decl saw(request: symbol, element: number) ordered(request, element)
.transaction add(element: number) {
  +member(element).
}
.transaction follow(other: number, element: number) {
  +member(element) :- member(other).
}
.transaction all(request: symbol) {
  +saw(request, e) :- member(e).
}
`),
    call: (chance, number) => {
      const other = BigInt(Math.max(0, number - chance.between(1, 9)));
      return chance.pick<ClusterCall>([
        { name: "add", args: [BigInt(number)] },
        { name: "follow", args: [other, BigInt(number)] },
        { name: "all", args: [`r${number}`] },
      ]);
    },
    judge: judgedSet,
  },
  "a bank": {
    program: shipped("bank.dl"),
    call: (chance) => {
      const [a, b] = [chance.pick(accounts), chance.pick(accounts)];
      const cents = BigInt(chance.between(1, 40) * 100);
      return chance.pick([
        { name: "transfer", args: [a, b, cents] },
        { name: "transfer", args: ["ada", b, cents] },
        { name: "lend", args: ["ada", b, a, cents] },
        { name: "open", args: [a] },
        { name: "close", args: [a] },
        { name: "pay", args: [`r${chance.below(20)}`, a, b, cents] },
      ]);
    },
    look: (tuples) => {
      const cents = tuples("balance").map(([, of]) => Number(of));
      const sum = cents.reduce((a, b) => a + b, 0);
      if (cents.some((of) => of < 0)) return `a balance is negative: ${cents.join()}`;
      return sum === 12_500 ? "" : `the sum is ${sum}`;
    },
  },
  "names that are given once": {
    program: shipped("inventory.dl"),
    call: (chance) => {
      const [name, mail] = [`n${chance.below(4)}`, `m${chance.below(4)}`];
      const [order, item] = [BigInt(chance.below(9)), chance.pick(["lamp", "desk", "chair"])];
      return chance.pick<ClusterCall>([
        { name: "register", args: [name, mail] },
        { name: "register", args: [name, mail] },
        { name: "leave", args: [name] },
        { name: "reserve", args: [order, item, BigInt(chance.between(1, 3))] },
        { name: "ship", args: [order, item] },
        { name: "deliver", args: [item, 2n] },
      ]);
    },
    look: (tuples) => {
      const users = tuples("user").map(([name, mail]) => textOf([name, mail]));
      const mails = tuples("mailOf").map(([mail, name]) => textOf([name, mail]));
      const same = users.toSorted().join() === mails.toSorted().join();
      return same ? "" : `users ${users.join()}, and mails ${mails.join()}`;
    },
  },
  "absence that others would end": {
    program: understood(`
.decl partner(x: number, y: number) ordered(x)
partner(0, 1). partner(1, 0). partner(2, 3). partner(3, 2).
.decl claimed(x: number, by: symbol) ordered(x)
// Of two partners one may be claimed. Which partner is looked at is found in the row.
.transaction claim(x: number, by: symbol) {
  abort("claimed") :- claimed(x, _).
  abort("partner is claimed") :- partner(x, y), claimed(y, _).
  +claimed(x, by).
}
.transaction free(x: number) {
  -claimed(x, b) :- claimed(x, b).
}
// Puts together who is free; those who were with them are alone.
.transaction pair(x: number, y: number) {
  abort("alone") :- x = y.
  abort("claimed") :- claimed(x, _) ; claimed(y, _).
  -partner(x, z), -partner(z, x) :- partner(x, z).
  -partner(y, z), -partner(z, y) :- partner(y, z).
  +partner(x, y).
  +partner(y, x).
}
`),
    call: (chance, number) => {
      const [x, y] = [BigInt(chance.below(5)), BigInt(chance.below(5))];
      return chance.pick<ClusterCall>([
        { name: "claim", args: [x, `r${number}`] },
        { name: "claim", args: [y, `r${number}`] },
        { name: "free", args: [x] },
        { name: "pair", args: [x, y] },
      ]);
    },
    look: (tuples) => {
      const claimed = new Set(tuples("claimed").map(([x]) => x));
      const both = tuples("partner").find(([x, y]) => claimed.has(x ?? 0) && claimed.has(y ?? 0));
      return both === undefined ? "" : `both are claimed: ${textOf(both)}`;
    },
  },
  "free facts, counted and absent": {
    program: counting,
    call: (chance, number) => {
      const x = BigInt(chance.below(12));
      return chance.pick<ClusterCall>([
        { name: "tell", args: [`r${number}`] },
        { name: "admit", args: [x] },
        { name: "ban", args: [x] },
        { name: "leave", args: [x] },
      ]);
    },
    insert: (chance) => {
      const name = chance.pick(["seen", "seen", "banned"]);
      return row(counting, name, [BigInt(chance.below(name === "seen" ? 60 : 12))]);
    },
    judge: judgedCounts,
  },
  "tombstones against compare-and-set": {
    program: cells,
    call: (chance, number) => {
      const [dot, key] = [`t${number}`, chance.pick(lists)];
      const [before, value] = [BigInt(chance.below(3)), BigInt(chance.below(3))];
      return chance.pick<ClusterCall>([
        { name: "cas", args: [dot, key, before, value] },
        { name: "cas", args: [dot, key, before, value] },
        { name: "fresh", args: [dot, key, value] },
        { name: "bury", args: [key] },
      ]);
    },
    insert: (chance, number) => {
      if (chance.chance(0.6)) {
        const value = BigInt(chance.below(3));
        return row(cells, "put", [`f${number}`, chance.pick(lists), value]);
      }
      const by = chance.chance(0.5) ? "f" : "t";
      return row(cells, "gone", [`${by}${chance.below(number + 1)}`]);
    },
    judge: judgedCells,
  },
};

function judgedLists(history: readonly ListTransaction[]): string {
  return listReport(history, checkLists(history));
}

/** Values as a text; symbols as they are. */
function textOf(values: readonly (Value | undefined)[]): string {
  return values.map((of = null) => (typeof of === "string" ? of : printValue(of))).join(" ");
}

/** How a call ended, for its client. */
function ended({ result }: HeardCall): ListTransaction["outcome"] {
  if (result === undefined) return "info";
  return result.kind === "done" ? "ok" : "fail";
}

/** What a call says it saw. */
function sawOf({ result }: HeardCall, program: Program): Row[] {
  const saw = program.relations.findIndex(({ name }) => name === "saw");
  if (result?.kind !== "done") return [];
  return result.inserted.filter(({ relation }) => relation === saw);
}

/** Reads come before appends: all bodies see the state before the transaction. */
function listCall(call: HeardCall, program: Program): ListTransaction {
  const { name, process, from, to } = call;
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = call.args.map((of) =>
    textOf([of]),
  );
  const outcome = ended(call);
  const rows = sawOf(call, program).map(({ values }) => values);
  const read = (key: string) => {
    const own = rows.filter(([, of]) => of === key);
    const elements = own.toSorted(([, , a], [, , b]) => Number(a) - Number(b));
    const told = elements.map(([, , , element]) => textOf([element]));
    return { kind: "read" as const, key, elements: outcome === "ok" ? told : undefined };
  };
  const append = (key: string, element: string) => ({ kind: "append" as const, key, element });
  const byName: Readonly<Record<string, readonly ListAccess[]>> = {
    look: [read(second), read(third)],
    put: [append(first, second)],
    append: [append(first, second)],
    both: [read(second), append(second, third), append(fourth, fifth)],
    other: [read(second), append(third, fourth)],
  };
  const accesses = byName[name];
  if (accesses === undefined) throw new Error(`no transaction ${name}`);
  return { process, outcome, from, to, accesses };
}

function registerCall(call: HeardCall): KeyedOperation {
  const { name, args, result, process, from, to } = call;
  const [first = "", second = "", third = ""] = args.map((of) => textOf([of]));
  const times = { process, from, ...(result !== undefined && { to }) };
  if (name === "write")
    return { ...times, key: first, operation: { kind: "write", value: second } };
  if (name === "read") {
    const [saw] = result?.kind === "done" ? result.inserted : [];
    const value = saw === undefined ? undefined : textOf([saw.values[1]]);
    return { ...times, key: second, operation: { kind: "read", value } };
  }
  const done = result === undefined ? undefined : result.kind === "done";
  return { ...times, key: first, operation: { kind: "cas", from: second, to: third, done } };
}

/** A read shows all that was added before it, by what clients were told, and nothing that nobody
 * asked for by then. */
function judgedSet(history: readonly HeardCall[], program: Program): string {
  const adds = history.filter(({ name }) => name !== "all");
  return history
    .flatMap((read) => {
      if (read.name !== "all" || read.result?.kind !== "done") return [];
      const saw = new Set(sawOf(read, program).map(({ values }) => textOf([values[1]])));
      return adds.flatMap(({ args, from, to, result }) => {
        const element = textOf([args.at(-1)]);
        const added = result?.kind === "done" && result.inserted.length > 0;
        if (added && to < read.from && !saw.has(element)) return [`${read.id} misses ${element}`];
        return from > read.to && saw.has(element) ? [`${read.id} sees ${element} early`] : [];
      });
    })
    .join("\n");
}

/** Free facts are seen or not yet; once somebody was told of so many, nobody is told of fewer. */
function judgedCounts(history: readonly HeardCall[], program: Program): string {
  const told = history.flatMap(({ id, result, from, to }) => {
    const rows = result?.kind === "done" ? rowsOf(result.inserted, program, "told") : [];
    return rows.map(([, count]) => ({ id, from, to, count: Number(count) }));
  });
  return told
    .flatMap((one) =>
      told.flatMap((other) =>
        one.to < other.from && one.count > other.count ? [`${other.id} forgets`] : [],
      ),
    )
    .join("\n");
}

/** Who changes or buries a value is alone in that: its tombstone is new. */
function judgedCells(history: readonly HeardCall[], program: Program): string {
  const buried = new Set<string>();
  return history
    .flatMap(({ id, name, result }) => {
      if (result?.kind !== "done" || name === "fresh") return [];
      const dots = rowsOf(result.inserted, program, "gone").map(textOf);
      const again = dots.filter((dot) => buried.has(dot)).map((dot) => `${id} buries ${dot} again`);
      for (const dot of dots) buried.add(dot);
      return dots.length === 0 ? [`${id} has changed nothing that was there`] : again;
    })
    .join("\n");
}

function rowsOf(rows: readonly Row[], program: Program, name: string): (readonly Value[])[] {
  return rows.flatMap((of) => (program.relations[of.relation]?.name === name ? [of.values] : []));
}
