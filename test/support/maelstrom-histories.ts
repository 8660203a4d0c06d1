// What clients of nodes of Maelstrom ask for while the network is bad and nodes are killed, and what
// they are told.
import { join } from "node:path";

import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { inFolder } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";
import { builtCommand } from "./built-command.ts";
import { type Body, type Faults, Workbench } from "./maelstrom-nodes.ts";

/** What chance begins with. */
export const seed = Number(process.env["SEED"] ?? "1");
/** The nodes. */
export const names: readonly string[] = ["n1", "n2", "n3"];
const rough: Faults = { delayMs: 15, loss: 0.1, duplication: 0.1 };

/** A request of a client, and what came of it: no reply leaves it open whether it was done. */
export type Done = {
  readonly client: string;
  readonly node: string;
  readonly body: Body;
  readonly reply: Body | undefined;
  /** When it was asked for, and when the reply came: the order of these is that of time. */
  readonly from: number;
  readonly to: number;
};

/** A workload: what clients ask for, and what there is to see at the end. */
export type Workload = {
  readonly program: string;
  readonly requests: number;
  readonly request: (at: number, random: Random) => Body;
  /** Whether faults are cuts and crashes, too. */
  readonly crashes: boolean;
  /** Whether nodes keep what they know. */
  readonly kept: boolean;
};

/** Runs a workload: clients, each of which waits for its reply; now and then a cut, or a crash. */
export async function history(
  { program, requests, request, crashes, kept }: Workload,
  check: (done: readonly Done[], bench: Workbench) => Promise<void> | void,
): Promise<void> {
  await inFolder(async (data) => {
    const chance = random(seed);
    const command = builtCommand();
    const path = join(project, "programs", "maelstrom", program);
    const options = { command, program: path, names, ...(kept && { data }), faults: rough };
    const bench = new Workbench({ ...options, random: random(seed + 1) });
    try {
      await Promise.all(names.map((name) => bench.start(name)));
      const topology = Object.fromEntries(names.map((name) => [name, names]));
      for (const name of names)
        expect(await bench.request("c1", name, { type: "topology", topology })).to.include({
          type: "topology_ok",
        });
      const done: Done[] = [];
      let next = 0;
      let clock = 0;
      const client = async (thread: string): Promise<void> => {
        let name = thread;
        while (next < requests) {
          const at = next++;
          const body = request(at, chance);
          const node = chance.pick(bench.living);
          if (crashes && at % 40 === 20) await fault(bench, chance);
          const from = ++clock;
          const reply = await bench.request(name, node, body, 1_000);
          done.push({ client: name, node, body, reply, from, to: ++clock });
          // Who does not know whether something was done does nothing after it.
          if (reply === undefined) name = `${thread}-${at}`;
        }
      };
      await Promise.all(["c1", "c2", "c3", "c4"].map(client));
      bench.calm();
      expect(bench.complaints).to.deep.equal([]);
      await check(done, bench);
      expect(await bench.stop()).to.deep.equal(names.map(() => 0));
      expect(bench.complaints).to.deep.equal([]);
      const { counts } = bench;
      if (crashes) for (const of of Object.values(counts)) expect(of).to.be.greaterThan(0);
    } finally {
      for (const name of bench.living) await bench.kill(name);
    }
  });
}

/** Ends the faults of before, and makes another one: a node that is cut off, or hears and is not
 * heard; or one that is killed and comes back. */
async function fault(bench: Workbench, chance: Random): Promise<void> {
  bench.heal();
  const [one = "", ...others] = chance.shuffled(names);
  const oneWay = chance.chance(0.5);
  for (const other of others) {
    bench.cut(one, other);
    if (!oneWay) bench.cut(other, one);
  }
  if (bench.living.length < names.length) return;
  const killed = chance.pick(names);
  await bench.kill(killed);
  await bench.start(killed);
}
