// Goals: `path(1, X)` asks for all X with such a tuple.
import { literalValue } from "../analysis/constants.ts";
import { suggest } from "../base/suggest.ts";
import { parse } from "../syntax/parse.ts";
import type { AtomNode, TermNode } from "../syntax/tree.ts";
import type { FactSchema } from "../runtime/fact-bytes.ts";
import { printValue } from "../value/print-value.ts";
import { type Attribute, structured, type Value, type ValueKind } from "../value/schema.ts";

/** What is asked for: tuples of a relation that fit a pattern. */
export type Goal = {
  readonly relation: number;
  /** For each column what has to be there. */
  readonly pattern: readonly Pattern[];
  /** The columns of an answer, named as the variables, in the order in which these occur. */
  readonly columns: readonly Attribute[];
};

/** What a column of a tuple, or a field of a structure, has to be; a variable is named by its place
 * among the goal's. */
type Pattern =
  | { readonly kind: "any" }
  | { readonly kind: "variable"; readonly at: number }
  | { readonly kind: "value"; readonly value: Value }
  | {
      readonly kind: "fields";
      readonly branch: string | undefined;
      readonly fields: readonly Pattern[];
    };

/** Why a text is no goal. */
export type GoalError = {
  readonly kind: "malformed" | "unknown-relation" | "misfit";
  readonly messages: readonly string[];
};

/** Returns the goal that a text is. */
export function readGoal(text: string, schema: FactSchema): Goal | GoalError {
  const parsed = parse(`${text.trim().replace(/[?.]$/, "")}.`, { preprocess: false });
  const messages = parsed.diagnostics.map(({ message }) => message);
  if (messages.length > 0) return { kind: "malformed", messages };
  const atom = atomOf(parsed.tree.items);
  if (atom === undefined)
    return { kind: "malformed", messages: ["a goal is one atom, such as path(1, X)"] };
  const name = atom.relation.parts.map((part) => part.text).join(".");
  const relation = schema.relations.findIndex((one) => one.name === name);
  const attributes = schema.relations[relation]?.attributes;
  if (attributes === undefined) {
    const near = suggest(
      name,
      schema.relations.map((one) => one.name),
    );
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return { kind: "unknown-relation", messages: [`there is no relation "${name}"${hint}`] };
  }
  if (atom.terms.length !== attributes.length) {
    const [is, has] = [atom.terms.length, attributes.length];
    const message = `relation "${name}" has ${has} columns, and the goal ${is}`;
    return { kind: "misfit", messages: [message] };
  }
  const reader = new PatternReader(schema);
  const pattern = atom.terms.map((term, at) => reader.read(term, attributes[at]?.kind ?? "symbol"));
  if (reader.wrong.length > 0) return { kind: "misfit", messages: reader.wrong };
  return { relation, pattern, columns: reader.columns };
}

/** Returns the columns in which a goal has values, with these. */
export function given({ pattern }: Goal): {
  readonly columns: readonly number[];
  readonly values: readonly Value[];
} {
  const places = [...pattern.entries()].flatMap(([column, one]) =>
    one.kind === "value" ? [{ column, value: one.value }] : [],
  );
  return { columns: places.map(({ column }) => column), values: places.map(({ value }) => value) };
}

/** Returns what the variables of a goal are in the tuples that fit it, each answer once. A goal
 * without variables has the answer of no columns, or none. */
export function answers(
  { pattern, columns }: Goal,
  tuples: Iterable<readonly Value[]>,
): (readonly Value[])[] {
  const found = new Map<string, readonly Value[]>();
  for (const tuple of tuples) {
    const values = new Array<Value | undefined>(columns.length).fill(undefined);
    if (!pattern.every((one, at) => fits(one, tuple[at] ?? null, values))) continue;
    const answer = values.map((value) => value ?? null);
    found.set(answer.map(printValue).join(", "), answer);
  }
  return [...found.values()];
}

/** Returns the tuples that fit a goal in their first `columns` columns, whatever the others are. */
export function fitting(
  { pattern, columns: variables }: Goal,
  tuples: readonly (readonly Value[])[],
  columns: number,
): (readonly Value[])[] {
  const wanted = pattern.slice(0, columns);
  return tuples.filter((tuple) => {
    const values = new Array<Value | undefined>(variables.length).fill(undefined);
    return wanted.every((one, at) => fits(one, tuple[at] ?? null, values));
  });
}

