// Planted bugs: each is a patch on a copy of the sources, and the simulation has to notice it.
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

/** A bug: in each of the files one text takes the place of another, which is there once. */
type Mutant = { readonly name: string; readonly patches: readonly Patch[] };
type Patch = { readonly file: string; readonly from: string; readonly to: string };

const node = "src/transducer/node.ts";
const link = "src/transducer/link.ts";
const shared = "src/transducer/shared.ts";
const seals = "src/transducer/seals.ts";

const mutants: readonly Mutant[] = [
  mutant("take a batch twice", [
    node,
    "if (batch.from === next && batch.origin !== this.origin) this.take(batch, []);",
    "if (batch.from <= next && batch.origin !== this.origin) this.take(batch, []);",
  ]),
  mutant("take a batch after a gap", [
    node,
    "if (batch.from === next && batch.origin !== this.origin) this.take(batch, []);",
    "if (batch.from >= next && batch.origin !== this.origin) this.take(batch, []);",
  ]),
  mutant(
    "take a batch after a gap, and think nothing of it",
    [
      node,
      "if (batch.from === next && batch.origin !== this.origin) this.take(batch, []);",
      "if (batch.from >= next && batch.origin !== this.origin) this.take(batch, []);",
    ],
    [shared, "from === this.of(origin) + 1,", "from > this.of(origin),"],
  ),
  mutant("take messages twice", [
    node,
    "const fresh = facts.slice(number + 1 - from);",
    "const fresh = facts;",
  ]),
  mutant("take messages after a gap", [
    node,
    "if (from > number + 1 || fresh.length === 0) {",
    "if (fresh.length === 0) {",
  ]),
  mutant("take messages of an earlier life", [
    node,
    "incarnationOf(origin) < incarnationOf(before.origin)",
    "incarnationOf(origin) > incarnationOf(before.origin)",
  ]),
  mutant("forget the outbox when connecting", [
    link,
    "    this.connected = true;",
    "    this.connected = true;\n    this.acknowledged += this.outbox.splice(0).length;",
  ]),
  mutant("forget the outbox when a connection breaks", [
    link,
    "    this.connected = false;",
    "    this.connected = false;\n    this.outbox = [];",
  ]),
  mutant("send no batches again", [
    link,
    "    this.progressMs = nowMs;\n    this.sentUpTo = new Map(this.peerHolds);\n",
    "    this.progressMs = nowMs;\n",
  ]),
  mutant("send no messages again", [
    link,
    "    this.sentMessages = this.acknowledged;\n  }\n\n  /** Returns the frames",
    "  }\n\n  /** Returns the frames",
  ]),
  mutant("trust what a peer once held, though it has an old log now", [
    link,
    "    this.peerHolds = new Map(holds);\n    this.sentUpTo = new Map(holds);\n",
    "",
  ]),
  mutant("greet once", [node, "if (link.up && !link.ready) this.greet(link.peer, true);", ""]),
  mutant("accept before it is durable", [
    node,
    "    this.take(batch, [this.accept(batch, request)]);",
    "    this.out.accepted.push(this.accept(batch, request));\n    this.take(batch, []);",
  ]),
  mutant("accept a repeated request before it is durable", [
    node,
    "this.waiting.push({ ...nothing, count: this.recordCount, accepted: [known] });",
    "this.out.accepted.push(known);",
  ]),
  mutant("tell everything before it is durable", [
    node,
    "const ready = this.waiting.findIndex(({ count }) => count > this.persistedCount);",
    "const ready = -1;",
  ]),
  mutant("release before persistence", [
    node,
    "    this.waiting.push({ ...waiting, count: this.recordCount });\n",
    "    this.waiting.push({ ...waiting, count: this.recordCount });\n    this.persistedCount++;\n    this.release();\n",
  ]),
  mutant("acknowledge messages before they are durable", [
    node,
    "    this.received.set(peer, heard);\n    const { sent, changes } = this.deliver(fresh);",
    "    this.received.set(peer, heard);\n    this.heard.set(peer, heard);\n    const { sent, changes } = this.deliver(fresh);",
  ]),
  mutant("send batches before they are durable", [
    node,
    "    this.shared.add(batch);\n    for",
    "    this.shared.add(batch);\n    this.durable.set(batch.origin, lastOf(batch));\n    for",
  ]),
  mutant("use an incarnation again", [
    node,
    "this.origin = `${options.name}/${options.incarnation}`;",
    "this.origin = `${options.name}/1`;",
  ]),
  mutant("make a request new each time", [
    node,
    "    if (known === undefined) return false;",
    "    if (known === undefined || known.from > 0) return false;",
  ]),
  mutant("forget requests in a crash", [
    node,
    "if (own && batch.request !== undefined) this.accept(batch, batch.request);",
    'if (own && batch.request === undefined) this.accept(batch, "");',
  ]),
  mutant("forget what was heard in a crash", [
    node,
    "      this.heard.set(peer, heard);\n      this.post",
    "      this.post",
  ]),
  mutant("forget what to send in a crash", [
    node,
    "      this.post(this.deliver(facts).sent);",
    "      this.deliver(facts);",
  ]),
  mutant("forget in a crash what it holds", [
    node,
    "      this.durable.set(batch.origin, lastOf(batch));\n      const own",
    "      const own",
  ]),
  mutant("deliver events together", [
    node,
    "return end === at && at < facts.length ? 1 : end - at;",
    "return facts.length - at;",
  ]),
  mutant("keep what goes to oneself", [
    node,
    "if (to === name) this.toSelf.push(fact);",
    "if (to === name) continue;",
  ]),
  mutant("take a seal for all there is", [
    seals,
    "[...lives].every(([origin, count]) => (holds.get(origin) ?? 0) >= count)",
    "[...lives].every(([origin]) => holds.has(origin))",
  ]),
  mutant("wait for the seal of one member", [
    seals,
    "return this.sealing.members.every((member) => {",
    "return this.sealing.members.some((member) => {",
  ]),
  mutant("seal without what was accepted in earlier lives", [
    node,
    "filter(([origin]) => nameOf(origin) === name)",
    "filter(([origin]) => origin === this.origin)",
  ]),
  mutant("forget what was withheld", [
    "src/transducer/withheld.ts",
    "const withheld = this.received.splice(0);",
    "const withheld = this.received.splice(-1);",
  ]),
  mutant("stop when heartbeats are used up", [
    node,
    "    if (!this.restless || this.awaiting) return;",
    "    if (nowMs >= 0) return;",
  ]),
];

