// Values between a session's notation and what clients of nodes send and are sent.
import type { ClientTuple, ClientValue, Column } from "../client/values.ts";
import type { AtomNode, TermNode } from "../syntax/tree.ts";
import { quoted } from "../value/print-value.ts";
import { Refusal } from "./world.ts";

/** Returns a value as a program writes it. */
export function clientValue(value: ClientValue): string {
  if (value === null) return "nil";
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(clientValue).join(", ")}]`;
  return Object.entries(value)
    .map(
      ([branch, fields]) =>
        `$${branch}(${isList(fields) ? fields.map(clientValue).join(", ") : ""})`,
    )
    .join();
}

/** Returns the values of a tuple as a program writes them behind the name of a relation. */
export function clientTuple(tuple: ClientTuple): string {
  return `(${tuple.map(clientValue).join(", ")})`;
}

/** Returns the tuple that an atom of constants is; refuses what is computed. */
export function constantsOf({ terms }: AtomNode, columns: readonly Column[]): ClientTuple {
  return terms.map((term, at) => constantOf(term, columns[at]?.kind));
}

function constantOf(term: TermNode, kind: Column["kind"] | undefined): ClientValue {
  switch (term.kind) {
    case "number":
      return numberOf(term.text, kind);
    case "string":
      return term.value;
    case "nil":
      return null;
    case "record":
      return term.fields.map((field) => constantOf(field, undefined));
    case "branch": {
      const name = term.name.parts.map(({ text }) => text).join(".");
      return { [name]: term.fields.map((field) => constantOf(field, undefined)) };
    }
    case "unary":
      if (term.operator === "-" && term.of.kind === "number")
        return numberOf(`-${term.of.text}`, kind);
      return computed();
    case "variable":
    case "anonymous":
    case "binary":
    case "functor":
    case "user-functor":
    case "cast":
    case "aggregate":
    case "user-aggregate":
      return computed();
  }
}

/** Integers keep all their digits. */
function numberOf(text: string, kind: Column["kind"] | undefined): ClientValue {
  const digits = text.replace(/u$/, "");
  if (kind === "float" || !/^-?(?:0[xb][\da-f]+|\d+)$/i.test(digits)) return Number(digits);
  return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
}

function computed(): never {
  throw new Refusal("facts of constants alone are inserted at a node: it computes nothing here");
}

function isList(value: ClientValue): value is readonly ClientValue[] {
  return Array.isArray(value);
}
