import type { Outcome, Row } from "./transaction.ts";

/** How a request ended where it was carried out: as its transaction did; it has to start over, as
 * it touched what it had not locked; or its evaluation failed. */
export type Result =
  Outcome | { readonly kind: "restart" } | { readonly kind: "failed"; readonly reason: string };

/** How a request ended as it is remembered and told: of most rows, how many. */
export type Ending =
  | Exclude<Result, { readonly kind: "done" }>
  | {
      readonly kind: "done";
      readonly removed: number;
      readonly inserted: number;
      /** Those inserted into relations that answers tell. */
      readonly told: readonly Row[];
    };

const nothing: readonly Row[] = [];

/** Returns how a request ended, with the rows of the relations that answers tell. */
export function endingOf(result: Result, isTold: (relation: number) => boolean): Ending {
  if (result.kind !== "done") return result;
  const { kind, removed, inserted } = result;
  const told = inserted.filter(({ relation }) => isTold(relation));
  const rows = told.length === 0 ? nothing : told;
  return { kind, removed: removed.length, inserted: inserted.length, told: rows };
}
