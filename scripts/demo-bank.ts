// npm run demo:bank: a bank on four processes, two partitions in two replicas, takes transfers at all
// of them while a node is killed and comes back from its checkpoint and the log, and another one is
// stopped while the other replica goes on. The sum of all accounts is the same at every audit, and
// in the end all replicas have one hash. Exits with 1 otherwise.
import { join } from "node:path";

import { random } from "../src/base/random.ts";
import { OrderedClient, TransactionUnknown } from "../src/client/ordered-client.ts";
import { NodeClient } from "../src/client/node-client.ts";
import { Partitions } from "../src/calvin/partitions.ts";
import { project } from "../test/programs/folder.ts";
import { Plane, statusOf } from "../test/server/ordered/planes.ts";
import { until } from "../test/support/cluster.ts";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

const startMs = Date.now();
const deadlineMs = startMs + 110_000;
const seed = Number(process.env["SEED"] ?? "1");

const accounts = ["ada", "ben", "cho", "dan", "eve", "fay", "gus", "hal"];

/** What the text of the program gives its accounts. */
const cents = 12_500;

const tellers = 8;

function say(text: string): void {
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** What tellers were told. */
type Counts = { done: number; aborted: number; remote: number; audits: number };

/** The accounts by the partition that has their rows. */
const places = new Partitions(2, [[0]]);

function partitionOf(account: string): number {
  return places.of({ relation: 0, values: [account] });
}

/** Draws a transfer or a loan. */
function drawn(from: ReturnType<typeof random>): readonly [string, readonly (string | number)[]] {
  const [one = "", other = "", third = ""] = from.shuffled(accounts);
  const sum = from.between(1, 30) * 10;
  return from.chance(0.4) ? ["lend", [one, other, third, sum]] : ["transfer", [one, other, sum]];
}

/** Moves money from account to account until it is told to end; what nobody answers is asked for
 * again under the same id, at the next node. */
async function tell(at: number, plane: Plane, counts: Counts, ends: AbortSignal): Promise<void> {
  const chance = random(seed * 100 + at);
  const urls = plane.nodes.map(({ url }) => url);
  const own = [...urls.slice(at % urls.length), ...urls.slice(0, at % urls.length)];
  const bank = new OrderedClient(own, { callMs: 2_000, retry: { attemptsMax: 2, maxMs: 200 } });
  for (let number = 0; !ends.aborted; number++) {
    const [name, args] = drawn(chance);
    const id = `t${at}-${number}`;
    for (let ended = false; !ended;)
      try {
        const end = await bank.transaction(name, args, { id });
        ended = true;
        counts[end.status]++;
        const [from = "", to = "", surety = ""] = args.map(String);
        // The partition of the surety reads for one that carries the loan out alone.
        const one = partitionOf(from) === partitionOf(to);
        if (
          end.status === "done" &&
          name === "lend" &&
          one &&
          partitionOf(surety) !== partitionOf(to)
        )
          counts.remote++;
      } catch (error) {
        if (!(error instanceof TransactionUnknown) || Date.now() > deadlineMs) throw error;
      }
  }
}

/** Has all accounts added up, again and again; throws where the sum is another one. */
async function audit(plane: Plane, counts: Counts, ends: AbortSignal): Promise<void> {
  const node = plane.at(0, 0);
  const client = new NodeClient(node.url);
  for (let number = 0; !ends.aborted; number++) {
    const id = `audit-${number}`;
    const end = await client.transaction("audit", [id], { id });
    if (end.status !== "done") throw new Error(`an audit aborted: ${end.reason}`);
    // What transactions insert comes to all nodes as facts do.
    await until("the audit is there", deadlineMs, async () => {
      const { tuples } = await client.query(`audited("${id}", Cents)`);
      const [tuple] = tuples;
      if (tuple === undefined) return false;
      const [sum] = tuple;
      if (sum !== cents) throw new Error(`${id}: the sum is ${Number(sum)}`);
      return true;
    });
    counts.audits++;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Lets tellers transfer until so many more are done. */
type More = (what: string, count: number) => Promise<void>;

async function killOne(plane: Plane, more: More): Promise<void> {
  const killed = plane.at(1, 0);
  await until("r1p0 has a checkpoint", deadlineMs, async () => {
    const { checkpoint = 0 } = await statusOf(killed);
    return checkpoint > 0;
  });
  const { checkpoint = 0 } = await statusOf(killed);
  await killed.kill();
  say(`kill -9 r1p0, whose checkpoint is of epoch ${checkpoint}`);
  await more("tellers transfer while r1p0 is away", 120);
  const { log } = await statusOf(plane.at(0, 0));
  await killed.start();
  await until("r1p0 has caught up", deadlineMs, async () => {
    const { completed } = await statusOf(killed);
    return completed.epoch >= log.tail;
  });
  say(`r1p0 is back, from its checkpoint and the log, which had come to epoch ${log.tail}`);
}

async function stopOne(plane: Plane, more: More): Promise<void> {
  const [stopped, beside, other] = [plane.at(1, 1), plane.at(1, 0), plane.at(0, 1)];
  stopped.signal("SIGSTOP");
  say("r1p1 is stopped");
  const epochs = async (): Promise<readonly [number, number]> => [
    (await statusOf(other)).completed.epoch,
    (await statusOf(beside)).completed.epoch,
  ];
  const [other0, beside0] = await epochs();
  await more("tellers transfer while r1p1 is stopped", 120);
  const [other1, beside1] = await epochs();
  say(
    `meanwhile r0p1 went on from epoch ${other0} to ${other1}, r1p0 from ${beside0} to ${beside1}`,
  );
  stopped.signal("SIGCONT");
  say("r1p1 goes on");
  await more("tellers transfer after that", 120);
}

async function demo(): Promise<void> {
  const plane = new Plane({
    ...{ program: join(project, "programs", "bank.dl"), partitions: 2, replicas: 2 },
    settings: ["--checkpoint-interval", "1"],
  });
  const ends = new AbortController();
  const counts: Counts = { done: 0, aborted: 0, remote: 0, audits: 0 };
  const more: More = async (what, count) => {
    const wanted = counts.done + count;
    await until(what, deadlineMs, () => Promise.resolve(counts.done >= wanted));
  };
  try {
    await plane.start();
    say("two partitions of two replicas listen: r0p0, r0p1, r1p0, r1p1; r0p0 keeps the log");
    const opening = new OrderedClient(plane.nodes.map(({ url }) => url));
    for (const account of accounts) await opening.transaction("open", [account]);
    const [first, second] = [0, 1].map((partition) =>
      accounts.filter((account) => partitionOf(account) === partition).join(", "),
    );
    say(`partition 0 has ${first ?? ""}; partition 1 has ${second ?? ""}`);
    const working = Promise.all([
      ...Array.from({ length: tellers }, (_, at) => tell(at, plane, counts, ends.signal)),
      audit(plane, counts, ends.signal),
    ]);
    const scenario = async (): Promise<void> => {
      await more("tellers transfer", 120);
      say(`${tellers} tellers transfer and lend`);
      await killOne(plane, more);
      await stopOne(plane, more);
      ends.abort();
    };
    // Who fails ends all; who is done has been told to end.
    await Promise.all([scenario(), working]);
    const hashes = await plane.settled();
    const { done, aborted, remote, audits } = counts;
    say(`${done} transfers and loans are done, ${aborted} have aborted`);
    say(`${remote} loans had a surety of the partition that did not carry them out`);
    if (remote === 0) throw new Error("no loan had a remote surety");
    say(`${audits} audits: the sum is ${cents} at each`);
    const hashesText = [...hashes].map(([partition, hash]) => `p${partition} ${hash}`).join(", ");
    say(`all replicas have one hash: ${hashesText}`);
    const codes = await Promise.all(plane.nodes.map((node) => node.stop()));
    if (codes.some((code) => code !== 0)) throw new Error(`exit codes: ${codes.join(", ")}`);
  } finally {
    ends.abort();
    for (const node of plane.nodes) node.signal("SIGCONT");
    await plane.close();
  }
}

try {
  await demo();
  say("done: nothing was lost and nothing made");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // What waits for what does not come any more is of no use.
  process.exit(1);
}