function fits(pattern: Pattern, value: Value, bound: (Value | undefined)[]): boolean {
  switch (pattern.kind) {
    case "any":
      return true;
    case "variable": {
      const before = bound[pattern.at];
      if (before !== undefined) return equal(before, value);
      bound[pattern.at] = value;
      return true;
    }
    case "value":
      return equal(pattern.value, value);
    case "fields": {
      if (value === null || typeof value !== "object") return false;
      if ("elements" in value || "pairs" in value) return false;
      if ("branch" in value && value.branch !== pattern.branch) return false;
      const fields = "branch" in value ? value.fields : value;
      return pattern.fields.every((one, at) => fits(one, fields[at] ?? null, bound));
    }
  }
}

function equal(a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a !== "object") return a === b;
  return printValue(a) === printValue(b);
}

function atomOf(items: ReturnType<typeof parse>["tree"]["items"]): AtomNode | undefined {
  const [item] = items;
  if (items.length !== 1 || item?.kind !== "clause" || item.body !== undefined) return undefined;
  const [head] = item.heads;
  const plain = item.heads.length === 1 && head?.sign === undefined && !head?.location;
  return plain ? head?.atom : undefined;
}

/** Reads terms as patterns of their columns' kinds, and gathers what is wrong with them. */
class PatternReader {
  readonly wrong: string[] = [];
  readonly columns: Attribute[] = [];
  private readonly schema: FactSchema;

  constructor(schema: FactSchema) {
    this.schema = schema;
  }

  read(term: TermNode, kind: ValueKind): Pattern {
    switch (term.kind) {
      case "anonymous":
        return { kind: "any" };
      case "variable":
        return this.variable(term.name, kind);
      case "number": {
        const value = literalValue(term, kind, this.schema.domain);
        if (value === undefined) return this.refuse(`${term.text} is no ${said(kind)}`);
        return { kind: "value", value };
      }
      case "string":
        if (kind !== "symbol") return this.refuse(`${printValue(term.value)} is no ${said(kind)}`);
        return { kind: "value", value: term.value };
      case "nil":
        if (this.structure(kind)?.kind !== "record") return this.refuse(`nil is no ${said(kind)}`);
        return { kind: "value", value: null };
      case "record": {
        const structure = this.structure(kind);
        const fields = structure?.kind === "record" ? structure.fields : undefined;
        return this.fields(term.fields, fields, undefined, kind);
      }
      case "branch": {
        const structure = this.structure(kind);
        const name = term.name.parts.map((part) => part.text).join(".");
        const branches = structure?.kind === "adt" ? structure.branches : [];
        const branch = branches.find((one) => one.name === name);
        return this.fields(term.fields, branch?.fields, name, kind);
      }
      case "unary":
      case "binary":
      case "functor":
      case "user-functor":
      case "cast":
      case "aggregate":
      case "user-aggregate":
        return this.refuse("a goal has constants, variables and _ alone: nothing is computed");
    }
  }

  private variable(name: string, kind: ValueKind): Pattern {
    const at = this.columns.findIndex((column) => column.name === name);
    if (at < 0)
      return { kind: "variable", at: this.columns.push({ name, type: said(kind), kind }) - 1 };
    if (this.columns[at]?.kind !== kind)
      return this.refuse(`variable ${name} stands for values of different types`);
    return { kind: "variable", at };
  }

  private fields(
    terms: readonly TermNode[],
    fields: readonly Attribute[] | undefined,
    branch: string | undefined,
    kind: ValueKind,
  ): Pattern {
    if (fields?.length !== terms.length)
      return this.refuse(`${branch === undefined ? "a record" : `$${branch}`} is no ${said(kind)}`);
    const patterns = terms.map((term, at) => this.read(term, fields[at]?.kind ?? "symbol"));
    return { kind: "fields", branch, fields: patterns };
  }

  private structure(kind: ValueKind) {
    return structured(kind) ? this.schema.structures.get(kind) : undefined;
  }

  private refuse(message: string): Pattern {
    this.wrong.push(message);
    return { kind: "any" };
  }
}

function said(kind: ValueKind): string {
  return structured(kind) ? kind.slice("record ".length) : kind;
}
