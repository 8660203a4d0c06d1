// Planted bugs in the ordered plane: clusters under faults have to notice them.
import { type Mutant, tested } from "./mutant.ts";

const histories = "test/calvin/histories.test.ts";
const faults = "test/calvin/faults.test.ts";
const inFiles = "test/calvin/file-log.test.ts";
const units = "test/calvin/sequencer.test.ts";
const ways = "test/calvin/checkpoint.test.ts";
const served = "test/server/ordered/log-routes.test.ts";
const ahead = "test/server/ordered/read-ahead.test.ts";
const files = "test/runtime/node/checkpoint-files.test.ts";

const replica = "src/calvin/replica.ts";
const locks = "src/calvin/lock-table.ts";
const footprint = "src/calvin/footprint.ts";
const direct = "src/calvin/direct-transaction.ts";
const emitKeyed = "src/codegen/emit-keyed.ts";
const rows = "src/calvin/keyed-rows.ts";
const gathered = "src/calvin/gathered.ts";
const sequencer = "src/calvin/sequencer.ts";
const frontier = "src/calvin/frontier.ts";
const readAhead = "src/server/ordered/read-ahead.ts";
const members = "src/calvin/members.ts";
const checkpoint = "src/calvin/checkpoint.ts";
const zigzag = "src/calvin/zigzag-storage.ts";

