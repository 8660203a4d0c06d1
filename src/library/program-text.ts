import type { Source } from "../base/source.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import { CalmError } from "./calm-error.ts";
import type { GivenValue } from "./column-types.ts";

/** A part of a program, or all of it, or a goal; made by `dl`. */
export class ProgramText {
  /** As it would be written. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The text. */
  toString(): string {
    return this.text;
  }
}

/** Whatever is read as a program or a goal. A `Source` has a name for what is said of it. */
export type Text = string | Source | ProgramText;

/** Returns the program, or goal, that a template is. Values in it become constants, quoted where
 * they are strings: no value is ever read as a piece of program. What `dl` gave is put in as it is.
 *
 * ```ts
 * import { dl } from "calmdb";
 *
 * const name = 'Ada "Countess" Lovelace';
 * console.log(dl`parent(${name}, y), age(y, ${36n})`.text);
 * //=> parent("Ada \"Countess\" Lovelace", y), age(y, 36)
 * ```
 */
export function dl(
  parts: TemplateStringsArray,
  ...values: readonly (GivenValue | ProgramText)[]
): ProgramText {
  const texts = values.map((value) => (value instanceof ProgramText ? value.text : literal(value)));
  return new ProgramText(String.raw(parts, ...texts));
}

/** Returns a text with its name. */
export function sourceOf(text: Text, path: string): Source {
  if (text instanceof ProgramText) return { path, text: text.text };
  return typeof text === "string" ? { path, text } : text;
}

function literal(given: GivenValue): string {
  return printValue(value(given));
}

/** A value whose numbers are integers where they can be: these stand for floats, too. */
function value(given: GivenValue): Value {
  if (given === null || typeof given === "bigint" || typeof given === "string") return given;
  if (typeof given === "number") {
    if (!Number.isFinite(given))
      throw new CalmError("no-literal", `${given} cannot be written in a program`, "insert it");
    return Number.isSafeInteger(given) && !Object.is(given, -0) ? BigInt(given) : given;
  }
  if ("branch" in given) return { branch: given.branch, fields: given.fields.map(value) };
  if ("elements" in given || "pairs" in given)
    throw new CalmError("no-literal", "sets and maps cannot be written in a program");
  return given.map(value);
}
