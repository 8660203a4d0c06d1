// What transactions touch, for people and for machines.
import { printLiteral, printTerm } from "../analysis/dump.ts";
import type { Program, Relation, Rule } from "../analysis/program.ts";
import {
  type Change,
  keyColumns,
  type Probe,
  transactionPlan,
  type TransactionPlan,
} from "./transaction.ts";

/** What a transaction touches. */
export type ExplainedTransaction = {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  /** Whether its arguments alone say what it reads and where it writes. If not, reconnaissance
   * finds it, and it starts over where that has changed. */
  readonly known: "arguments" | "reconnaissance";
  readonly reads: readonly ExplainedPattern[];
  readonly writes: readonly ExplainedPattern[];
};

/** Tuples that are read or changed. */
export type ExplainedPattern = {
  /** `balance(from, _)`; a variable that is no parameter is that of `where`. */
  readonly pattern: string;
  /** For which values. */
  readonly where: readonly string[];
  readonly known: "arguments" | "reconnaissance";
  readonly lock: { readonly mode: "S" | "X"; readonly on: string };
  /** Whose partition takes part: the first column of the key says it. */
  readonly participants: "all" | "one";
};

/** Returns what the transactions of a program touch. */
export function explainedTransactions(program: Program): ExplainedTransaction[] {
  return program.transactions.map((transaction) => {
    const planned = transactionPlan(program, transaction);
    const { name, parameters, probes, changes } = planned;
    const reads = distinct(probes.flatMap((probe) => readPatterns(planned, probe)));
    const writes = distinct(changes.flatMap((change) => writePatterns(planned, change)));
    const all = [...reads, ...writes].every(({ known }) => known === "arguments");
    return {
      name,
      parameters: parameters.map((of) => ({ name: of.name, type: of.type })),
      known: all ? "arguments" : "reconnaissance",
      ...{ reads, writes },
    };
  });
}

/** Returns what `calm explain --transactions` prints. */
export function dumpTransactions(explained: readonly ExplainedTransaction[]): string {
  const blocks = explained.map(({ name, parameters, known, reads, writes }) => {
    const given = parameters.map((of) => `${of.name}: ${of.type}`).join(", ");
    const lines = [`transaction ${name}(${given})`, `  ${knownText[known]}`];
    for (const [word, patterns] of [["reads", reads] as const, ["writes", writes] as const]) {
      lines.push(`  ${word}${patterns.length === 0 ? " nothing" : ""}`);
      lines.push(...patterns.map(patternLine));
    }
    return lines.join("\n") + "\n";
  });
  return blocks.join("\n");
}

const knownText = {
  arguments: "its arguments say what it touches",
  reconnaissance: "reconnaissance finds what it touches",
} as const;

function patternLine({ pattern, where, known, lock, participants }: ExplainedPattern): string {
  const values = where.length === 0 ? "" : ` where ${where.join(", ")}`;
  const found = known === "arguments" ? "" : ", found by reconnaissance";
  const whose = participants === "all" ? "in all partitions" : "in one partition";
  return `    ${pattern}${values}: ${lock.mode} on ${lock.on} ${whose}${found}`;
}

function readPatterns(planned: TransactionPlan, probe: Probe): ExplainedPattern[] {
  const { relation, columns, values, early } = probe;
  if (values === undefined) return [pattern(planned, { relation, columns, rule: undefined }, "S")];
  return rulesOf(planned, values).map((rule) => {
    const known = early ? "arguments" : "reconnaissance";
    return { ...pattern(planned, { relation, columns, rule }, "S"), known };
  });
}

function writePatterns(planned: TransactionPlan, change: Change): ExplainedPattern[] {
  const { relation, rows, key, prefix } = change;
  if (key.length === 0) return [pattern(planned, { relation, columns: [], rule: undefined }, "X")];
  if (prefix !== undefined)
    return rulesOf(planned, prefix.values).map((rule) =>
      pattern(planned, { relation, columns: prefix.columns, rule }, "X"),
    );
  return rulesOf(planned, rows).map((rule) => {
    const terms = key.flatMap((column) => rule.head.terms[column] ?? []);
    const keyed = { ...rule, head: { ...rule.head, terms } };
    const of = pattern(planned, { relation, columns: key, rule: keyed }, "X");
    return { ...of, known: "reconnaissance" };
  });
}

/** The pattern with the values of a rule's head in some columns. */
function pattern(
  { program, given }: TransactionPlan,
  { relation, columns, rule }: Patterned,
  mode: "S" | "X",
): ExplainedPattern {
  const { name, attributes } = relationOf(program, relation);
  const names = columns.map((_, at) => {
    const term = rule?.head.terms[at];
    return rule === undefined || term === undefined ? "_" : printTerm(term, rule.variables);
  });
  const terms = attributes.map((_, column) => names[columns.indexOf(column)] ?? "_");
  const key = keyColumns(program, relation);
  const free = key.findIndex((column) => !columns.includes(column));
  const prefix = key.slice(0, free < 0 ? key.length : free);
  const locked = prefix.map((column) => names[columns.indexOf(column)] ?? "_");
  const context = { relations: program.relations, variables: rule?.variables ?? [] };
  const rest = (rule?.body ?? []).filter(
    (literal) => literal.kind !== "atom" || literal.relation !== given,
  );
  return {
    pattern: `${name}(${terms.join(", ")})`,
    where: rest.map((literal) => printLiteral(literal, context)),
    known: "arguments",
    lock: { mode, on: locked.length === 0 ? name : `${name}(${locked.join(", ")})` },
    participants: prefix.length > 0 ? "one" : "all",
  };
}

type Patterned = {
  readonly relation: number;
  readonly columns: readonly number[];
  readonly rule: Rule | undefined;
};

function rulesOf({ program }: TransactionPlan, relation: number): Rule[] {
  return program.rules.filter(({ head }) => head.relation === relation);
}

function relationOf(
  { relations }: Program,
  at: number,
): Pick<Relation, "name" | "attributes" | "place"> {
  return relations[at] ?? { name: "", attributes: [] };
}

function distinct(patterns: readonly ExplainedPattern[]): ExplainedPattern[] {
  return [...new Map(patterns.map((of) => [JSON.stringify(of), of])).values()];
}
