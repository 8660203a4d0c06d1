// Planted bugs in what keeps a node's log and speaks to its peers: tests have to notice them.
import { type Mutant, tested } from "./mutant.ts";

const log = "test/runtime/node/log.test.ts";
const crash = "test/runtime/node/log-crash.test.ts";
const signing = "test/runtime/node/signing.test.ts";
const transport = "test/runtime/node/transport.test.ts";
const compacting = "test/runtime/node/compaction.test.ts";
const frames = "test/runtime/frame-bytes.test.ts";

const appending = "src/runtime/node/appending-log.ts";
const recovery = "src/runtime/node/log-recovery.ts";
const segment = "src/runtime/node/segment.ts";
const opening = "src/runtime/node/open-log.ts";
const signatures = "src/runtime/node/signing.ts";
const handshake = "src/runtime/node/handshake.ts";
const peers = "src/runtime/node/connect-peers.ts";

/** Bugs below the simulated network: on the disk and on the wire. */
export const runtimeMutants: readonly Mutant[] = [
  tested(signing, "skip the signature check", [
    signatures,
    "    if (!verified(signed, bytes.subarray(publicKeyBytes, headBytes), publicKey)) return undefined;\n",
    "",
  ]),
  tested(
    signing,
    "take any key for a node that is known",
    [signatures, "    if (pinned !== undefined && pinned !== key) return undefined;\n", ""],
    [signatures, `return pinned === right?.key ? "right" : "wrong";`, `return "right";`],
  ),
  tested(signing, "remember a batch to be right by its signature alone", [
    signatures,
    `if (!hashes.every((hash) => right?.hashes.has(hash) === true)) return "wrong";`,
    `if (right === undefined) return "wrong";`,
  ]),
  tested(signing, "sign batches of all clusters alike", [
    signatures,
    "  sink.text(cluster);\n",
    "",
  ]),
  tested(transport, "skip the proof of the token", [
    handshake,
    "if (given.length !== expected.length || !timingSafeEqual(given, expected))",
    "if (given.length !== expected.length || !timingSafeEqual(given, given))",
  ]),
  tested(signing, "skip the proof of the key", [
    handshake,
    `  return verified(bytes, signed, Buffer.from(key, "base64"))\n`,
    "  return signed.length >= 0\n",
  ]),
  tested(transport, "let nodes of another program in", [
    handshake,
    "if (other.program !== own.program)",
    "if (other.program.length !== own.program.length)",
  ]),
  tested(transport, "let a node speak for another", [
    peers,
    "if (nameOf(origin) !== node || incarnationOf(origin) !== incarnation) {",
    "if (incarnationOf(origin) < 0) {",
  ]),
  tested(frames, "take in facts of any relation", [
    "src/runtime/fact-bytes.ts",
    'throw new WireError("malformed", `relation ${relation} does not travel`);',
    "return [];",
  ]),
  tested(log, "acknowledge before the disk has it", [
    appending,
    'if (this.policy === "always" || this.syncDue) await this.sync(open);',
    "if (this.syncDue) await this.sync(open);",
  ]),
  tested(crash, "make a file known before it is", [
    appending,
    "    await files.syncFolder(folder);\n    if (before",
    "    if (before",
  ]),
  tested(log, "begin the next file before the last is durable", [
    appending,
    "      await this.sync(before);\n      this.open = undefined;",
    "      this.open = undefined;",
  ]),
  tested(log, "skip the repair of a torn end", [
    recovery,
    "const closed = tail ? await closeSegment(files, path, reader, bytesRead) : offset;",
    "const closed = offset;",
  ]),
  tested(log, "cut off what is damaged as if it were a torn end", [
    recovery,
    "if (broken === undefined || (tail && !broken.durable)) {",
    "if (broken === undefined || tail) {",
  ]),
  tested(log, "give back what a killed process wrote before the disk has it", [
    "src/runtime/node/closed-segment.ts",
    "  await files.truncate(path, offset);\n",
    "  if (offset === bytes.length) return offset;\n",
  ]),
  tested(log, "leave the end of a log that was cut off without a mark", [
    "src/runtime/node/closed-segment.ts",
    "  if (marked) return offset;\n",
    "  if (offset > 0) return offset;\n",
  ]),
  tested(log, "skip the checksum", [
    segment,
    `return right ? payload : "a checksum does not fit";`,
    "return right ? payload : payload;",
  ]),
  tested(log, "use an incarnation again after a copy is put back", [
    opening,
    "return Math.max(before + 1, byClock);",
    "return Math.min(before + 1, byClock);",
  ]),
  tested(compacting, "forget in compaction what was heard last", [
    "src/runtime/node/compaction.ts",
    "    return [...known, ...this.heard.values()];",
    "    return known;",
  ]),
  tested(compacting, "leave out events that came before", [
    "src/runtime/node/compaction.ts",
    "      if (this.kept[fact.relation] !== true) return true;\n",
    "",
  ]),
];
