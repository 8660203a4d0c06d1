// Checkpoints with a bit of everything, for tests of what keeps them.
import { type Random, random } from "../../src/base/random.ts";
import type { Checkpoint } from "../../src/calvin/checkpoint.ts";
import type { Known } from "../../src/calvin/known-requests.ts";
import type { ReplicaState } from "../../src/calvin/replica.ts";
import { startOf, type Version } from "../../src/calvin/storage.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { randomValue } from "./epochs.ts";

function some<T>(chance: Random, most: number, make: (at: number) => T): T[] {
  return Array.from({ length: chance.below(most) }, (_, at) => make(at));
}

function randomRow(chance: Random): Row {
  return { relation: chance.below(50), values: some(chance, 4, () => randomValue(chance, 0)) };
}

function randomKnown(chance: Random, position: number): Known {
  const told = some(chance, 3, () => randomRow(chance));
  const results: Known["result"][] = [
    undefined,
    { kind: "done", removed: chance.below(300), inserted: chance.below(300), told },
    { kind: "aborted", reason: "because ä" },
    { kind: "restart" },
    { kind: "failed", reason: "" },
  ];
  const result = chance.pick(results);
  return { position, home: chance.below(9), ...(result && { result }) };
}

/** A checkpoint after an epoch. */
export function randomCheckpoint(seed: number, epoch = 1 + seed, rows = 40): Checkpoint {
  const chance = random(seed);
  const state: ReplicaState = {
    ...{ epoch, hash: chance.below(2 ** 31) * 2 ** 16 },
    requests: some(chance, 20, (at) => [`r${at} 0`, randomKnown(chance, startOf(epoch) - 1 - at)]),
    batches: some(chance, 5, (at) => [`n${at}/1`, chance.below(1000)]),
    frontier: new Map(some(chance, 5, (at) => [`n${at}/2`, chance.below(1000)])),
    members: some(chance, 3, (at) => ({ name: `n${at}`, replica: at, partition: 0 })),
  };
  const end = startOf(epoch + 1);
  const versions = some(chance, rows, (): Version => {
    const from = chance.below(100);
    const to = chance.chance(0.3) ? Math.min(end, from + 1 + chance.below(1000)) : Infinity;
    return { row: randomRow(chance), from, to };
  });
  return { state, horizon: startOf(epoch), versions };
}
