import { type Mutant, simulated, simulatedIn, tested } from "./mutant.ts";

const node = "src/transducer/node.ts";
const link = "src/transducer/link.ts";
const shared = "src/transducer/shared.ts";
const seals = "src/transducer/seals.ts";

/** Bugs of nodes and of what they say to each other. */
export const nodeMutants: readonly Mutant[] = [
  simulated("take a batch twice", [
    shared,
    "if (from > next || lastOf(batch) < next) return undefined;\n    if (batch.split === undefined) return from === next ? batch : undefined;",
    "if (from > next) return undefined;\n    if (batch.split === undefined) return batch;",
  ]),
  simulated("take a batch after a gap", [
    shared,
    "if (from > next || lastOf(batch) < next) return undefined;\n    if (batch.split === undefined) return from === next ? batch : undefined;",
    "if (lastOf(batch) < next) return undefined;\n    if (batch.split === undefined) return from >= next ? batch : undefined;",
  ]),
  simulated(
    "take a batch after a gap, and think nothing of it",
    [
      shared,
      "if (from > next || lastOf(batch) < next) return undefined;\n    if (batch.split === undefined) return from === next ? batch : undefined;",
      "if (lastOf(batch) < next) return undefined;\n    if (batch.split === undefined) return from >= next ? batch : undefined;",
    ],
    [shared, "from === this.of(origin) + 1,", "from > this.of(origin),"],
  ),
  tested(
    "test/transducer/link.test.ts",
    "send what comes behind a gap that the peer does not know",
    [link, "          this.tellGone(log, own, frames);\n", ""],
  ),
  tested("test/transducer/link.test.ts", "send what comes behind a gap that is not durable here", [
    link,
    "          if (!log.has(origin, next, batch.from - 1)) break;\n",
    "",
  ]),
  simulated("take messages twice", [
    node,
    "const fresh = facts.slice(number + 1 - from);",
    "const fresh = facts;",
  ]),
  simulated("take messages after a gap", [
    node,
    "if (from > number + 1 || fresh.length === 0) {",
    "if (fresh.length === 0) {",
  ]),
  simulated("take messages of an earlier life", [
    node,
    "incarnationOf(origin) < incarnationOf(before.origin)) return;\n    const number",
    "incarnationOf(origin) > incarnationOf(before.origin)) return;\n    const number",
  ]),
  simulated("forget the outbox when connecting", [
    link,
    "    this.connected = true;",
    "    this.connected = true;\n    this.acknowledged += this.outbox.splice(0).length;",
  ]),
  simulated("forget the outbox when a connection breaks", [
    link,
    "    this.connected = false;",
    "    this.connected = false;\n    this.outbox = [];",
  ]),
  simulated("send no batches again", [
    link,
    "    this.sentUpTo = new Map(this.peerHolds);\n    this.sentMessages = this.acknowledged;\n",
    "    this.sentMessages = this.acknowledged;\n",
  ]),
  simulated("send no messages again", [
    link,
    "    this.sentMessages = this.acknowledged;\n    this.batches.clear();\n",
    "    this.batches.clear();\n",
  ]),
  simulated("trust what a peer once held, though it has an old log now", [
    link,
    "    this.peerHolds = new Map(holds);\n    this.known = new Map();\n",
    "    this.known = new Map();\n",
  ]),
  simulated("greet once", [node, "if (link.up && !link.ready) this.greet(link.peer, true);", ""]),
  simulated("accept before it is durable", [
    node,
    "    this.waiting.push({ count: this.recordCount, holds, sent, accepted, changes });",
    "    this.out.accepted.push(...accepted);\n    this.waiting.push({ count: this.recordCount, holds, sent, accepted: [], changes });",
  ]),
  simulated("accept a repeated request before it is durable", [
    node,
    "this.whenDurable({ ...nothing, accepted: [known] });",
    "this.out.accepted.push(known);",
  ]),
  simulated("tell everything before it is durable", [
    node,
    "const ready = this.waiting.findIndex(({ count }) => count > this.persistedCount);",
    "const ready = -1;",
  ]),
  simulated("release before persistence", [
    node,
    "    this.waiting.push({ count: this.recordCount, holds, sent, accepted, changes });\n",
    "    this.waiting.push({ count: this.recordCount, holds, sent, accepted, changes });\n    this.persistedCount = this.recordCount;\n    this.release();\n",
  ]),
  simulated("acknowledge messages before they are durable", [
    node,
    "    this.received.set(peer, heard);\n    const { sent, changes } = this.deliver(fresh);",
    "    this.received.set(peer, heard);\n    this.heard.set(peer, heard);\n    const { sent, changes } = this.deliver(fresh);",
  ]),
  simulated("send batches before they are durable", [
    node,
    "    this.shared.add(batch);\n    for",
    "    this.shared.add(batch);\n    this.durable.set(batch.origin, lastOf(batch));\n    for",
  ]),
  simulated("use an incarnation again", [
    node,
    "this.origin = `${options.name}/${options.incarnation}`;",
    "this.origin = `${options.name}/1`;",
  ]),
  simulated("make a request new each time", [
    node,
    "    if (known === undefined) return false;",
    "    if (known === undefined || known.from > 0) return false;",
  ]),
  simulated("forget requests in a crash", [
    node,
    "if (nameOf(origin) === this.options.name && request !== undefined)",
    "if (nameOf(origin) === this.options.name && request === undefined)",
  ]),
  simulated("forget what was heard in a crash", [
    node,
    "      this.heard.set(peer, heard);\n      this.trail",
    "      this.trail",
  ]),
  simulated("forget what to send in a crash", [
    node,
    "      this.post(this.deliver(facts).sent);",
    "      this.deliver(facts);",
  ]),
  simulated("forget in a crash what it holds", [
    node,
    "      this.durable.set(batch.origin, this.shared.of(batch.origin));\n",
    "",
  ]),
  simulated("deliver events together", [
    node,
    "return end === at && at < facts.length ? 1 : end - at;",
    "return facts.length - at;",
  ]),
  simulated("keep what goes to oneself", [
    node,
    "if (to === name) this.toSelf.push(fact);",
    "if (to === name) continue;",
  ]),
  simulatedIn("multicast", "begin before the share is sealed", [
    "src/transducer/withheld.ts",
    "this.waits = this.awaited.size > 0;",
    "this.waits = false;",
  ]),
  simulatedIn("multicast", "deliver messages before the first step", [
    node,
    "if (this.withheld?.waiting === true) {",
    "if (facts.length === 0) {",
  ]),
  tested("test/transducer/seals.test.ts", "take a seal for all there is", [
    seals,
    "[...lives].every(([origin, count]) => (holds.get(origin) ?? 0) >= count)",
    "[...lives].every(([origin]) => holds.has(origin))",
  ]),
  simulated("wait for the seal of one member", [
    seals,
    "return [...this.members].every(([member, { status }]) => {",
    "return [...this.members].some(([member, { status }]) => {",
  ]),
  simulated("seal without what was accepted in earlier lives", [
    node,
    "filter(([origin]) => nameOf(origin) === name)",
    "filter(([origin]) => origin === this.origin)",
  ]),
  simulated("forget what was withheld", [
    "src/transducer/withheld.ts",
    "const withheld = this.received.splice(0);",
    "const withheld = this.received.splice(-1);",
  ]),
  simulated("stop when heartbeats are used up", [
    node,
    "    if (!this.restless || this.awaiting) return;",
    "    if (nowMs >= 0) return;",
  ]),
];
