// `npm run bench -- reclaim`, or `node --expose-gc --import tsx bench/reclaim.ts`: memory while ten
// million distinct symbols of 100 bytes come and go, with what follows from each by a rule. Once a
// thousand at a time, and once a million at a time, so that the peak is that of a million. Fails
// where a database, or the process, ends with more than 1.5 times what it had after the first
// million.
import { Engine } from "../src/library/engine.ts";

const symbols = 10_000_000;
const sample = symbols / 10;
const timesMax = 1.5;
const program = `.decl item(name: symbol)
.decl known(name: symbol, length: number)
known(name, strlen(name)) :- item(name).`;
const padding = "x".repeat(90);

type Sample = { readonly database: number; readonly process: number };

const missed: string[] = [];
for (const atOnce of [1_000, sample]) {
  const database = Engine.compile(program).open();
  const samples: Sample[] = [];
  const started = process.cpuUsage();
  console.log(`${atOnce.toLocaleString("en")} at a time
   symbols  database MB  process MB`);
  for (let from = 0; from < symbols; from += atOnce) {
    const rows = Array.from({ length: atOnce }, (_, at) => [nameOf(from + at)]);
    database.insert("item", rows);
    database.run();
    if (database.size("known") !== atOnce) throw new Error("what follows is not there");
    // At its fullest, as that is what the memory has to be enough for.
    if ((from + atOnce) % sample === 0) samples.push(sampled(from + atOnce, database.memoryBytes));
    database.remove("item", rows);
    database.run();
    if (database.size("known") !== 0) throw new Error("what followed is there still");
  }
  const { user, system } = process.cpuUsage(started);
  const each = (user + system) / symbols;
  console.log(`${each.toFixed(2)} us of the processor for one that comes and goes\n`);
  for (const of of ["database", "process"] as const) {
    const times = (samples.at(-1)?.[of] ?? 0) / (samples[0]?.[of] ?? 0);
    if (!(times <= timesMax)) missed.push(`${of}, ${atOnce} at a time: ${times.toFixed(2)} times`);
  }
}
if (missed.length > 0) throw new Error(`more memory than after the first: ${missed.join("; ")}`);

/** A symbol of 100 bytes. */
function nameOf(at: number): string {
  return `${String(at).padStart(10, "0")}${padding}`;
}

function sampled(count: number, database: number): Sample {
  // What the collector has not looked at yet says nothing.
  globalThis.gc?.();
  const { rss } = process.memoryUsage();
  const cells = [count.toLocaleString("en"), ...[database, rss].map((of) => megabytes(of))];
  console.log(cells.map((cell, at) => cell.padStart(at === 0 ? 10 : 12)).join(""));
  return { database, process: rss };
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
