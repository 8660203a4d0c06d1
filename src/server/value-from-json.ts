import type { FactSchema } from "../runtime/fact-bytes.ts";
import { structured, type Attribute, type StructureKind } from "../value/schema.ts";
import type { Value, ValueKind } from "../value/schema.ts";

/** How deep records are in records. */
const depthMax = 64;

/** Returns the value of a kind that JSON says, in the forms of `jsonValue`; undefined where it says
 * none. A number that JSON has only roughly is none: integers beyond 2^53 are strings. */
export function valueFromJson(
  kind: ValueKind,
  json: unknown,
  schema: Pick<FactSchema, "domain" | "structures">,
  above = 0,
): Value | undefined {
  const wide = schema.domain === 64;
  if (structured(kind))
    return above === depthMax ? undefined : structureFrom(kind, json, schema, above + 1);
  switch (kind) {
    case "number":
      return integerFrom(json, wide ? -(1n << 63n) : -(1n << 31n), wide ? 1n << 63n : 1n << 31n);
    case "unsigned":
      return integerFrom(json, 0n, wide ? 1n << 64n : 1n << 32n);
    case "float":
      return typeof json === "number" ? json : floats.get(json);
    case "symbol":
      return typeof json === "string" ? json : undefined;
  }
}

/** The floats that JSON has no numbers for. */
const floats: ReadonlyMap<unknown, number> = new Map([
  ["inf", Infinity],
  ["-inf", -Infinity],
  ["nan", NaN],
  ["-0", -0],
]);

function integerFrom(json: unknown, least: bigint, end: bigint): bigint | undefined {
  const whole =
    typeof json === "number"
      ? Number.isSafeInteger(json)
      : typeof json === "string" && /^(0|-?[1-9]\d{0,19})$/.test(json);
  if (!whole) return undefined;
  const value = BigInt(json as number | string);
  return value >= least && value < end ? value : undefined;
}

function structureFrom(
  kind: StructureKind,
  json: unknown,
  schema: Pick<FactSchema, "domain" | "structures">,
  depth: number,
): Value | undefined {
  const all = (fields: readonly Attribute[], from: unknown): Value[] | undefined => {
    if (!Array.isArray(from) || from.length !== fields.length) return undefined;
    return defined(fields.map((field, at) => valueFromJson(field.kind, from[at], schema, depth)));
  };
  const structure = schema.structures.get(kind);
  switch (structure?.kind) {
    case undefined:
      return undefined;
    case "record":
      return json === null ? null : all(structure.fields, json);
    case "adt": {
      const entries = Object.entries(typeof json === "object" && json !== null ? json : {});
      const [name, from] = entries[0] ?? [];
      const branch = structure.branches.find((one) => one.name === name);
      if (entries.length !== 1 || branch === undefined) return undefined;
      const fields = all(branch.fields, from);
      return fields && { branch: branch.name, fields };
    }
    case "set": {
      if (!Array.isArray(json)) return undefined;
      const { kind: of } = structure.element;
      const elements = defined(json.map((one) => valueFromJson(of, one, schema, depth)));
      return elements && { elements };
    }
    case "map": {
      if (!Array.isArray(json)) return undefined;
      const entries = json.map((pair) => all([structure.key, structure.value], pair));
      const pairs = defined(entries);
      return pairs && { pairs: pairs.map(([key = null, value = null]) => [key, value]) };
    }
  }
}

function defined<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as T[]);
}
