// Planted bugs in the ordered plane: clusters under faults have to notice them.
import { type Mutant, tested } from "./mutant.ts";

const histories = "test/calvin/histories.test.ts";
const units = "test/calvin/sequencer.test.ts";

const replica = "src/calvin/replica.ts";
const locks = "src/calvin/lock-table.ts";
const footprint = "src/calvin/footprint.ts";
const gathered = "src/calvin/gathered.ts";
const sequencer = "src/calvin/sequencer.ts";
const checkpoint = "src/calvin/checkpoint.ts";

/** Bugs of sequencers, locks, partitions and checkpoints. */
export const orderedMutants: readonly Mutant[] = [
  tested(histories, "grant every lock", [
    locks,
    "if (fits(mode, node.grantedCounts) && fits(mode, node.waitingCounts)) {",
    "if (node.waiting.length === 0) {",
  ]),
  tested(histories, "grant a lock before one that was requested earlier", [
    locks,
    "if (fits(mode, node.grantedCounts) && fits(mode, node.waitingCounts)) {",
    "if (fits(mode, node.grantedCounts)) {",
  ]),
  tested(histories, "lock nothing that is read", [footprint, `[reads, "S", "IS"],`, ""]),
  tested(histories, "lock rows, and no absence of rows", [
    footprint,
    "    if (value === undefined) break;\n",
    '    if (value === undefined) return ["nothing"];\n',
  ]),
  tested(
    histories,
    "carry out the transactions of a batch in another order at every second replica",
    [replica, "const rememberedEpochs =", "let made = 0;\n\nconst rememberedEpochs ="],
    [
      replica,
      "  private ready: Position[] = [];\n",
      "  private ready: Position[] = [];\n  private readonly swaps = made++ % 2 === 1;\n",
    ],
    [
      replica,
      "for (const request of requests) {",
      "for (const request of this.swaps ? requests.toReversed() : requests) {",
    ],
  ),
  tested(histories, "read outside the footprint", [
    gathered,
    "if (by === undefined) throw new OutsideFootprint(pattern);",
    "if (by === undefined) return read(pattern, pattern);",
  ]),
  tested(histories, "write outside the footprint", [
    gathered,
    "if (!covered(pattern, writes)) throw new OutsideFootprint(pattern);",
    "if (!covered(pattern, [pattern, ...writes])) throw new OutsideFootprint(pattern);",
  ]),
  tested(histories, "leave out the last request of a batch", [
    replica,
    "if (!repeated) this.admit(position, request);",
    "if (!repeated && request !== requests[1]) this.admit(position, request);",
  ]),
  tested(histories, "take an epoch for carried out while its last transactions are not", [
    replica,
    "startOf(epoch + 1) <= first; epoch++",
    "startOf(epoch) <= first && epoch <= this.epoch; epoch++",
  ]),
  tested(histories, "forget which requests there were", [
    replica,
    "const before = this.known.get(name);",
    "const before = this.known.get(`${name} ${position}`);",
  ]),
  tested(histories, "forget in a crash which requests there were", [
    replica,
    "this.known = new Map(requests);",
    "this.known = new Map(requests.slice(0, 0));",
  ]),
  tested(histories, "carry out an attempt again that has to start over", [
    replica,
    "if (before !== undefined) {\n",
    'if (before !== undefined && before.result?.kind !== "restart") {\n',
  ]),
  tested(histories, "read for others as it is now", [
    replica,
    "return this.readAll(patterns, position);",
    "return this.readAll(patterns, startOf(this.epoch + 1));",
  ]),
  tested(histories, "show a moment as it is now", [
    replica,
    "storage.tuples(pattern, startOf(epoch + 1))",
    "storage.tuples(pattern, startOf(this.epoch + 1))",
  ]),
  tested(histories, "see a row once more when it was removed", [
    "src/calvin/storage.ts",
    "return from < before && before <= to;",
    "return from < before && before <= to + 1;",
  ]),
  tested(histories, "carry out before all have read", [
    replica,
    "if (missing.size > 0) return;",
    "if (missing.size > 1) return;",
  ]),
  tested(units, "keep in a checkpoint what came after it", [
    checkpoint,
    "if (from < end) yield",
    "if (from < Infinity) yield",
  ]),
  tested(histories, "forget what who comes back from an old checkpoint needs", [
    checkpoint,
    "const horizon = startOf(oldest + 1);",
    "const horizon = startOf(Math.max(oldest, state.epoch) + 1);",
  ]),
  tested(units, "log a batch after a gap", [
    sequencer,
    "if (batch.number !== (next.get(batch.sequencer) ?? 0) + 1) continue;",
    "if (batch.number <= (next.get(batch.sequencer) ?? 0)) continue;",
  ]),
  tested(
    histories,
    "log a batch twice",
    [
      sequencer,
      "if (batch.number !== (next.get(batch.sequencer) ?? 0) + 1) continue;",
      "if (batch.number > (next.get(batch.sequencer) ?? 0) + 1) continue;",
    ],
    [sequencer, "    if (batch.number <= (this.logged.get(batch.sequencer) ?? 0)) return;\n", ""],
  ),
];
