// A node takes free facts, acknowledges them, and is gone at once with its disk: whether others have
// them or not, the ordered plane goes on.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { inFolder } from "../../programs/calm.ts";
import { insertSurely, until } from "../../support/cluster.ts";
import { Plane, statusOf, transact } from "./planes.ts";

const program = `
.decl noted(note: number)
.input noted
.decl counted(id: symbol, notes: number) ordered(id)
.transaction count_notes(id: symbol) {
  abort("counted already") :- counted(id, _).
  +counted(id, n) :- n = count : { noted(_) }.
}
.transaction seen(id: symbol, note: number) {
  abort("not seen") :- !noted(note).
}
`;

describe("an ordered plane that loses nodes with their disks", function () {
  this.timeout(120_000);

  it("goes on, whether others have what these have acknowledged or not", () =>
    inFolder(async (folder) => {
      const path = join(folder, "notes.dl");
      writeFileSync(path, program);
      const plane = new Plane({ program: path, replicas: 5 });
      try {
        await plane.start();
        // The log is with the first node. Three of five are a majority.
        const left = plane.nodes.slice(0, 3);
        for (const [at, lost] of plane.nodes.slice(3).entries()) {
          const facts = Array.from({ length: 50 }, (_, of) => [at * 50 + of]);
          await insertSurely(lost, "noted", facts, `facts-${at}`, Date.now() + 100_000);
          await lost.kill();
          rmSync(join(plane.folder, lost.name), { recursive: true });
          for (const node of left) {
            const counted = await transact(node, "count_notes", [`${at} ${node.name}`]);
            expect(counted.status).to.equal(200);
          }
        }
        // What others acknowledge is seen in the order before long.
        const [first, second] = left;
        if (first === undefined || second === undefined) return;
        await insertSurely(second, "noted", [[1_000]], "more", Date.now() + 100_000);
        const deadlineMs = Date.now() + 100_000;
        let tries = 0;
        await until("transactions see the fact", deadlineMs, async () => {
          const { status } = await transact(first, "seen", [`try ${++tries}`, 1_000]);
          return status === 200;
        });
        await plane.settled((await statusOf(first)).log.tail);
      } finally {
        await plane.close();
      }
    }));
});
