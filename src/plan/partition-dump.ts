// How a program is evaluated in parts, as text: what `calm explain --network` prints.
import { printRule, printTerm } from "../analysis/dump.ts";
import type { Program, RelationAt, Rule, Term, Variable } from "../analysis/program.ts";
import { flooded, saysNetwork } from "./network.ts";
import type { Copy, PartitionedProgram, PlacedRule } from "./partitioned-program.ts";
import { atomsOf } from "./partition-location.ts";

/** How nodes evaluate a program, in words. */
export type ExplainedNetwork = {
  /** `parts`: each tuple is at its owner. `flood`: each node comes to hold all inputs, and
   * evaluates the whole program. `written`: the rules of the text itself say what is sent. */
  readonly evaluation: "parts" | "flood" | "written";
  readonly relations: readonly {
    readonly name: string;
    readonly place: "everywhere" | "arrival" | "owner";
    /** For each owner the attributes that say who it is. */
    readonly by: readonly (readonly string[])[];
    /** Whether the text says so. */
    readonly declared: boolean;
    readonly input: boolean;
  }[];
  readonly copies: readonly {
    readonly of: string;
    /** Empty where the copy is at each node. */
    readonly by: readonly string[];
    /** For which rules, numbered from 1. */
    readonly rules: readonly number[];
  }[];
  readonly rules: readonly {
    /** As the text has it, numbered from 1. */
    readonly rule: number;
    readonly text: string;
    /** The terms whose values say whose node it is; absent where it is each. */
    readonly at?: readonly string[];
    readonly reads: readonly string[];
    readonly sealed: readonly string[];
    readonly derives: string;
  }[];
  /** The rules that say what is sent, in the language of the program. */
  readonly sends: readonly string[];
};

/** Returns how nodes evaluate a program that is not partitioned, in words. */
export function explainedWhole(program: Program): ExplainedNetwork {
  const written = saysNetwork(program);
  const { relations, rules } = written ? program : flooded(program);
  const inputs = inputsOf(program);
  return {
    evaluation: written ? "written" : "flood",
    relations: relations.flatMap(({ name, place }, at) => {
      if (place?.system !== undefined) return [];
      const input = inputs.has(at);
      // Where the others are, only the rules tell.
      if (written && !input) return [];
      const where = written ? "arrival" : "everywhere";
      return [{ name, place: where, by: [], declared: false, input } as const];
    }),
    ...{ copies: [], rules: [] },
    sends: rules.flatMap((rule) => (rule.when === "later" ? [printSend({ relations }, rule)] : [])),
  };
}

/** Returns the evaluation of a program in parts, in words. */
export function explainedParts(partitioned: PartitionedProgram): ExplainedNetwork {
  const { source: program, placements, copies, rules } = partitioned;
  const name = (at: RelationAt): string => program.relations[at]?.name ?? "";
  const inputs = inputsOf(program);
  return {
    evaluation: "parts",
    relations: placements.slice(0, program.relations.length).flatMap((placement, at) => {
      if (program.relations[at]?.place?.system !== undefined) return [];
      const keyed = placement.kind === "keyed";
      return {
        name: name(at),
        place: placement.kind === "keyed" ? "owner" : placement.kind,
        by: keyed ? placement.keys.map((key) => columnNames(program, at, key)) : [],
        declared: keyed && !placement.chosen,
        input: inputs.has(at),
      };
    }),
    copies: copies.map(({ of, by = [], rules: readers }) => ({
      of: name(of),
      by: columnNames(program, of, by),
      rules: readers.map((rule) => rule + 1),
    })),
    rules: rules.map((placed, at) => explainedRule(program, partitioned, placed, at)),
    sends: partitioned.program.rules.flatMap((rule) =>
      rule.when === undefined ? [] : [printSend(partitioned.program, rule)],
    ),
  };
}

/** A rule in source notation; of owners without the kinds of the values that they own. */
function printSend({ relations }: Pick<Program, "relations">, rule: Rule): string {
  return printRule(relations, rule).replaceAll(/@#owner<.*?>\(/g, "#owner(");
}

function inputsOf({ directives }: Program): Set<RelationAt> {
  return new Set(directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])));
}

