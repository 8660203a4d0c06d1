// Planted bugs: each is a patch on a copy of the sources, and the simulation, or a test of what runs
// below it, has to notice it.
//
//     npm run mutants
//     npm run mutants -- --only outbox
//
// Fails where one survives, and where a patch does not apply any more.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { type Mutant, type Noticing, simulated, simulatedIn } from "./mutant.ts";
import { cleaningMutants } from "./mutants-cleaning.ts";
import { memberMutants } from "./mutants-members.ts";
import { orderedMutants } from "./mutants-ordered.ts";
import { partsMutants } from "./mutants-parts.ts";
import { runtimeMutants } from "./mutants-runtime.ts";

const node = "src/transducer/node.ts";
const link = "src/transducer/link.ts";
const shared = "src/transducer/shared.ts";
const seals = "src/transducer/seals.ts";

/** Bugs of nodes and of what they say to each other. */
const nodeMutants: readonly Mutant[] = [
  simulated("take a batch twice", [
    node,
    "if (batch.from === next && batch.origin !== this.origin && this.admits(batch))",
    "if (batch.from <= next && batch.origin !== this.origin && this.admits(batch))",
  ]),
  simulated("take a batch after a gap", [
    node,
    "if (batch.from === next && batch.origin !== this.origin && this.admits(batch))",
    "if (batch.from >= next && batch.origin !== this.origin && this.admits(batch))",
  ]),
  simulated(
    "take a batch after a gap, and think nothing of it",
    [
      node,
      "if (batch.from === next && batch.origin !== this.origin && this.admits(batch))",
      "if (batch.from >= next && batch.origin !== this.origin && this.admits(batch))",
    ],
    [shared, "from === this.of(origin) + 1,", "from > this.of(origin),"],
  ),
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
    "    this.progressMs = nowMs;\n    this.sentUpTo = new Map(this.peerHolds);\n",
    "    this.progressMs = nowMs;\n",
  ]),
  simulated("send no messages again", [
    link,
    "    this.sentMessages = this.acknowledged;\n    this.sentGone = this.cleared;\n  }",
    "    this.sentGone = this.cleared;\n  }",
  ]),
  simulated("trust what a peer once held, though it has an old log now", [
    link,
    "    this.peerHolds = new Map(holds);\n    this.sentUpTo = new Map(holds);\n",
    "",
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
  simulatedIn("sinks", "take a seal for all there is", [
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

const { values } = parseArgs({
  options: { only: { type: "string" }, seeds: { type: "string" }, verbose: { type: "boolean" } },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const copied = [
  ...["package.json", "tsconfig.json", ".mocharc.json", "src", "scripts", "programs"],
  ...["test/support", "test/runtime", "test/calvin", "test/transducer", "test/server/ordered"],
];
const seeds = values.seeds ?? "2000";
const folder = mkdtempSync(join(tmpdir(), "calm-mutants-"));
const all = [
  ...[...nodeMutants, ...memberMutants, ...partsMutants],
  ...[...cleaningMutants, ...orderedMutants, ...runtimeMutants],
];
// The name of tests chooses all that they have to notice.
const chosen = all.filter(({ name, noticedBy: { file = "" } }) =>
  [name, file].some((text) => text.includes(values.only ?? "")),
);
const startMs = performance.now();
let survivors = 0;
try {
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  // What fails without a bug notices nothing.
  for (const file of new Set(chosen.flatMap(({ noticedBy: by }) => by.file ?? [])))
    if (noticed({ kind: "tests", file }) !== undefined) throw new Error(`${file} fails as it is`);
  for (const mutant of chosen) {
    const caught = catches(mutant);
    if (caught === undefined) survivors++;
    const how = caught === undefined ? "" : ` (${caught})`;
    process.stdout.write(`${caught === undefined ? "SURVIVES" : "caught"}: ${mutant.name}${how}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
process.stdout.write(`${chosen.length} planted bugs, ${survivors} not noticed (${seconds} s)\n`);
process.exitCode = survivors > 0 || chosen.length === 0 ? 1 : 0;

/** Returns what notices the patches; undefined where nothing does. */
function catches({ patches, noticedBy }: Mutant): string | undefined {
  const before = new Map<string, string>();
  for (const { file, from, to } of patches) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (!before.has(path)) before.set(path, text);
    if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  try {
    return noticed(noticedBy);
  } finally {
    for (const [path, text] of before) writeFileSync(path, text);
  }
}

/** Returns which check or test fails on the copy; undefined where all hold. */
function noticed(by: Noticing): string | undefined {
  const program = by.program === undefined ? [] : ["--program", by.program];
  const simulation = ["--import", "tsx", "scripts/sim.ts", "--seeds", seeds, "--first", ...program];
  const tests = ["node_modules/mocha/bin/mocha.js", "--bail", "--exit", by.file ?? ""];
  const argv = by.kind === "tests" ? tests : simulation;
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    ...{ cwd: folder, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } },
  });
  if (values.verbose === true) process.stdout.write(stdout);
  if (status === 0) return undefined;
  const pattern = by.kind === "tests" ? /^ *1\) (.*)$/m : /^(.*?): violation of ([\w-]+)/m;
  const found = pattern.exec(stdout)?.slice(1).join(", ");
  if (status !== 1 || found === undefined)
    throw new Error(`what is to notice a bug does not run:\n${stdout}\n${stderr}`);
  return found;
}
