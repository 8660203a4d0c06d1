// Transactions that are longer than records of the log: what a majority holds is carried out once,
// whoever of them is killed, and is let go when nobody needs it.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { inFolder } from "../../programs/calm.ts";
import { type ClusterNode, until } from "../../support/cluster.ts";
import { type Answered, asked, Plane, statusOf, transact } from "./planes.ts";

const program = `
.decl note(id: number, text: symbol) ordered(id)
.transaction write(id: number, text: symbol) {
  abort("written already") :- note(id, _).
  +note(id, text).
}
.decl size(id: number, length: number)
.calm ordered size "of one moment"
size(id, strlen(text)) :- note(id, text).
`;

/** More than half a record has. */
const length = 600 << 10;

describe("transactions that are longer than records", function () {
  this.timeout(120_000);

  it("are carried out once, although who took them is killed, and although one was away", () =>
    inFolder(async (folder) => {
      const path = join(folder, "notes.dl");
      writeFileSync(path, program);
      const plane = new Plane({ program: path, replicas: 3 });
      try {
        await plane.start();
        const [first, taker, other] = [plane.at(0, 0), plane.at(1, 0), plane.at(2, 0)];
        const write = (node: ClusterNode, id: number): Promise<Answered> =>
          transact(node, "write", [id, String(id).padEnd(length, "x")], `write-${id}`);

        // It is killed ever later on its way.
        for (let id = 0; id < 6; id++) {
          const lost = write(taker, id).catch(() => undefined);
          for (let asks = 0; asks < id * 3; asks++) await statusOf(other);
          await taker.kill();
          await lost;
          let answer: Answered | undefined;
          await until("it is carried out", Date.now() + 100_000, async () => {
            answer = await write(other, id);
            return answer.status < 429;
          });
          expect(answer?.body, `note ${id}`).to.include({ status: "done", inserted: 1 });
          await taker.start();
          const again = await write(taker, id);
          expect(again.body, `note ${id}, again`).to.deep.equal(answer?.body);
        }

        // Who was away asks for what it has missed.
        await taker.kill();
        expect((await write(other, 100)).status).to.equal(200);
        await taker.start();
        const { log } = await statusOf(first);
        await plane.settled(log.tail);
        for (const node of plane.nodes) {
          const { body } = await asked(node, "/v1/query?goal=size(I,L)");
          const sizes = (body["tuples"] as [number, number][]).toSorted(([a], [b]) => a - b);
          const wanted = [0, 1, 2, 3, 4, 5, 100].map((id) => [id, length]);
          expect(sizes, node.name).to.deep.equal(wanted);
        }

        // Once all come back from checkpoints behind them the batches are let go.
        const kept = (node: ClusterNode): string[] =>
          readdirSync(join(plane.folder, node.name, "batches")).filter((name) => name !== "format");
        expect(kept(first)).to.have.length.greaterThan(0);
        // What a life that was killed has left is known to be over by what the next one logs.
        for (const [at, node] of plane.nodes.entries())
          expect((await transact(node, "write", [200 + at, "short"])).status).to.equal(200);
        await plane.settled();
        await until("long batches are let go", Date.now() + 100_000, async () => {
          for (const node of plane.nodes)
            await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
          return plane.nodes.every((node) => kept(node).length === 0);
        });
      } finally {
        await plane.close();
      }
    }));
});
