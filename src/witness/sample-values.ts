// From a program to values of a kind at which laws break, if they break.
import type { Program, Term } from "../analysis/program.ts";
import type { Random } from "../base/random.ts";
import { printValue } from "../value/print-value.ts";
import { structured, type Domain, type PrimitiveKind } from "../value/schema.ts";
import type { BranchValue, StructureKind, Value, ValueKind } from "../value/schema.ts";
import type { Branch, Structures } from "../value/structure.ts";
import { visitTerms } from "./cone.ts";

/** So many constants of one kind are tried. */
const constantsMax = 12;
/** How deep records that hold records are made, beside those of the program. */
const roundsMax = 3;
/** So many values of a branch are made in one round. */
const perRound = 6;
/** What random symbols are made of. */
const letters = ["a", "b", "0", "_", " ", "é"];

/** A source of values. They are what evaluation can come to: there is no -0, which is 0, but there
 * is NaN, as `inf - inf` is. Values of types without any do not exist. */
export class SampleValues {
  private readonly domain: Domain;
  private readonly structures: Structures;
  private readonly random: Random;
  private readonly first = new Map<ValueKind, Value[]>();

  constructor(program: Program, random: Random) {
    this.domain = program.domain;
    this.structures = program.structures;
    this.random = random;
    const constants = constantsOf(program);
    for (const kind of ["number", "unsigned", "float", "symbol"] as const) {
      const [plain, extreme] = landmarks(kind, program.domain);
      this.first.set(kind, distinct([...plain, ...(constants.get(kind) ?? []), ...extreme]));
    }
    for (const kind of this.structures.keys()) this.first.set(kind, constants.get(kind) ?? []);
    for (let round = 0; round < roundsMax; round++)
      for (const kind of this.structures.keys())
        this.first.set(kind, distinct([...this.marked(kind), ...this.round(kind)]));
  }

  /** The values to try first, the plainest before others. */
  marked(kind: ValueKind): readonly Value[] {
    return this.first.get(kind) ?? [];
  }

  /** Any value of a kind that has values. */
  next(kind: ValueKind): Value {
    const { random } = this;
    const marked = this.marked(kind);
    if (random.chance(0.4)) return random.pick(marked);
    if (!structured(kind)) return this.primitive(kind);
    const branches = this.branches(kind);
    return branches.length === 0 ? random.pick(marked) : this.made(random.pick(branches));
  }

  /** A value that is `value` but for little. */
  near(kind: ValueKind, value: Value): Value {
    const { random, domain } = this;
    if (typeof value === "bigint") {
      const moved = value + (random.chance(0.5) ? 1n : -1n);
      return kind === "unsigned" ? BigInt.asUintN(domain, moved) : BigInt.asIntN(domain, moved);
    }
    if (typeof value === "number") return value + random.pick([-1, -0.5, 0.5, 1]);
    if (typeof value === "string") return `${value}${random.pick(["a", "b", "0"])}`;
    if (!structured(kind) || value === null) return this.next(kind);
    const name = "branch" in value ? value.branch : undefined;
    const branch = this.branches(kind).find((of) => of.name === name);
    const fields = "branch" in value ? value.fields : value;
    if (branch === undefined || !Array.isArray(fields) || fields.length === 0)
      return this.next(kind);
    const at = random.below(fields.length);
    const changed = (fields as readonly Value[]).map((field, place) =>
      place === at ? this.next(branch.fields[at]?.kind ?? "number") : field,
    );
    return branched(branch, changed);
  }

  /** More values of a structure, made of those that there are. */
  private round(kind: StructureKind): Value[] {
    const structure = this.structures.get(kind);
    const nil = structure?.kind === "record" ? [null] : [];
    const made = this.branches(kind).flatMap((branch) => [
      branched(
        branch,
        branch.fields.map((field) => this.marked(field.kind)[0] ?? null),
      ),
      ...Array.from({ length: perRound }, () => this.made(branch)),
    ]);
    return [...made, ...nil];
  }

