// What a transaction means, straight from the definition (DESIGN, section 4): its rules are rules of
// the program over all rows, evaluated naively. Nothing here is shared with how it is planned.
import type { Literal, Program, Rule } from "../../src/analysis/program.ts";
import type { Outcome, Row } from "../../src/calvin/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { reference } from "./reference.ts";
import { order } from "./reference-functors.ts";

/** A transaction with its program: effects and aborts are relations of their own. */
type Naive = {
  readonly program: Program;
  readonly effects: readonly { readonly kind: "insert" | "remove"; readonly relation: number }[];
};

const made = new WeakMap<Program, Map<string, Naive>>();

/** Returns how a transaction ends, given all base rows before it. */
export function naiveOutcome(
  program: Program,
  name: string,
  args: readonly Value[],
  rows: readonly Row[],
): Outcome {
  const known = made.get(program) ?? new Map<string, Naive>();
  made.set(program, known);
  const naive = known.get(name) ?? naiveOf(program, name);
  known.set(name, naive);
  const facts = new Map<string, (readonly Value[])[]>([[name, [args]]]);
  for (const { relation, values } of rows) {
    const of = program.relations[relation]?.name ?? "";
    facts.set(of, [...(facts.get(of) ?? []), values]);
  }
  const answers = reference(naive.program, facts);
  const tuples = (of: string): (readonly Value[])[] =>
    [...(answers.get(of) ?? [])].map((tuple) => [...tuple]);
  const [reason] = tuples("?abort")
    .map(([of = null]) => of)
    .toSorted(order);
  if (reason !== undefined) return { kind: "aborted", reason: symbolOf(reason) };
  const changed = (kind: "insert" | "remove"): Row[] =>
    naive.effects.flatMap((of, at) =>
      of.kind === kind
        ? tuples(`?effect ${at}`).map((values) => ({ relation: of.relation, values }))
        : [],
    );
  return settled(program, rows, changed("remove"), changed("insert"));
}

/** Removals apply, then insertions: a tuple in both stays. */
function settled(
  program: Program,
  rows: readonly Row[],
  removals: readonly Row[],
  insertions: readonly Row[],
): Outcome {
  const before = new Map(rows.map((row) => [textOf(row), row]));
  const after = new Map(before);
  for (const row of removals) after.delete(textOf(row));
  for (const row of insertions) after.set(textOf(row), row);
  const keys = new Map<string, string>();
  for (const [text, row] of after) {
    const key = program.relations[row.relation]?.place?.ordered;
    if (key === undefined) continue;
    const values = key.map((column) => row.values[column] ?? null);
    const name = textOf({ relation: row.relation, values });
    if (keys.has(name)) return { kind: "aborted", reason: "key-conflict" };
    keys.set(name, text);
  }
  return {
    kind: "done",
    removed: [...before].flatMap(([text, row]) => (after.has(text) ? [] : [row])),
    inserted: [...after].flatMap(([text, row]) => (before.has(text) ? [] : [row])),
  };
}

function symbolOf(value: Value): string {
  if (typeof value !== "string") throw new Error("a reason is a symbol");
  return value;
}

function textOf({ relation, values }: Row): string {
  return `${relation} ${values.map(printValue).join(" ")}`;
}

/** The program, without the base rows that it began with, and with the rules of a transaction: the
 * heads become relations that nothing else reads. */
function naiveOf(program: Program, name: string): Naive {
  const transaction = program.transactions.find((of) => of.name === name);
  if (transaction === undefined) throw new Error(`no transaction ${name}`);
  const given = program.relations.findIndex((of) => of.name === name);
  const relations = [...program.relations];
  const rules: Rule[] = program.rules.filter(({ when }) => when === undefined);
  const strata = program.strata.map((of) => ({ ...of, rules: rulesOf(rules, of.relations) }));
  const effects: { kind: "insert" | "remove"; relation: number }[] = [];
  const { span } = transaction;
  const declared = (of: string, attributes: Program["relations"][number]["attributes"]): number =>
    relations.push({ name: of, attributes, inlined: false, span }) - 1;
  const abort = declared("?abort", [{ name: "reason", type: "symbol", kind: "symbol" }]);
  const added: number[] = [];
  for (const { given: terms, head, body, variables, span: of } of transaction.rules) {
    const argument: Literal = { kind: "atom", relation: given, terms, span: of };
    let target = abort;
    if (head.kind !== "abort") {
      const at = effects.push({ kind: head.kind, relation: head.relation }) - 1;
      target = declared(`?effect ${at}`, program.relations[head.relation]?.attributes ?? []);
    }
    const values = head.kind === "abort" ? [head.reason] : head.terms;
    const rule = { body: [argument, ...body], variables, span: of };
    added.push(rules.push({ head: { relation: target, terms: values }, ...rule }) - 1);
  }
  const last = added.map((rule) => ({
    relations: [rules[rule]?.head.relation ?? -1],
    rules: [rule],
    recursive: false,
  }));
  const aborts = added.filter((rule) => rules[rule]?.head.relation === abort);
  const derived = new Set(program.transactions.flatMap((of) => of.rules.map(headOf)));
  const base = (relation: number): boolean =>
    program.relations[relation]?.place?.ordered !== undefined ||
    derived.has(relation) ||
    program.directives.some((of) => of.word === "input" && of.relation === relation);
  return {
    program: {
      ...{ ...program, relations, rules, transactions: [], expectations: [] },
      facts: program.facts.filter(({ relation }) => !base(relation)),
      strata: [
        ...strata,
        ...last.filter(({ relations: [of] }) => of !== abort),
        { relations: [abort], rules: aborts, recursive: false },
      ],
    },
    effects,
  };
}

function rulesOf(rules: readonly Rule[], relations: readonly number[]): number[] {
  return [...rules.keys()].filter((at) => relations.includes(rules[at]?.head.relation ?? -1));
}

function headOf({ head }: Program["transactions"][number]["rules"][number]): number {
  return head.kind === "abort" ? -1 : head.relation;
}
