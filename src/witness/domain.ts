// Which values facts are made of: a few that the program does not mention, which are as good as any
// others, and those that it mentions, with their neighbours.
import type { Literal, Term } from "../analysis/program.ts";
import { printValue } from "../value/print-value.ts";
import type { Attribute, RecordValue, Value, ValueKind } from "../value/schema.ts";
import { structured } from "../value/schema.ts";
import type { Branch, Structure } from "../value/structure.ts";
import { visitLiterals, visitTerms, type Cone } from "./cone.ts";

/** The values of each kind. Those that are `alike` can change places: the program does not tell one
 * from another, as it does not mention them and only asks whether values are equal. */
export type ValuesOf = (kind: ValueKind) => {
  readonly mentioned: readonly Value[];
  readonly fresh: readonly Value[];
  readonly alike: boolean;
};

/** So many constants of one kind are tried. */
const mentionedMax = 12;
/** An aggregate is compared with numbers up to this one by having as many tuples. */
const countedMax = 8;
const recordsMax = 8;
const depthMax = 2;

/** Returns the values to try for a relation, `fresh` of each kind that are not mentioned. */
export function domainOf(cone: Cone, fresh: number): ValuesOf {
  const mentions = mentionsOf(cone);
  const { program } = cone;
  const known = new Map<ValueKind, ReturnType<ValuesOf>>();

  const primitive = (kind: ValueKind): ReturnType<ValuesOf> => {
    const mentioned = mentions.constants(kind).slice(0, mentionedMax);
    const alike = !mentions.told.has(kind);
    const taken = new Set(mentioned.map(printValue));
    const around = alike ? [] : neighbours(kind, mentioned);
    for (const value of around) {
      if (taken.has(printValue(value))) continue;
      taken.add(printValue(value));
      mentioned.push(value);
    }
    const others: Value[] = [];
    for (let at = 1; others.length < fresh; at++) {
      const value = ordinary(kind, at);
      if (!taken.has(printValue(value))) others.push(value);
    }
    return { mentioned, fresh: others, alike };
  };
  const records = (kind: ValueKind, depth: number): Value[] => {
    if (!structured(kind)) {
      const { mentioned, fresh: others } = valuesOf(kind);
      return [...others.slice(0, 2), ...mentioned.slice(0, 2)];
    }
    const structure = program.structures.get(kind);
    if (structure === undefined || depth > depthMax) return [];
    const made = ({ fields }: Pick<Branch, "fields">): RecordValue[] =>
      combinations(fields.map((field) => records(field.kind, depth + 1))).slice(0, recordsMax);
    if (structure.kind === "record") return [null, ...made(structure)];
    if (structure.kind === "set") {
      const elements = records(structure.element.kind, depth + 1);
      return [{ elements: [] }, ...elements.map((element) => ({ elements: [element] }))];
    }
    if (structure.kind === "map") {
      const pairs = made({ fields: [structure.key, structure.value] });
      return [
        { pairs: [] },
        ...pairs.map(([key = null, value = null]) => ({ pairs: [[key, value] as const] })),
      ];
    }
    return structure.branches.flatMap((branch) =>
      made(branch).map((fields) => ({ branch: branch.name, fields })),
    );
  };
  const structures = (kind: ValueKind): ReturnType<ValuesOf> => {
    const all = [...mentions.constants(kind).slice(0, mentionedMax), ...records(kind, 0)];
    const mentioned = new Map(all.map((value) => [printValue(value), value]));
    return { mentioned: [...mentioned.values()], fresh: [], alike: false };
  };
  const valuesOf: ValuesOf = (kind) => {
    let values = known.get(kind);
    if (values === undefined) {
      values = structured(kind) ? structures(kind) : primitive(kind);
      known.set(kind, values);
    }
    return values;
  };
  return valuesOf;
}

