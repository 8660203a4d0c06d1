import { expect } from "chai";

import { random, type Random } from "../../../src/base/random.ts";
import { comparePairs, compareTexts, type Pair } from "../../../src/server/kv/pair.ts";
import { PairListing } from "../../../src/server/kv/pair-listing.ts";
import { storeRelations } from "../../../src/server/kv/relations.ts";
import { ask, programOf, TestNodes } from "../nodes.ts";
import { put, startStore, storeText } from "./stores.ts";

const seed = Number(process.env["SEED"] ?? "1");

function randomText(from: Random): string {
  const parts = ["a", "b", "é", "€", "\uE000", "\uFFFD", "😀", "𐀀", "\u0001"];
  return Array.from({ length: from.below(4) }, () => from.pick(parts)).join("");
}

describe(`the order of pairs (SEED=${seed})`, () => {
  it("is that of their bytes", () => {
    const from = random(seed);
    for (let round = 0; round < 5_000; round++) {
      const [a, b] = [randomText(from), randomText(from)];
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareTexts(a, b)), JSON.stringify([a, b])).to.equal(bytes);
    }
  });
});

describe(`a listing of pairs (SEED=${seed})`, () => {
  it("has all that there may be after a pair, whatever came in meanwhile", () => {
    const from = random(seed);
    const pairs = new Map<string, Pair>();
    let made = 0;
    const listing = new PairListing(() => {
      made++;
      return pairs.values();
    });
    const change = (): void => {
      const pair = { k1: randomText(from), k2: randomText(from) };
      pairs.set(JSON.stringify(pair), pair);
      listing.changed(pair);
    };
    for (let round = 0; round < 300; round++) {
      for (let more = from.below(10); more > 0; more--) change();
      const after = from.chance(0.5) ? undefined : { k1: randomText(from), k2: randomText(from) };
      const k1 = from.chance(0.5) ? undefined : randomText(from);
      const expected = [...pairs.values()]
        .filter((pair) => after === undefined || comparePairs(pair, after) > 0)
        .filter((pair) => k1 === undefined || pair.k1 === k1)
        .filter((pair) => k1 === undefined || pair.k2 !== "")
        .toSorted(comparePairs);
      expect([...listing.after(after, k1)]).to.deep.equal(expected);
    }
    expect(made).to.equal(1);
  });

  it("is made anew once more has come in than there was, and keeps nothing nobody lists", () => {
    let made = 0;
    const listing = new PairListing(() => {
      made++;
      return [];
    });
    const page = (): number => [...listing.after(undefined, undefined)].length;
    for (let at = 0; at < 30_000; at++) listing.changed({ k1: "before", k2: `${at}` });
    expect([page(), made]).to.deep.equal([0, 1]);
    for (let at = 0; at < 20_001; at++) {
      listing.changed({ k1: "while", k2: `${at}` });
      if (at % 1_000 === 0) page();
    }
    expect([page(), made]).to.deep.equal([0, 2]);
    for (let at = 0; at < 10_001; at++) listing.changed({ k1: "unasked", k2: `${at}` });
    expect([page(), made]).to.deep.equal([0, 3]);
  });
});

describe("pages of pairs", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  async function keys(url: Parameters<typeof ask>[0], limit: number): Promise<string[]> {
    const found: string[] = [];
    for (let next: string | undefined = ""; next !== undefined;) {
      const { body } = await ask(url, `/kv?limit=${limit}${next && `&cursor=${next}`}`);
      const page = body as { cells: readonly Pair[]; next?: string };
      found.push(...page.cells.map(({ k1, k2 }) => `${k1}/${k2}`));
      next = page.next;
    }
    return found;
  }

  it("have what was put, and not what was removed, since the first of them", async () => {
    const node = await startStore(nodes);
    for (let at = 10; at < 40; at++) await put(node, `k/${at}`, "x");
    const first = (await ask(node, "/kv?limit=5")).body as { next: string };
    await put(node, "k/145", "x");
    await put(node, "k/99", "x");
    await ask(node, "/kv/k/20", { method: "DELETE" });
    const rest = (await ask(node, `/kv?cursor=${first.next}`)).body as { cells: Pair[] };
    const names = rest.cells.map(({ k2 }) => k2);
    expect(names.slice(0, 6)).to.deep.equal(["145", "15", "16", "17", "18", "19"]);
    expect(names).to.include("99").and.not.include("20");
    expect((await keys(node, 7)).length).to.equal(31);
  });

  it("have what another program shows, wherever that comes from", async () => {
    const text = `${storeText}
.decl shown(k1: symbol, k2: symbol, dot: symbol, type: symbol, data: symbol)
.input shown
live(k1, k2, dot, type, data) :- shown(k1, k2, dot, type, data).
`;
    expect(storeRelations(programOf(storeText)).relations?.seenInCells).to.equal(true);
    expect(storeRelations(programOf(text)).relations?.seenInCells).to.equal(false);
    const node = await startStore(nodes, { text, program: programOf(text) });
    await put(node, "a/b", "x");
    expect(await keys(node, 1)).to.deep.equal(["a/b"]);
    const rows = JSON.stringify([["c", "d", "e/1:1", "text/plain", "y"]]);
    const headers = { "content-type": "application/json" };
    const shown = await ask(node, "/v1/facts/shown", { method: "POST", headers, body: rows });
    expect(shown.status, shown.text).to.equal(200);
    expect(await keys(node, 1)).to.deep.equal(["a/b", "c/d"]);
  });
});
