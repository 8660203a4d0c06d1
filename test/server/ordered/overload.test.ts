// A node that is asked for more than it may hold while its log stands still.
import { expect } from "chai";

import { until } from "../../support/cluster.ts";
import { project } from "../../programs/folder.ts";
import { Plane, transact } from "./planes.ts";

const requests = 30;
/** So many of them are more than 64 MiB (`pendingBytes`). */
const long = "x".repeat(2_900_000);

describe("an ordered plane that is asked for too much", function () {
  this.timeout(180_000);
  let plane: Plane;
  before(async () => {
    plane = new Plane({ program: `${project}/programs/bank.dl`, replicas: 2 });
    await plane.start();
  });
  after(() => plane.close());

  it("says so, and when to come again, and loses nothing that it took", async () => {
    const [log, node] = [plane.at(0, 0), plane.at(1, 0)];
    const sent = async (at: number): Promise<[number, string | null]> => {
      const response = await fetch(`${node.url}/v1/transactions/close`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": `k${at}` },
        body: JSON.stringify({ args: [`${long}${at}`] }),
      });
      await response.arrayBuffer();
      return [response.status, response.headers.get("retry-after")];
    };
    await log.halt();
    const refused: [number, string | null][] = [];
    const answers: Promise<[number, string | null]>[] = [];
    try {
      for (let at = 0; at < requests; at++) {
        const answer = sent(at);
        answers.push(answer);
        void answer.then((of) => of[0] === 429 && refused.push(of));
      }
      await until("some are refused", Date.now() + 60_000, () =>
        Promise.resolve(refused.length > 0),
      );
    } finally {
      log.signal("SIGCONT");
    }
    for (const [, after] of refused) expect(Number(after)).to.be.greaterThan(0);
    for (const [status, after] of await Promise.all(answers)) {
      expect(status).to.be.oneOf([409, 429, 503]);
      if (status !== 409) expect(Number(after)).to.be.greaterThan(0);
    }
    // Each has an end, also where nobody was told of it.
    for (let at = 0; at < requests; at++)
      await until(`k${at} has ended`, Date.now() + 60_000, async () => (await sent(at))[0] === 409);
    expect((await transact(log, "transfer", ["ada", "ben", 1])).status).to.equal(200);
    await plane.settled();
  });
});
