// The types that generated programs use: one of each way to declare a type.
import type { Random } from "../../src/base/random.ts";
import type { Domain, PrimitiveKind } from "../../src/value/schema.ts";

/** The type of a column or a variable of a generated program. */
export type GeneratedType = PrimitiveKind | SubtypeName | StructureName;

/** Subsets of `number`. */
export type SubtypeName = "Small" | "Either";

/** Records and algebraic data types. */
export type StructureName = "Pair" | "Chain" | "Shape" | "Hue";

/** A field of a record or of a branch. */
export type Field = { readonly name: string; readonly type: GeneratedType };

/** A way to make a value of a structure: a record, or a branch, which has a name. */
export type Making = { readonly branch?: string; readonly fields: readonly Field[] };

/** How values of each structure are made; the first way ends a value. `nil` is one of no fields. */
export const makings: Readonly<Record<StructureName, readonly [Making, ...Making[]]>> = {
  Pair: [{ fields: fields("a: number, b: symbol") }],
  Chain: [{ fields: fields("head: number, tail: Chain") }],
  Shape: [
    { branch: "Dot", fields: [] },
    { branch: "Box", fields: fields("w: unsigned, p: Pair") },
    { branch: "Over", fields: fields("s: Shape, f: float") },
  ],
  Hue: [
    { branch: "Red", fields: [] },
    { branch: "Green", fields: [] },
    { branch: "Blue", fields: [] },
  ],
};

/** Whether a type is a record, or of branches. */
export function isStructure(type: GeneratedType): type is StructureName {
  return type in makings;
}

/** Whether values of a type are numbers, under whatever name. */
export function isSubtype(type: GeneratedType): type is SubtypeName {
  return type === "Small" || type === "Either";
}

/** The declarations of the types that a text mentions, and of those that these are made of. */
export function typeDeclarations(text: string): string[] {
  const declarations = new Map([
    ["Small", ".type Small <: number"],
    ["Large", ".type Large <: number"],
    ["Either", ".type Either = Small | Large"],
  ]);
  for (const [name, ways] of Object.entries(makings)) {
    const all = ways.map(({ branch, fields }) => {
      const list = fields.map((field) => `${field.name}: ${field.type}`).join(", ");
      return branch === undefined ? `[${list}]` : `${branch} {${list}}`;
    });
    declarations.set(name, `.type ${name} = ${all.join(" | ")}`);
  }
  const wanted = new Set<string>();
  const want = (mentioning: string): void => {
    for (const [name, declaration] of declarations) {
      if (wanted.has(name)) continue;
      const branches = [...declaration.matchAll(/(\w+) \{/g)].map((found) => found[1] as string);
      const words = [`\\b${name}\\b`, ...branches.map((branch) => `\\$${branch}\\(`)];
      if (!new RegExp(words.join("|")).test(mentioning)) continue;
      wanted.add(name);
      want(declaration);
    }
  };
  want(text);
  return [...declarations].flatMap(([name, text]) => (wanted.has(name) ? [text] : []));
}

/** A literal of this type: mostly one of few, so that joins find something; at times one of those at
 * which representations change. */
export function constant(type: GeneratedType, chance: Random, domain: Domain): string {
  switch (type) {
    case "number":
      if (chance.chance(0.08)) return String(edge(chance, domain));
      return String(chance.between(-1, chance.chance(0.2) ? 12 : 4));
    case "unsigned":
      if (chance.chance(0.08)) return `${BigInt.asUintN(domain, edge(chance, domain))}u`;
      return `${chance.between(0, 4)}u`;
    case "float":
      return chance.pick(["0.0", "0.5", "1.0", "-1.5", "2.25", "0.1", "3.0", "1000000.0"]);
    case "symbol":
      return chance.pick(symbols);
    case "Small":
    case "Either":
      return String(chance.between(-1, 4));
    case "Pair":
    case "Chain":
    case "Shape":
    case "Hue":
      if ((type === "Pair" || type === "Chain") && chance.chance(0.25)) return "nil";
      return made(chance.pick(makings[type]), ({ type: of }) => constant(of, chance, domain));
  }
}

/** The text of a value that is made in a way, of the texts of its fields. */
export function made({ branch, fields }: Making, text: (field: Field) => string): string {
  const list = fields.map(text).join(", ");
  return branch === undefined ? `[${list}]` : `$${branch}(${list})`;
}

const symbols = ['""', '"a"', '"b"', '"ab"', '"ba"', '"aab"', '"é"', '"7"', '"\u{10000}"'];

function edge(chance: Random, domain: Domain): bigint {
  const most = 2n ** BigInt(domain - 1) - 1n;
  const inlineMax = 2n ** 30n - 1n;
  const edges = [most, -most - 1n, inlineMax, inlineMax + 1n, -inlineMax - 1n, -inlineMax - 2n];
  const wide = [2n ** 31n, 2n ** 32n - 1n, 2n ** 53n + 1n, -(2n ** 31n) - 1n];
  return chance.pick(domain === 64 ? [...edges, ...wide] : edges);
}

function fields(text: string): Field[] {
  return text.split(", ").map((field) => {
    const [name, type] = field.split(": ") as [string, GeneratedType];
    return { name, type };
  });
}
