import type { Relation } from "../engine/relation.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** The most pairs of an equivalence, which holds classes, that are written one by one. */
const pairsMax = 2 ** 28;

/** Ends the command where a relation has more pairs than can be written. */
export function checkListed({ classes, size, schema }: Relation): void {
  if (classes === undefined || size <= pairsMax) return;
  const message = `relation "${schema.name}" has ${size} pairs, which are too many to be listed`;
  const hint = `\`.printsize ${schema.name}\` prints how many there are`;
  throw new CommandError(exitCodes.limit, message, hint);
}
