// Planted bugs of how the store is cleaned up.
import { type Mutant, tested } from "./mutant.ts";

const collector = "src/transducer/collector.ts";
const node = "src/transducer/node.ts";
const link = "src/transducer/link.ts";
const shared = "src/transducer/shared.ts";
const compaction = "src/runtime/node/compaction.ts";
const cleaning = "test/transducer/cleaning.test.ts";

/** Bugs of what is let go, and of how that is told: the tests of cleaning up find them. */
export const cleaningMutants: readonly Mutant[] = [
  tested(cleaning, "tell that a tombstone is gone without what it names", [
    link,
    'frames.push({ kind: "gone", origin: own, number, gone: log.since(this.cleared) });',
    'frames.push({ kind: "gone", origin: own, number, gone: log.since(number - 1) });',
  ]),
  tested(cleaning, "take what is gone in again", [
    shared,
    "const held = endOf(this.dropped.get(origin) ?? [], upTo + 1) ?? upTo;",
    "const held = upTo;",
  ]),
  tested(cleaning, "take what is gone in again after a start", [
    node,
    "    this.shared.drop(all);\n    this.gone.add(all);\n",
    "    this.gone.add(all);\n",
  ]),
  tested(cleaning, "drop a put before its tombstone is durable", [
    node,
    "    const { sent, changes } = this.computeWith(batches);\n",
    "    const { sent, changes } = this.computeWith(batches);\n    for (const change of changes) this.collector?.note(change);\n",
  ]),
  tested(
    cleaning,
    "drop a tombstone that a member may not have",
    [collector, "        if (!view.everywhere(origin, number)) return false;\n", ""],
    [collector, "view.everywhere(origin, number) && (view", "(view"],
  ),
  tested(cleaning, "drop the put after the one that is removed", [
    collector,
    "found.push(from, from);",
    "found.push(from, from + 1);",
  ]),
  tested(cleaning, "look at a part alone though all is to be looked at", [
    node,
    "    this.collecting &&= collector.left > 0;\n",
    "    this.collecting = false;\n",
  ]),
  tested(cleaning, "forget after a start which tombstones wait", [
    node,
    "for (const relation of cleaning === undefined ? [] : [cleaning.spent, cleaning.names])",
    "for (const relation of cleaning === undefined ? [] : [cleaning.spent])",
  ]),
  tested(cleaning, "compact a log as if nothing were gone by it", [
    compaction,
    "new Compaction(kept, recordedGone(records))",
    "new Compaction(kept, new Map())",
  ]),
];
