import type { Value } from "../value/schema.ts";
import type { Completed } from "./completed.ts";
import type { Tuple } from "./proof.ts";

/** Whether a tuple holds. */
export function holds({ database }: Completed, { relation, values }: Tuple): boolean {
  const stored = database.relations[relation]!;
  const { attributes } = stored.schema;
  return stored.has(values.map((value, at) => database.values.encode(attributes[at]!.kind, value)));
}

/** Returns the first tuples of a relation of which `fits` is true. */
export function firstTuples(
  { database }: Completed,
  relation: number,
  fits: (values: readonly Value[]) => boolean,
  max: number,
): readonly Tuple[] {
  const stored = database.relations[relation]!;
  const { attributes } = stored.schema;
  const columns = attributes.map((_, at) => stored.column(at));
  const found: Tuple[] = [];
  for (let row = 0; row < stored.size && found.length < max; row++) {
    const values = columns.map((column, at) =>
      database.values.decode(attributes[at]!.kind, column[row]!),
    );
    if (fits(values)) found.push({ relation, values });
  }
  return found;
}
