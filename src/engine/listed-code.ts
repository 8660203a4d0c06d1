import { type Backend, compiled, interpreted } from "../codegen/backend.ts";
import { keyedLimits } from "../codegen/keyed-limits.ts";
import { linkListed } from "../codegen/link.ts";
import { type ListedCalls, type ListedCode, tuplesMax } from "../codegen/listed-code.ts";
import type { ListedPlan, ListedRelation } from "../plan/listed.ts";
import { sameTuple } from "../value/same-value.ts";
import type { Domain, Value } from "../value/schema.ts";

/** A transaction that goes through lists as code, with the relations that it looks rows up in. */
export type ListedProgram = {
  readonly code: ListedCode;
  readonly stored: readonly Extract<ListedRelation, { kind: "stored" }>[];
};

export { listedEnds } from "../codegen/listed-code.ts";

/** Returns a transaction that goes through lists as code; undefined where plans are run as they
 * are, and where a number of the text is not exact as a double. */
export function listedProgram(
  plan: ListedPlan,
  domain: Domain,
  placed: ListedCalls["placed"],
  backend: Backend = compiled,
): ListedProgram | undefined {
  if (backend === interpreted) return undefined;
  const stated = plan.relations.map((of) => (of.kind === "stated" ? parts(of, domain) : []));
  if (stated.includes(undefined)) return undefined;
  const indexed = (relation: number, column: number | undefined): unknown => {
    const tuples = stated[relation] ?? [];
    return column === undefined ? tuples : byColumn(tuples, column);
  };
  const code = linkListed(plan, domain, { placed, indexed, add: added });
  const stored = plan.relations.flatMap((of) => (of.kind === "stored" ? [of] : []));
  return code && { code, stored };
}

/** Adds a tuple to a list, unless it is there. Returns false where there are too many. */
function added(list: Value[][], tuple: Value[]): boolean {
  for (let at = 0; at < list.length; at++) if (sameTuple(list[at]!, tuple)) return true;
  return list.push(tuple) < tuplesMax;
}

/** The tuples that the text states, as they are computed with; undefined where they cannot be. */
function parts(
  { tuples, kinds }: Extract<ListedRelation, { kind: "stated" }>,
  domain: Domain,
): Value[][] | undefined {
  const limits = keyedLimits(domain);
  const made: Value[][] = [];
  for (const tuple of tuples) {
    const one: Value[] = [];
    for (let column = 0; column < tuple.length; column++) {
      const [value, kind] = [tuple[column]!, kinds[column]];
      if (kind !== "number" && kind !== "unsigned") one.push(value);
      else {
        const { least, most } = limits[kind];
        const number = Number(value);
        if (!(number >= least && number <= most)) return undefined;
        one.push(number);
      }
    }
    made.push(one);
  }
  return made;
}

function byColumn(tuples: readonly Value[][], column: number): Map<Value, Value[][]> {
  const found = new Map<Value, Value[][]>();
  for (const tuple of tuples) {
    const value = tuple[column] ?? null;
    const same = found.get(value);
    if (same === undefined) found.set(value, [tuple]);
    else same.push(tuple);
  }
  return found;
}
