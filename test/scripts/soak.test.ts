// What a soak would notice: losses, what comes back, and what grows.
import { expect } from "chai";

import { contentsOf, SoakClients } from "../../scripts/soak-clients.ts";
import { coursesOf, type Sample } from "../../scripts/soak-samples.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { put, remove, startStore } from "../server/kv/stores.ts";
import { TestNodes } from "../server/nodes.ts";

describe("the clients of a soak", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  /** Clients who have asked a store for so much, and nothing more. */
  async function worked(): Promise<readonly [SoakClients, RunningNode]> {
    const node = await startStore(nodes, { fsync: "never" });
    const load = { urls: [node.url], seed: 1, clients: 2, rate: 100_000 };
    const ends = new AbortController();
    const clients = new SoakClients(load);
    const { counts } = clients;
    const working = clients.run(ends.signal);
    while (counts.puts < 300 || counts.removes < 50)
      await new Promise((resolve) => setImmediate(resolve));
    ends.abort();
    await working;
    return [clients, node];
  }

  it("find nothing wrong where nothing is", async () => {
    const [clients, node] = await worked();
    expect(clients.counts).to.include({ behind: 0, unanswered: 0 });
    expect(clients.losses).to.deep.equal([]);
    expect(clients.wrongIn(await contentsOf(node.url))).to.deep.equal([]);
  });

  it("notice what is lost, what is there again, and what nobody put", async () => {
    const [clients, node] = await worked();
    const before = await contentsOf(node.url);
    const [[kept, [text = ""]] = ["", []]] = [...before].slice(0, 1);
    const path = `${encodeURIComponent(kept)}/value`;
    await remove(node, path);
    expect(clients.wrongIn(await contentsOf(node.url))).to.deep.equal([
      `${kept}: ${text.split(" ").slice(0, 3).join(" ")} was acknowledged, and is not there`,
    ]);
    await put(node, path, text);
    expect(clients.wrongIn(await contentsOf(node.url))).to.deep.equal([]);
    await put(node, `${path}?replaces=none`, "something else");
    await put(node, "c0%2F0/value", "all gone");
    expect(clients.wrongIn(await contentsOf(node.url))).to.deep.equal([
      `${kept}: something else was removed, and is there`,
      "c0/0: all was removed, and something is there",
    ]);
  });
});

describe("the samples of a soak", () => {
  const mib = 1 << 20;
  const hourMs = 3_600_000;

  /** A sample every five seconds; `of` says what it is, by the part of the time that has passed. */
  function samples(of: (part: number, at: number) => Partial<Sample>): Sample[] {
    const memory = { heap: 50 * mib, garbage: 4 * mib, buffers: 9 * mib, resident: 150 * mib };
    return Array.from({ length: 720 }, (_, at) => ({
      ...{ ...memory, descriptors: 30, folder: 64 * mib, atMs: at * 5_000 },
      ...of(at / 720, at),
    }));
  }

  function growing(some: readonly Sample[]): string[] {
    return coursesOf(some, hourMs).flatMap(({ measure, verdict }) =>
      verdict === "grows" ? [measure] : [],
    );
  }

  it("tell what grows from what goes up and down", () => {
    expect(growing(samples(() => ({})))).to.deep.equal([]);
    // What is not collected yet, and a log before it is compacted.
    const saw = (at: number): number => (at % 60) * mib;
    expect(
      growing(samples((_, at) => ({ heap: 50 * mib + saw(at), folder: saw(at) }))),
    ).to.deep.equal([]);
    // A start that takes long.
    expect(growing(samples((part) => ({ heap: (part < 0.2 ? 20 : 60) * mib })))).to.deep.equal([]);
    expect(
      growing(samples((part, at) => ({ heap: (50 + 100 * part) * mib + saw(at) }))),
    ).to.deep.equal(["heap"]);
    expect(growing(samples((part) => ({ garbage: 20 * part * mib })))).to.deep.equal(["garbage"]);
    expect(
      growing(samples((part) => ({ descriptors: 30 + 40 * part, folder: 200 * part * mib }))),
    ).to.deep.equal(["descriptors", "folder"]);
  });

  it("say nothing of what was too short, or is not measured", () => {
    const short = samples(() => ({ descriptors: Number.NaN })).filter((_, at) => at % 60 === 0);
    expect(
      coursesOf(short, hourMs).map(({ measure, verdict }) => [measure, verdict]),
    ).to.deep.equal(
      ["heap", "garbage", "buffers", "resident", "folder"].map((measure) => [measure, "too short"]),
    );
  });
});