/** Bugs of sequencers, locks, partitions and checkpoints. */
export const orderedMutants: readonly Mutant[] = [
  tested(histories, "grant every lock", [
    locks,
    "    const at = entry * entryWords;\n    if (words[at",
    "    const at = entry * entryWords;\n    if (!this.queues.has(entry)) return true;\n    if (words[at",
  ]),
  tested(histories, "grant a lock before one that was requested earlier", [
    locks,
    "return words[at + waitingAt] === 0 || fits(waiting, entry * lockModes.length, mode);",
    "return words[at + waitingAt] === 0 || waiting.length > 0;",
  ]),
  tested(
    histories,
    "lock nothing that is read",
    [footprint, `[reads === writes ? [] : reads, "S", "IS"],`, ""],
    [
      direct,
      "writes } = lookups[lookup]!;\n",
      "writes } = lookups[lookup]!; if (!writes) continue;\n",
    ],
  ),
  tested(histories, "lock one row of those that are looked up", [
    direct,
    "for (let lookup = 0; lookup < of.length; lookup++) {\n      if (of[lookup] !== partition) continue;\n      const { relation, columns, writes }",
    "for (let lookup = 0; lookup < 1; lookup++) {\n      if (of[lookup] !== partition) continue;\n      const { relation, columns, writes }",
  ]),
  tested(histories, "have two partitions change one row", [
    emitKeyed,
    "  return `far === undefined || !far.isFar[${lookup}]`;",
    "  return `far === undefined || far.isFar[${lookup}] !== undefined`;",
  ]),
  tested(histories, "change the first row of a transaction in place of each other one", [
    direct,
    "const row = own[next++]!;",
    "const row = own[0 * next++]!;",
  ]),
  tested(histories, "lock rows, and no absence of rows", [
    footprint,
    "    if (value === undefined) break;\n",
    "    if (value === undefined) return [0];\n",
  ]),
  tested(
    histories,
    "carry out the transactions of a batch in another order at every second replica",
    [replica, "/** One partition of a replica. */", "let made = 0;\n"],
    [
      replica,
      "  private ready: Running[] = [];\n",
      "  private ready: Running[] = [];\n  private readonly swaps = made++ % 2 === 1;\n",
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
    "if (open.left > 0) return;",
    "if (open.left > 1) return;",
  ]),
  tested(histories, "forget which requests there were", [
    replica,
    "const before = this.known.find(name);",
    "const before = this.known.find(`${name} ${position}`);",
  ]),
  tested(histories, "forget in a crash which requests there were", [
    replica,
    "new KnownRequests(epoch, named,",
    "new KnownRequests(epoch, named.slice(0, 0),",
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
  tested(
    histories,
    "see a row once more when it was removed",
    [rows, "    this.to[row] = at;\n    if", "    this.to[row] = at + 1;\n    if"],
    [rows, "this.unfilled(this.from[row]!, at);", "this.unfilled(this.from[row]!, at + 1);"],
  ),
  tested(histories, "keep nothing of what a row was", [
    rows,
    "if (at >= this.horizon) this.keepPast(row, at);",
    "",
  ]),
  tested(histories, "carry out before all have read", [
    replica,
    "if (running.missing > 0) return;",
    "if (running.missing > 1) return;",
  ]),
  tested(ahead, "carry out what is fetched first", [
    readAhead,
    "const carried = this.last.then(async () => {",
    "const carried = Promise.resolve().then(async () => {",
  ]),
  tested(ways, "keep in a checkpoint what came after it", [
    checkpoint,
    "if (from < end) yield",
    "if (from < Infinity) yield",
  ]),
  tested(histories, "forget what who comes back from an old checkpoint needs", [
    checkpoint,
    "const horizon = startOf(oldest + 1);",
    "const horizon = startOf(Math.max(oldest, state.epoch) + 1);",
  ]),
  tested(faults, "see free facts one further than a majority holds", [
    frontier,
    "if (count > 0) frontier.set(origin, count);",
    "if (count > 0) frontier.set(origin, count + 1);",
  ]),
  tested(faults, "take in one fact less than the frontier names", [
    frontier,
    "yield* facts.slice(after + 1 - from, upTo + 1 - from);",
    "yield* facts.slice(after + 1 - from, upTo - from);",
  ]),
  tested(faults, "take in free facts as they came", [
    frontier,
    "for (const { from, facts } of after < upTo ? between(origin, after, upTo) : []) {",
    "for (const { from, facts } of between(origin, after, after < upTo ? Infinity : 0)) {",
  ]),
  tested("test/calvin/frontier.test.ts", "have a frontier name what its origin holds alone", [
    frontier,
    "const count = counts[majorityOf(names.length) - 1] ?? 0;",
    "const count = counts[0] ?? 0;",
  ]),
  tested(faults, "have a frontier go back", [
    sequencer,
    "const frontier = joinedFrontier(this.frontier, majorityFrontier(names, acknowledged));",
    "const frontier = majorityFrontier(names, acknowledged);",
  ]),
  tested(faults, "forget in a crash how far free facts were seen", [
    replica,
    "const { frontier = new Map<string, number>(), members = [] } = options.from ?? {};",
    "const { members = [] } = options.from ?? {};\n    const frontier = new Map<string, number>();",
  ]),
  tested(faults, "keep the log for one member instead of all", [
    members,
    "return Math.min(...members.map(({ name }) => durable.get(name) ?? 0));",
    "return Math.max(...members.map(({ name }) => durable.get(name) ?? 0));",
  ]),
  tested(faults, "keep the log for who is no member any more", [
    members,
    "return Math.min(...members.map(({ name }) => durable.get(name) ?? 0));",
    "return Math.min(...members.map(() => 0));",
  ]),
  tested(faults, "change members without telling the log", [
    sequencer,
    "return changed ? { ...made, members } : made;",
    "return made;",
  ]),
  tested(faults, "log a long batch that its sequencer holds alone", [
    sequencer,
    "return holders.filter((name) => names.has(name)).length >= majorityOf(names.size);",
    "return holders.length > 0;",
  ]),
  tested(faults, "let go of a body that the log still names", [
    "src/calvin/bodies.ts",
    "if (!(named === undefined ? isOver(batch) : named < epoch)) continue;",
    "if (!(named === undefined ? isOver(batch) : named < epoch + 20)) continue;",
  ]),
  tested(units, "keep batches for ever whose sequencer began another life", [
    sequencer,
    "if (earlier && nodeOf(other) === nodeOf(origin)) this.settle(name);",
    "if (earlier && other === origin) this.settle(name);",
  ]),
  tested(units, "have a batch wait for a clock that went back", [
    sequencer,
    "return nowMs < sinceMs || nowMs - sinceMs >= spanMs;",
    "return nowMs - sinceMs >= spanMs;",
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
    [
      sequencer,
      "    if (number <= (this.logged.get(sequencer) ?? 0)) return undefined;\n    const name",
      "    const name",
    ],
  ),
  tested(ways, "write after the point of consistency into the copy before it", [
    zigzag,
    "const late = at >= this.point;",
    "const late = at > this.point + 1;",
  ]),
  tested(ways, "write down the copies after the point of consistency", [
    zigzag,
    "const from = slot.copies[slot.round === this.round ? slot.stable : slot.read];",
    "const from = slot.copies[slot.read];",
  ]),
  tested(ways, "catch what is known of requests when the rows are written down", [
    checkpoint,
    "const state = replica.caught;",
    "const state = replica.caught && replica.state();",
  ]),
  tested(files, "name a checkpoint before the disk has it", [
    "src/runtime/node/checkpoint-files.ts",
    "        await file.sync();\n        return {",
    "        return {",
  ]),
  tested(files, "read a checkpoint that was not written to its end", [
    "src/runtime/node/checkpoint-frames.ts",
    "if (manifest === undefined || counts === undefined || this.rest.length > 0)",
    "if (manifest === undefined || counts === undefined)",
  ]),
  tested(inFiles, "cut off as torn what the disk had", [
    "src/runtime/node/ordered-recovery.ts",
    "(!last || broken.durable)",
    "!last",
  ]),
  tested(inFiles, "tell of an append before the disk has it", [
    "src/runtime/node/ordered-log-file.ts",
    "    await open.file.sync();\n    const records",
    "    const records",
  ]),
  tested(inFiles, "believe what a folder says of itself, whatever its checksum is", [
    "src/runtime/node/ordered-folder.ts",
    'return said["checksum"] === checksumOf(state) ? state : undefined;',
    "return state;",
  ]),
  tested(served, "append at a leader of an earlier term", [
    "src/runtime/node/ordered-log-file.ts",
    "if (term > this.state.term) await this.fence(term);",
    "",
  ]),
  tested(served, "go on at a leader that lacks what was seen", [
    "src/runtime/node/ordered-log-http.ts",
    "if (fetched.tail < known.epoch || other)",
    "if (other)",
  ]),
];
