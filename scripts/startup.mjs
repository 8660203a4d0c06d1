// `npm run bench:startup`: how long the built command takes to start, as a multiple of what Node
// itself takes. The runs are interleaved, so that a busy moment of the machine hits all alike.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const calm = fileURLToPath(new URL("../dist/bin/calm.cjs", import.meta.url));
const program = fileURLToPath(new URL("startup.dl", import.meta.url));
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
];

const times = commands.map(() => []);
for (let round = 0; round < rounds; round++) {
  for (const [at, { name, args }] of commands.entries()) {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args);
    times[at].push(performance.now() - startMs);
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  }
}

const [bareMs, ...medians] = times.map((ms) => ms.toSorted((a, b) => a - b)[rounds >> 1]);
let met = true;
for (const [at, { name, ratioMax }] of commands.entries()) {
  const ms = [bareMs, ...medians][at];
  const ratio = ms / bareMs;
  const bound = ratioMax === undefined ? "" : `, at most ${ratioMax.toFixed(1)} wanted`;
  console.log(`${name.padEnd(24)} ${ms.toFixed(1).padStart(7)} ms  ${ratio.toFixed(2)} x${bound}`);
  met &&= ratioMax === undefined || ratio <= ratioMax;
}
process.exit(met ? 0 : 1);
