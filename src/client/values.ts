// Values as a client has them, and as JSON carries them.

/** A value: a number where it is exact, otherwise a bigint; a string for a symbol; a record as the
 * array of its fields, null for nil; a branch as an object with one member. Within records, sets
 * and maps values are as JSON carries them. */
export type ClientValue =
  | null
  | number
  | bigint
  | string
  | readonly ClientValue[]
  | { readonly [branch: string]: ClientValue };

/** The values of a tuple, in order. */
export type ClientTuple = readonly ClientValue[];

/** A column of an answer. */
export type Column = {
  readonly name: string;
  /** The declared type. */
  readonly type: string;
  /** How its values are represented. */
  readonly kind: "number" | "unsigned" | "float" | "symbol" | "record";
};

/** Returns a tuple as a client has it. */
export function decoded(tuple: ClientTuple, columns: readonly Column[]): ClientTuple {
  return tuple.map((value, at) => {
    if (typeof value !== "string") return value;
    switch (columns[at]?.kind) {
      case "number":
      case "unsigned":
        return BigInt(value);
      case "float":
        return value === "nan" ? NaN : value === "inf" ? Infinity : -Infinity;
      case "symbol":
      case "record":
      case undefined:
        return value;
    }
  });
}

/** Returns values as the JSON text that a node takes. */
export function encoded(values: object): string {
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  });
}