  /** The ways to make a value of a structure for whose fields there are values. Sets and maps have
   * laws of their own, and functors of the program do not take them. */
  private branches(kind: StructureKind): MadeOf[] {
    const structure = this.structures.get(kind);
    const all: readonly MadeOf[] =
      structure?.kind === "record"
        ? [{ fields: structure.fields }]
        : structure?.kind === "adt"
          ? structure.branches
          : [];
    return all.filter(({ fields }) => fields.every((of) => this.marked(of.kind).length > 0));
  }

  private made(branch: MadeOf): Value {
    const { random } = this;
    const fields = branch.fields.map(({ kind }) =>
      structured(kind) ? random.pick(this.marked(kind)) : this.next(kind),
    );
    return branched(branch, fields);
  }

  private primitive(kind: PrimitiveKind): Value {
    const { random, domain } = this;
    const small = random.chance(0.6);
    switch (kind) {
      case "number":
        if (small) return BigInt(random.between(-9, 9));
        return BigInt.asIntN(random.between(1, domain), this.bits());
      case "unsigned":
        return small
          ? BigInt(random.below(17))
          : BigInt.asUintN(random.between(1, domain), this.bits());
      case "float": {
        if (small) return random.between(-18, 18) / 2;
        const value = (random.next() - 0.5) * 2 ** random.between(-40, 90);
        return domain === 32 ? Math.fround(value) : value;
      }
      case "symbol":
        return Array.from({ length: random.below(5) }, () => random.pick(letters)).join("");
    }
  }

  private bits(): bigint {
    const half = (): bigint => BigInt(this.random.below(2 ** 32));
    return (half() << 32n) | half();
  }
}

/** What a value of a structure is made of; the fields of a record have no name in front. */
type MadeOf = Pick<Branch, "fields"> & { readonly name?: string };

function branched({ name }: MadeOf, fields: readonly Value[]): Value {
  return name === undefined ? fields : { branch: name, fields };
}

/** The values of a kind at which things change: the plain ones, and those at its ends. */
function landmarks(kind: PrimitiveKind, domain: Domain): readonly [Value[], Value[]] {
  const bits = BigInt(domain);
  switch (kind) {
    case "number":
      return [
        [0n, 1n, -1n, 2n],
        [2n ** (bits - 1n) - 1n, -(2n ** (bits - 1n))],
      ];
    case "unsigned":
      return [[0n, 1n, 2n], [2n ** bits - 1n]];
    case "float":
      return [
        [0, 1, -1, 0.5],
        [Infinity, -Infinity, NaN, domain === 32 ? 2 ** 127 : Number.MAX_VALUE],
      ];
    case "symbol":
      return [["", "a", "b"], []];
  }
}

/** The constants that a text has, those in others included, by kind. */
function constantsOf(program: Program): Map<ValueKind, Value[]> {
  const found = new Map<ValueKind, Map<string, Value>>();
  const mention = (kind: ValueKind, value: Value): void => {
    const of = found.get(kind) ?? new Map<string, Value>();
    if (of.size < constantsMax) found.set(kind, of.set(printValue(value), value));
    if (!structured(kind) || value === null || typeof value !== "object") return;
    const structure = program.structures.get(kind);
    const inner = (fields: Branch["fields"], values: readonly Value[]): void => {
      for (const [at, field] of fields.entries()) mention(field.kind, values[at] ?? null);
    };
    if (structure?.kind === "record" && Array.isArray(value)) inner(structure.fields, value);
    if (structure?.kind !== "adt" || !("branch" in value)) return;
    const { branch: name, fields } = value satisfies BranchValue;
    inner(structure.branches.find((of) => of.name === name)?.fields ?? [], fields);
  };
  const look = (term: Term): void => {
    if (term.kind === "constant") mention(term.of, term.value);
  };
  for (const { bottom, top } of program.lattices)
    for (const term of [bottom, top]) if (term !== undefined) look(term);
  for (const rule of program.rules) visitTerms(rule, look);
  for (const { relation, values } of program.facts)
    for (const [at, { kind }] of (program.relations[relation]?.attributes ?? []).entries()) {
      const value = values[at];
      if (value !== undefined) mention(kind, value);
    }
  return new Map([...found].map(([kind, values]) => [kind, [...values.values()]]));
}

function distinct(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [printValue(value), value])).values()];
}
