// How a program is evaluated in parts, as text: what `calm explain --network` prints.
import { printRule, printTerm } from "../analysis/dump.ts";
import type { Program, RelationAt, Term, Variable } from "../analysis/program.ts";
import type { Copy, PartitionedProgram, PlacedRule } from "./partition.ts";
import { atomsOf } from "./partition-location.ts";

/** The evaluation of a program in parts, in words; `program` is as it was written. */
export type ExplainedPartition = {
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

/** Returns the evaluation of a program in parts, in words. */
export function explained(program: Program, partitioned: PartitionedProgram): ExplainedPartition {
  const { placements, copies, rules } = partitioned;
  const name = (at: RelationAt): string => program.relations[at]?.name ?? "";
  const inputs = new Set(
    program.directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  return {
    relations: placements.flatMap((placement, at) => {
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
      rule.when === undefined ? [] : [printRule(partitioned.program.relations, rule)],
    ),
  };
}

function explainedRule(
  program: Program,
  { copies, placements }: PartitionedProgram,
  { rule, location, reads, sealed, head }: PlacedRule,
  at: number,
): ExplainedPartition["rules"][number] {
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
export function dumpPartition({ relations, copies, rules, sends }: ExplainedPartition): string {
  const lines = ["relations"];
  for (const relation of relations) {
    lines.push(`  ${relation.name}: ${placeText(relation)}`);
    if (relation.place === "owner" && relation.input)
      lines.push("    what is inserted elsewhere is sent there");
  }
  lines.push("copies");
  for (const { of, by, rules: readers } of copies)
    lines.push(
      `  ${of} ${by.length === 0 ? "at each node" : `by (${by.join(", ")})`}, ` +
        `for ${readers.length === 1 ? "rule" : "rules"} ${readers.join(", ")}`,
    );
  if (copies.length === 0) lines.push("  none");
  lines.push("rules");
  for (const { rule, text, at, reads, sealed, derives } of rules) {
    lines.push(`  ${rule} ${text}`);
    const where =
      at === undefined
        ? "at each node"
        : at.includes("_")
          ? "where the tuples are"
          : `at the owner of (${at.join(", ")})`;
    const waits = sealed.map((name) => `${name} sealed`);
    lines.push(`    ${where}: ${[...waits, ...reads].join(", ") || "no relation"}`);
    lines.push(`    derives ${derives}`);
  }
  lines.push("what is sent");
  for (const text of sends) lines.push(`  ${text}`);
  return lines.join("\n") + "\n";
}

function placeText({ place, by, declared }: ExplainedPartition["relations"][number]): string {
  if (place === "everywhere") return "at each node";
  if (place === "arrival") return "where it is inserted, and a copy at each node";
  const owners = by.map((key) => `the owner of (${key.join(", ")})`).join(" and at ");
  return `at ${owners}, ${declared ? "as declared" : "as rules join it"}`;
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
