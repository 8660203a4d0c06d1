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

/** Endings of transactions that tell no rows: most change few, and are as others were. */
const few = 16;
const common: Ending[] = Array.from({ length: few * few }, (_, at) => ({
  kind: "done",
  removed: Math.floor(at / few),
  inserted: at % few,
  told: nothing,
}));

/** Returns how a request ended that has changed so many rows, and tells none. */
export function doneEnding(removed: number, inserted: number): Ending {
  if (removed < few && inserted < few) {
    const known = common[removed * few + inserted];
    if (known !== undefined) return known;
  }
  return { kind: "done", removed, inserted, told: nothing };
}

/** Returns how a request ended, with the rows of the relations that answers tell. */
export function endingOf(result: Result, isTold: (relation: number) => boolean): Ending {
  if (result.kind !== "done") return result;
  const { kind, removed, inserted } = result;
  const told = inserted.filter(({ relation }) => isTold(relation));
  if (told.length === 0) return doneEnding(removed.length, inserted.length);
  return { kind, removed: removed.length, inserted: inserted.length, told };
}
