// When requests of a store are done: with a disk that says when it has finished.
import { expect } from "chai";

import { type PairRequest, PairRequests } from "../../../src/server/kv/pair-requests.ts";
import type { NodeService } from "../../../src/server/node-service.ts";

/** Requests on a store of which nothing can be read, and what they do with it. */
function requestsOn(busy: boolean) {
  const read: string[][] = [];
  const commits: (() => void)[] = [];
  const driver = {
    renewing: false,
    onCommit: (done: () => void) => {
      if (busy) commits.push(done);
      else done();
    },
    onDurable: (look: () => unknown, done: (found: unknown) => void) => {
      done(look());
    },
  };
  const requests = new PairRequests({
    service: { driver } as unknown as NodeService,
    relations: { put: 0, remove: 1 },
    limits: { togetherMax: 100, waitingMax: 3, gatheredMax: 6 },
    cellsAt: (pairs) => {
      read.push(pairs.map(({ k1 }) => k1));
      return pairs.map(() => undefined);
    },
    seenAt: () => new Map(),
  });
  const add = (k1: string): void => {
    const told = { done: () => undefined, failed: () => undefined };
    requests.add({ kind: "read", k1, k2: "", ...told } satisfies PairRequest);
  };
  return { requests, add, read, commits };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the requests of a store", () => {
  it("are done alone at the end of a turn that brings no other", async () => {
    const { add, read } = requestsOn(false);
    add("a");
    expect(read).to.deep.equal([]);
    await turn();
    expect(read).to.deep.equal([["a"]]);
  });

  it("are done together once a turn brings no more", async () => {
    const { add, read } = requestsOn(false);
    add("a");
    add("b");
    await turn();
    add("c");
    await turn();
    expect(read).to.deep.equal([]);
    await turn();
    expect(read).to.deep.equal([["a", "b", "c"]]);
  });

  it("are done once enough have come, though more do", async () => {
    const { add, read } = requestsOn(false);
    for (let at = 0; at < 5; at++) {
      add(`${at}`);
      add(`${at} again`);
      await turn();
      if (at < 2) expect(read).to.deep.equal([]);
    }
    expect(read[0]).to.deep.equal(["0", "0 again", "1", "1 again", "2", "2 again"]);
  });

  it("wait for the disk, and are done together once it has finished", async () => {
    const { add, read, commits } = requestsOn(true);
    add("a");
    await turn();
    add("b");
    await turn();
    expect(read).to.deep.equal([]);
    expect(commits).to.have.length(1);
    commits[0]?.();
    await turn();
    expect(read).to.deep.equal([["a", "b"]]);
  });

  it("do not wait for the disk where they are many, nor where someone wants them done", async () => {
    const { add, read, requests } = requestsOn(true);
    for (const k1 of ["a", "b", "c", "d"]) add(k1);
    await turn();
    await turn();
    expect(read).to.deep.equal([["a", "b", "c", "d"]]);
    add("e");
    requests.perform();
    expect(read).to.deep.equal([["a", "b", "c", "d"], ["e"]]);
  });
});
