// `npm run bench:startup`: how long the built command takes to start, as a multiple of what Node
// itself takes, and how long it takes from the text of 34 rules to tuples of theirs: the whole
// process, as somebody waits for it. The runs are interleaved, so that a busy moment of the machine
// hits all alike. With `--assert` it also fails where the tuples take longer than is asked.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptOptions } from "./script-options.mjs";

const { values } = scriptOptions({ options: { assert: { type: "boolean", default: false } } });
const calm = fileURLToPath(new URL("../dist/bin/calm.cjs", import.meta.url));
const program = fileURLToPath(new URL("startup.dl", import.meta.url));
const rules = fileURLToPath(new URL("../bench/programs/souffle/doop.dl", import.meta.url));
const facts = mkdtempSync(join(tmpdir(), "calmdb-startup-"));
process.once("exit", () => rmSync(facts, { recursive: true, force: true }));
writeFacts(rules, facts);
const rounds = 31;

const commands = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "calm --version", args: [calm, "--version"], ratioMax: 1.6 },
  {
    name: "calm check (20 lines)",
    args: [calm, "check", "--level", "ordered", program],
    ratioMax: 2.5,
  },
  { name: "calm run (20 lines)", args: [calm, "run", program] },
  { name: "calm run (34 rules)", args: [calm, "run", "--no-warn", rules, "-F", facts], msMax: 100 },
];

/** Writes one tuple for each relation that `file` reads, from which nearly all of its rules derive one. */
function writeFacts(file, folder) {
  const text = readFileSync(file, "utf8");
  for (const [, relation] of text.matchAll(/^\.input (\w+)/gm)) {
    const [, attributes] = new RegExp(`^\\.decl ${relation}\\((.*)\\)`, "m").exec(text);
    const tuple = attributes.split(",").map(() => 1);
    writeFileSync(join(folder, `${relation}.facts`), `${tuple.join("\t")}\n`);
  }
}

// Certificates that Node is told to read at its start take as long as all else that it starts with.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const times = commands.map(() => []);
for (let round = 0; round < rounds; round++) {
  for (const [at, { name, args }] of commands.entries()) {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { env });
    times[at].push(performance.now() - startMs);
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  }
}

const medians = times.map((ms) => ms.toSorted((a, b) => a - b)[rounds >> 1]);
let met = true;
for (const [at, { name, ratioMax, msMax }] of commands.entries()) {
  const ms = medians[at];
  const ratio = ms / medians[0];
  const wanted = [
    ...(ratioMax === undefined ? [] : [`, at most ${ratioMax.toFixed(1)} x wanted`]),
    ...(msMax === undefined ? [] : [`, at most ${msMax} ms wanted`]),
  ];
  console.log(
    `${name.padEnd(24)} ${ms.toFixed(1).padStart(7)} ms  ${ratio.toFixed(2)} x${wanted.join("")}`,
  );
  met &&= ratioMax === undefined || ratio <= ratioMax;
  met &&= msMax === undefined || !values.assert || ms <= msMax;
}
process.exit(met ? 0 : 1);
