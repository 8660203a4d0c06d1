// Values as bytes that say themselves of which kind they are: for what is read by those who do not
// know the program, such as records of the ordered log. Equal bytes are equal values.
import type { Value } from "../value/schema.ts";
import { type ByteSink, type ByteSource, WireError } from "./bytes.ts";

/** The limits of values that are read. */
export type ValueLimits = {
  readonly symbolBytesMax: number;
  /** How deep records are in records. */
  readonly depthMax: number;
};

/** The limits of values unless others are given. */
export const valueLimits: ValueLimits = { symbolBytesMax: 8 << 20, depthMax: 64 };

type Kind =
  "nil" | "integer" | "negative" | "float" | "symbol" | "record" | "branch" | "set" | "map";

/** A kind's byte is its place here. */
const kinds: readonly Kind[] = [
  ...(["nil", "integer", "negative", "float", "symbol"] as const),
  ...(["record", "branch", "set", "map"] as const),
];

const [integerAt, negativeAt] = [kinds.indexOf("integer"), kinds.indexOf("negative")];

/** Writes a value, with its kind. */
export function writeValue(value: Value, sink: ByteSink): void {
  if (typeof value === "bigint" && value >= 0n) {
    sink.byte(integerAt);
    sink.unsigned(value);
    return;
  }
  const kind = kindOf(value);
  sink.byte(kinds.indexOf(kind));
  if (value === null) return;
  if (typeof value === "bigint") sink.unsigned(value < 0n ? -1n - value : value);
  else if (typeof value === "number") sink.float(value);
  else if (typeof value === "string") sink.text(value);
  else if ("branch" in value) {
    sink.text(value.branch);
    writeValues(value.fields, sink);
  } else if ("elements" in value) writeValues(value.elements, sink);
  else if ("pairs" in value) writeValues(value.pairs.flat(), sink);
  else writeValues(value, sink);
}

/** Writes values, with their number. */
export function writeValues(values: readonly Value[], sink: ByteSink): void {
  sink.count(values.length);
  for (const value of values) writeValue(value, sink);
}

/** Writes a value that may be a whole number as a double, as an integer then. */
export function writePart(part: Value, sink: ByteSink): void {
  if (typeof part !== "number" || !Number.isSafeInteger(part) || Object.is(part, -0)) {
    writeValue(part, sink);
    return;
  }
  sink.byte(part < 0 ? negativeAt : integerAt);
  sink.count(part < 0 ? -1 - part : part);
}

/** Reads what `writePart` wrote. What is no value is a `WireError`. */
export function readPart(source: ByteSource, limits: ValueLimits = valueLimits): Value {
  const small = source.smallAfter(integerAt);
  if (small !== undefined) return small;
  const value = valueAt(source, limits, 0);
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function kindOf(value: Value): Kind {
  if (value === null) return "nil";
  if (typeof value === "bigint") return value < 0n ? "negative" : "integer";
  if (typeof value === "number") return "float";
  if (typeof value === "string") return "symbol";
  if ("branch" in value) return "branch";
  if ("elements" in value) return "set";
  return "pairs" in value ? "map" : "record";
}

/** Reads what `writeValues` wrote. What is no value is a `WireError`. */
export function readValues(source: ByteSource, limits: ValueLimits = valueLimits): Value[] {
  return valuesAt(source, limits, 0);
}

function valuesAt(source: ByteSource, limits: ValueLimits, depth: number): Value[] {
  // Each value has at least one byte: a damaged number asks for no more than that.
  const count = source.count(source.left, "values");
  const values: Value[] = [];
  for (let at = 0; at < count; at++) values.push(valueAt(source, limits, depth));
  return values;
}

function valueAt(source: ByteSource, limits: ValueLimits, depth: number): Value {
  const kind = kinds[source.byte()];
  if (depth > limits.depthMax)
    throw new WireError("too-large", `values in values: at most ${limits.depthMax}`);
  if (kind === undefined) throw new WireError("malformed", "a value of no known kind");
  switch (kind) {
    case "nil":
      return null;
    case "integer":
      return source.unsigned();
    case "negative":
      return -1n - source.unsigned();
    case "float":
      return source.float();
    case "symbol":
      return source.text(limits.symbolBytesMax, "a symbol");
    case "record":
      return valuesAt(source, limits, depth + 1);
    case "branch": {
      const branch = source.text(limits.symbolBytesMax, "a branch");
      return { branch, fields: valuesAt(source, limits, depth + 1) };
    }
    case "set":
      return { elements: valuesAt(source, limits, depth + 1) };
    case "map": {
      const flat = valuesAt(source, limits, depth + 1);
      if (flat.length % 2 > 0) throw new WireError("malformed", "a map has a key without a value");
      const pairs = Array.from({ length: flat.length / 2 }, (_, at): [Value, Value] => [
        flat[2 * at] ?? null,
        flat[2 * at + 1] ?? null,
      ]);
      return { pairs };
    }
  }
}
