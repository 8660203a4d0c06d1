// Batches of two parts. Who takes one in takes in both, in one step, so nobody sees the one without
// the other; each is let go as a whole, while the other stays, as a batch of its own.
//
// A put of a store is such a batch: its value, and the tombstones of what it replaces. The value
// can go as soon as it is replaced itself, also while its tombstones are kept for those who do not
// have them; or these go first, and the value lives on.
import type { Batch } from "./protocol.ts";
import { endOf, type Ranges } from "./ranges.ts";

/** The number of the first fact of the part of a batch that a number is in. */
export function partFrom({ from, split = 0 }: Batch, number: number): number {
  return number >= from + split ? from + split : from;
}

/** The number of the last fact of the part of a batch that a number is in. */
export function partTo({ from, facts, split = 0 }: Batch, number: number): number {
  return number < from + split ? from + split - 1 : from + facts.length - 1;
}

/** The parts of a batch, each as a batch of its own; the batch itself where it has but one. A name
 * of the request is that of the first part. */
export function partsOf(batch: Batch): readonly Batch[] {
  const { origin, from, facts, split, request, signature } = batch;
  if (split === undefined) return [batch];
  const signed = signature === undefined ? {} : { signature };
  const named = request === undefined ? {} : { request };
  return [
    { origin, from, facts: facts.slice(0, split), ...named, ...signed },
    { origin, from: from + split, facts: facts.slice(split), ...signed },
  ];
}

/** Returns what is left of a batch without the parts that are gone, and without those before number
 * `from`; undefined where nothing is. */
export function leftOf(batch: Batch, gone: Ranges, from: number): Batch | undefined {
  const { split } = batch;
  const first = batch.from >= from && endOf(gone, batch.from) === undefined;
  if (split === undefined) return first ? batch : undefined;
  const second = batch.from + split >= from && endOf(gone, batch.from + split) === undefined;
  if (first && second) return batch;
  return first || second ? partsOf(batch)[first ? 0 : 1] : undefined;
}