/** How many values of a kind it takes to have more tuples than the program counts up to. */
export function counted(cone: Cone): number {
  const numbers = [0];
  const aggregates: Literal[] = [];
  for (const rule of cone.rules) {
    visitLiterals(rule.body, (literal) => {
      if (literal.kind === "aggregate") aggregates.push(literal);
    });
    visitTerms(rule, (term) => {
      if (term.kind !== "constant" || typeof term.value !== "bigint") return;
      if (term.value <= countedMax) numbers.push(Number(term.value));
    });
  }
  return aggregates.length === 0 ? 0 : Math.max(...numbers) + 1;
}

/** All ways to take one item of each list, the last list varying fastest. */
export function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (some, list) => some.flatMap((chosen) => list.map((item) => [...chosen, item])),
    [[]],
  );
}

type Mentions = {
  readonly constants: (kind: ValueKind) => Value[];
  /** The kinds of which more is asked than whether two values are equal. */
  readonly told: ReadonlySet<ValueKind>;
};

function mentionsOf({ program, relations, rules }: Cone): Mentions {
  const constants = new Map<ValueKind, Map<string, Value>>();
  const told = new Set<ValueKind>();
  const mention = (kind: ValueKind, value: Value): void => {
    const of = constants.get(kind) ?? new Map<string, Value>();
    constants.set(kind, of.set(printValue(value), value));
  };
  const tell = (...kinds: readonly ValueKind[]): void => {
    for (const kind of kinds) told.add(kind);
  };
  const look = (term: Term): void => {
    if (term.kind === "constant") mention(term.of, term.value);
    if (term.kind === "functor") {
      if (term.name === "user") tell(...term.user.parameters, term.user.result);
      else tell(term.of, "number", "unsigned", "float", "symbol");
    }
    // The order of tuples is theirs who are put in.
    if (term.kind === "counter") tell("number", "unsigned", "float", "symbol");
  };
  for (const rule of rules) {
    visitTerms(rule, look);
    visitLiterals(rule.body, (literal) => {
      if (literal.kind === "comparison" && !["=", "!="].includes(literal.operator))
        tell(literal.of);
      if (literal.kind === "test") tell("symbol");
      if (literal.kind === "range") tell(literal.of);
      // A count is a value that others are compared with.
      if (literal.kind === "aggregate") tell(literal.of, "number");
    });
  }
  for (const at of relations) {
    const { attributes = [], lattices = [], choices, limit } = program.relations[at] ?? {};
    for (const { kind } of attributes.slice(attributes.length - lattices.length)) tell(kind);
    if (choices !== undefined || limit !== undefined) tell(...attributes.map(({ kind }) => kind));
  }
  for (const structure of program.structures.values()) {
    for (const { kind } of fieldsOf(structure)) tell(kind);
  }
  for (const { relation, values } of program.facts)
    for (const [at, { kind }] of (program.relations[relation]?.attributes ?? []).entries())
      if (values[at] !== undefined) mention(kind, values[at]);
  return { constants: (kind) => [...(constants.get(kind)?.values() ?? [])], told };
}

function fieldsOf(structure: Structure): readonly Attribute[] {
  switch (structure.kind) {
    case "record":
      return structure.fields;
    case "adt":
      return structure.branches.flatMap(({ fields }) => fields);
    case "set":
      return [structure.element];
    case "map":
      return [structure.key, structure.value];
  }
}

/** The values next to those that are mentioned, where less and more mean something; and what turns
 * sums and products around. */
function neighbours(kind: ValueKind, values: readonly Value[]): Value[] {
  const around = values.flatMap((value): Value[] => {
    if (typeof value === "bigint") return [value + 1n, value - 1n];
    return typeof value === "number" ? [value + 1, value - 1] : [];
  });
  if (kind === "number") return [...around, 0n, -1n];
  if (kind === "symbol") return [""];
  if (kind === "float") return [...around, 0, -1];
  if (kind === "unsigned")
    return [...around, 0n].filter((value) => typeof value !== "bigint" || value >= 0n);
  return around;
}

function ordinary(kind: ValueKind, at: number): Value {
  if (kind === "float") return at;
  if (kind !== "symbol") return BigInt(at);
  return at <= 26 ? String.fromCharCode("a".charCodeAt(0) + at - 1) : `s${at}`;
}
