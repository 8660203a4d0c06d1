// Functors that a program declares and whoever runs it implements: values go out of the words of a
// database and come back into them here.
import { assert } from "../base/assert.ts";
import { EvaluationFault } from "./fault.ts";
import { type BranchValue, type PrimitiveKind, type RecordValue } from "./schema.ts";
import { structured, type Value, type ValueKind } from "./schema.ts";
import { isBranch } from "./structures.ts";
import type { Values } from "./values.ts";
import type { Word } from "./word.ts";

/** What a program declares of a functor. A stateful one may give another result each time, so it
 * matters how often it is called; of any other that is nobody's business. */
export type UserFunctor = {
  readonly name: string;
  readonly parameters: readonly ValueKind[];
  readonly result: ValueKind;
  readonly stateful: boolean;
};

/** What a functor computes: `bigint` for number and unsigned, `number` for float, `string` for
 * symbol, and structures as `Value` says. The result is checked. */
export type Implementation = (...values: never[]) => unknown;

/** Implementations by the names of their functors. */
export type Implementations = Readonly<Record<string, Implementation>>;

/** Returns an implementation as a function on words. What it throws, and a result that is no value
 * of the declared type, is an `EvaluationFault`. */
export function onWords(
  { name, parameters, result }: UserFunctor,
  implementation: Implementation,
  values: Values,
): (...words: readonly Word[]) => Word {
  return (...words) => {
    const operands = parameters.map((kind, at) => values.decode(kind, words[at]!));
    const found = called(name, implementation, operands);
    if (!fits(values, result, found)) {
      const message = `functor @${name} is to give ${wanted(result)}, but gave ${shown(found)}`;
      throw new EvaluationFault("functor-result", message);
    }
    return values.encode(result, found);
  };
}

function called(name: string, implementation: Implementation, operands: readonly Value[]): unknown {
  try {
    return implementation(...(operands as never[]));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EvaluationFault("functor-failed", `functor @${name} failed: ${reason}`);
  }
}

/** Whether something is a value of a kind. Integers have to lie in the domain. */
function fits(values: Values, kind: ValueKind, found: unknown): found is Value {
  // Without recursion, as structures nest as deep as memory allows.
  const open: { readonly kind: ValueKind; readonly found: unknown }[] = [{ kind, found }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!structured(next.kind)) {
      if (!isPrimitive(values, next.kind, next.found)) return false;
      continue;
    }
    const structure = values.structures.structure(next.kind);
    assert(structure.kind === "record" || structure.kind === "adt", "functors take no sets");
    if (structure.kind === "record" && next.found === null) continue;
    if (typeof next.found !== "object" || next.found === null) return false;
    const value = next.found as RecordValue | BranchValue;
    const branched = isBranch(value) ? value : undefined;
    const fields = branched === undefined ? (value as readonly Value[]) : branched.fields;
    const shape =
      structure.kind === "record"
        ? branched === undefined && structure
        : structure.branches.find(({ name }) => name === branched?.branch);
    if (!shape || !Array.isArray(fields) || fields.length !== shape.fields.length) return false;
    for (const [at, { kind: of }] of shape.fields.entries())
      open.push({ kind: of, found: fields[at] });
  }
  return true;
}

function isPrimitive({ domain }: Values, kind: PrimitiveKind, found: unknown): boolean {
  switch (kind) {
    case "number":
      return typeof found === "bigint" && BigInt.asIntN(domain, found) === found;
    case "unsigned":
      return typeof found === "bigint" && BigInt.asUintN(domain, found) === found;
    case "float":
      return typeof found === "number";
    case "symbol":
      return typeof found === "string";
  }
}

function wanted(kind: ValueKind): string {
  if (structured(kind)) return `a value of type ${kind.slice("record ".length)}`;
  switch (kind) {
    case "number":
      return "a number (a bigint of the domain)";
    case "unsigned":
      return "an unsigned (a bigint of the domain, from 0)";
    case "float":
      return "a float (a number)";
    case "symbol":
      return "a symbol (a string)";
  }
}

/** Returns what somebody gave, in a few words. */
export function shown(found: unknown): string {
  switch (typeof found) {
    case "bigint":
      return `the bigint ${found}`;
    case "number":
      return `the number ${found}`;
    case "string":
      return `the string ${JSON.stringify(found.length > 40 ? `${found.slice(0, 40)}…` : found)}`;
    case "undefined":
      return "nothing";
    case "object":
      if (found === null) return "null";
      return Array.isArray(found) ? "an array" : "an object";
    case "boolean":
      return String(found);
    case "symbol":
    case "function":
      return `a ${typeof found}`;
  }
}
