import { structured, type RecordValue, type Value, type ValueKind } from "../value/schema.ts";
import type { Attribute } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";

/** Returns the values that are a step plainer than `value`, the plainest first. Who goes on with
 * one of them comes to an end. */
export function smallerValues(kind: ValueKind, value: Value, structures: Structures): Value[] {
  if (typeof value === "bigint") return smallerIntegers(value);
  if (typeof value === "number") return smallerFloats(value);
  if (typeof value === "string") return smallerTexts(value);
  if (value === null || !structured(kind)) return [];
  const structure = structures.get(kind);
  if (structure?.kind === "record" && Array.isArray(value)) {
    const fields = value as RecordValue;
    return [...parts(kind, structure.fields, fields), ...changed(structure.fields, fields)];
  }
  if (structure?.kind !== "adt" || !("branch" in value)) return [];
  const { branch: name, fields } = value;
  const place = structure.branches.findIndex((branch) => branch.name === name);
  const own = structure.branches[place]?.fields ?? [];
  // A branch without fields is plainer than one with some.
  const plain = structure.branches
    .filter((branch, at) => branch.fields.length === 0 && (own.length > 0 || at < place))
    .map((branch) => ({ branch: branch.name, fields: [] }));
  return [
    ...plain,
    ...parts(kind, own, fields),
    ...changed(own, fields).map((smaller) => ({ branch: name, fields: smaller })),
  ];

  function changed(attributes: readonly Attribute[], values: RecordValue): RecordValue[] {
    return attributes.flatMap((attribute, at) =>
      smallerValues(attribute.kind, values[at] ?? null, structures).map((smaller) =>
        values.with(at, smaller),
      ),
    );
  }
}

/** The fields that are values of the kind themselves. */
function parts(
  kind: ValueKind,
  attributes: readonly Attribute[],
  values: RecordValue,
): readonly Value[] {
  return values.filter((part, at) => attributes[at]?.kind === kind && part !== null);
}

function smallerIntegers(value: bigint): bigint[] {
  const all = value < 0n ? [0n, 1n, -value] : [0n, 1n];
  for (let distance = value / 2n; distance !== 0n; distance /= 2n) all.push(value - distance);
  all.push(value > 0n ? value - 1n : value + 1n);
  // The negative of the least number of the domain is not one.
  const bound = value < 0n ? -value - 1n : value;
  return [...new Set(all)].filter((of) => of !== value && of <= bound && -of <= bound + 1n);
}

function smallerFloats(value: number): number[] {
  if (value === 0) return [];
  if (!Number.isFinite(value)) return value === -Infinity ? [0, 1, -1, Infinity] : [0, 1, -1];
  // There is no -0.
  const whole = Math.trunc(value) + 0;
  if (whole !== value) return [0, 1, whole];
  const halves = [Math.trunc(value / 2) + 0, value - Math.sign(value)];
  const all = value < 0 ? [0, 1, -value, ...halves] : [0, 1, ...halves];
  return [...new Set(all)].filter((of) => of !== value && Math.abs(of) <= Math.abs(value));
}

function smallerTexts(value: string): string[] {
  const letters = Array.from(value);
  if (letters.length === 0) return [];
  const shorter = letters.map((_, at) => letters.toSpliced(at, 1).join(""));
  const plainer = letters.flatMap((letter, at) =>
    letter === "a" ? [] : [letters.with(at, "a").join("")],
  );
  return [...new Set(["", ...shorter, ...plainer])];
}