const { values } = parseArgs({
  options: { only: { type: "string" }, seeds: { type: "string" }, verbose: { type: "boolean" } },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const copied = ["package.json", "tsconfig.json", "src", "scripts", "programs", "test/support"];
const seeds = values.seeds ?? "2000";
const folder = mkdtempSync(join(tmpdir(), "calm-mutants-"));
const chosen = mutants.filter(({ name }) => name.includes(values.only ?? ""));
let survivors = 0;
try {
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { name, patches } of chosen) {
    const caught = catches(patches);
    if (caught === undefined) survivors++;
    process.stdout.write(
      `${caught === undefined ? "SURVIVES" : "caught"}: ${name}${caught ?? ""}\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length} planted bugs, ${survivors} not noticed\n`);
process.exitCode = survivors > 0 || chosen.length === 0 ? 1 : 0;

/** Returns by which check the simulation notices the patches; undefined where it does not. */
function catches(patches: readonly Patch[]): string | undefined {
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
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/sim.ts", "--seeds", seeds, "--first"],
    { cwd: folder, encoding: "utf8" },
  );
  for (const [path, text] of before) writeFileSync(path, text);
  if (values.verbose === true) process.stdout.write(stdout);
  if (status === 0) return undefined;
  const [line = ""] = stdout.split("\n").filter((some) => some.includes("violation of"));
  if (status !== 1 || line === "") throw new Error(`the simulation does not run:\n${stderr}`);
  return ` (${/^(.*?): violation of ([\w-]+)/.exec(line)?.slice(1).join(", ") ?? ""})`;
}

function mutant(name: string, ...patches: readonly [string, string, string][]): Mutant {
  return { name, patches: patches.map(([file, from, to]) => ({ file, from, to })) };
}
