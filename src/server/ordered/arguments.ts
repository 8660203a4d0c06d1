import type { FactSchema } from "../../runtime/fact-bytes.ts";
import type { Attribute, Value } from "../../value/schema.ts";
import { valueFromJson } from "../value-from-json.ts";

/** Returns the arguments that JSON says, in the order of the parameters or by their names, or all
 * that is wrong with them. */
export function readArguments(
  json: readonly unknown[] | Readonly<Record<string, unknown>>,
  parameters: readonly Attribute[],
  schema: Pick<FactSchema, "domain" | "structures">,
): { readonly args: readonly Value[]; readonly errors: readonly object[] } {
  const named = Array.isArray(json) ? undefined : new Map(Object.entries(json));
  const given = (at: number, name: string): unknown =>
    named === undefined ? (json as readonly unknown[])[at] : named.get(name);
  const errors: object[] = [];
  if (named === undefined && (json as readonly unknown[]).length !== parameters.length)
    errors.push({
      at: "args",
      message: `there are ${(json as readonly unknown[]).length} arguments for \
${parameters.length} parameters`,
    });
  for (const name of named?.keys() ?? [])
    if (!parameters.some((parameter) => parameter.name === name))
      errors.push({ at: `args.${name}`, message: `there is no parameter "${name}"` });
  const args = parameters.map(({ name, type, kind }, at): Value => {
    const value = valueFromJson(kind, given(at, name), schema);
    if (value !== undefined) return value;
    const missing = given(at, name) === undefined;
    errors.push({
      at: `args.${named === undefined ? at : name}`,
      message: missing ? `parameter "${name}" is missing` : `parameter "${name}" is no ${type}`,
    });
    return null;
  });
  return { args, errors };
}
