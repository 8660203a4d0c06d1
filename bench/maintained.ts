// One fact at a time for a database of millions of derived tuples, beside an evaluation of all of
// them; in one process, as that is how facts come. Fails where a fact costs more than a thousandth
// of the evaluation.
import { readFileSync } from "node:fs";
import { compile } from "../src/compile.ts";
import { Database } from "../src/engine/database.ts";
import { Maintained } from "../src/engine/maintained.ts";
import { random } from "../src/base/random.ts";
import { median } from "./measure.ts";

const [file = ""] = process.argv.slice(2);
const [vertices, edges, deliveries] = [400_000, 352_000, 2_000];

const { compiled } = compile(readFileSync(file, "utf8"));
if (compiled === undefined) throw new Error(`${file} does not compile`);
const { plan } = compiled;
const database = new Database(plan);
const maintained = new Maintained(plan, database);
const [edge, path] = ["edge", "path"].map((name) =>
  plan.relations.findIndex((relation) => relation.name === name),
);
if (edge === undefined || path === undefined) throw new Error("there are edges and paths");

const next = random(11);
const vertex = (): number => database.values.ofInteger(next.below(vertices));
for (let at = 0; at < edges; at++) maintained.insert(edge, [vertex(), vertex()]);
const whole = ran();
const derived = database.relations[path]?.size ?? 0;

const first = deliver();
const each = Array.from({ length: deliveries }, deliver);
const total = each.reduce((sum, { ms }) => sum + ms, 0);
const mean = total / deliveries;
const tuples = (database.relations[path]?.size ?? 0) - derived;
const shown = (ms: number): string => `${ms.toFixed(3)} ms, 1/${Math.round(whole / ms)}`;
console.log(`closure of a sparse graph: ${derived.toLocaleString("en")} tuples
evaluation        ${whole.toFixed(0)} ms
first edge more   ${shown(first.ms)}, makes indexes
later ones: mean  ${shown(mean)}, ${(tuples / deliveries).toFixed(0)} new tuples each
  median          ${shown(median(each.map(({ ms }) => ms)))}
  slowest         ${shown(Math.max(...each.map(({ ms }) => ms)))}
`);
if (derived < 1e6) throw new Error("fewer than a million derived tuples");
if (mean * 1000 > whole) throw new Error("a fact costs more than a thousandth of an evaluation");

function deliver(): { readonly ms: number } {
  maintained.insert(edge ?? 0, [vertex(), vertex()]);
  return { ms: ran() };
}

/** How long a run takes, in milliseconds. */
function ran(): number {
  const start = performance.now();
  const { evaluation } = maintained.run();
  if (!evaluation.complete) throw new Error("a run is not complete");
  return performance.now() - start;
}