function explainedRule(
  program: Program,
  { copies, placements }: PartitionedProgram,
  { rule, location, reads, sealed, head }: PlacedRule,
  at: number,
): ExplainedNetwork["rules"][number] {
  const { relation } = rule.head;
  const name = program.relations[relation]?.name ?? "";
  const placement = placements[relation];
  const [key = []] = placement?.kind === "keyed" ? placement.keys : [];
  const terms = key.map((column) => rule.head.terms[column] ?? { kind: "anonymous" as const });
  return {
    ...{ rule: at + 1, text: printRule(program.relations, rule) },
    ...(location !== undefined && { at: printed(location, rule.variables) }),
    reads: atomsOf(rule.body).map((atom, place) => {
      const of = program.relations[atom.relation]?.name ?? "";
      const copy = copies[reads[place] ?? -1];
      return copy === undefined ? `${of} here` : copyText(program, copy);
    }),
    sealed: sealed.map((of) => program.relations[of]?.name ?? ""),
    derives:
      head === "stays"
        ? `${name} here`
        : head === "all"
          ? `${name}, sent to each node`
          : `${name}, sent to the owner of (${printed(terms, rule.variables).join(", ")})`,
  };
}

/** Returns what `calm explain --network` prints. */
export function dumpNetwork(explained: ExplainedNetwork): string {
  const { evaluation, relations, copies, rules, sends } = explained;
  const lines = [evaluations[evaluation], "relations"];
  for (const relation of relations) lines.push(`  ${relation.name}: ${placeText(relation)}`);
  if (evaluation === "parts") {
    lines.push("copies", ...(copies.length === 0 ? ["  none"] : copies.map(copyLine)));
    lines.push("rules", ...rules.flatMap(ruleLines));
  }
  lines.push("what is sent", ...(sends.length === 0 ? ["  nothing"] : []));
  for (const text of sends) lines.push(`  ${text}`);
  return lines.join("\n") + "\n";
}

const evaluations = {
  parts: "evaluated in parts: a tuple is at the node that owns its key",
  flood: "evaluated as a whole at each node: all nodes come to hold all inputs",
  written: "evaluated as its own rules say",
} as const;

function copyLine({ of, by, rules }: ExplainedNetwork["copies"][number]): string {
  const where = by.length === 0 ? "at each node" : `at the owner of (${by.join(", ")})`;
  return `  ${of} ${where}, for ${rules.length === 1 ? "rule" : "rules"} ${rules.join(", ")}`;
}

function ruleLines({ rule, text, at, reads, sealed, derives }: Explained): string[] {
  const owner = at?.includes("_") === true ? "where its tuples are" : undefined;
  const where = at === undefined ? "at each node" : (owner ?? `at the owner of (${at.join(", ")})`);
  const waits = sealed.map((name) => `${name} sealed`);
  return [
    `  ${rule} ${text}`,
    `    ${where}: ${[...waits, ...reads].join(", ") || "no relation"}`,
    `    derives ${derives}`,
  ];
}

type Explained = ExplainedNetwork["rules"][number];

function placeText({ place, by, declared, input }: ExplainedNetwork["relations"][number]): string {
  if (place === "everywhere")
    return input ? "inserted anywhere, sent to each node" : "at each node";
  if (place === "arrival") return "where it is inserted";
  const owners = by.map((key) => `the owner of (${key.join(", ")})`).join(" and at ");
  const why = declared ? "" : ", as rules join it";
  return `at ${owners}${why}${input ? "; sent there from where it is inserted" : ""}`;
}

function copyText(program: Program, { of, by }: Copy): string {
  const name = program.relations[of]?.name ?? "";
  return by === undefined
    ? `${name} copied to each node`
    : `${name} copied by (${columnNames(program, of, by).join(", ")})`;
}

function columnNames({ relations }: Program, at: RelationAt, columns: readonly number[]): string[] {
  return columns.map((column) => relations[at]?.attributes[column]?.name ?? "");
}

function printed(terms: readonly Term[], variables: readonly Variable[]): string[] {
  return terms.map((term) => printTerm(term, variables));
}
