import { readFile } from "node:fs/promises";

import { expect } from "chai";
import type { Locator, Page } from "playwright-core";

import { encoded } from "../../playground/src/link.ts";
import { type OpenedPage, servedPlayground } from "../support/browser.ts";

/** One of the three nodes. */
const node = (page: Page, name: string): Locator =>
  page.getByRole("region", { name: `Node ${name}` });

const verdict = (page: Page): Locator => page.locator(".verdict");

/** Has something done at a node. */
async function does(page: Page, at: string, what: "Put" | "Get" | "Remove", value?: string) {
  const form = page.getByRole("form", { name: "Put, get, remove" });
  await form.getByLabel("At").selectOption(at);
  if (value !== undefined) await form.getByLabel("Value").fill(value);
  await form.getByRole("button", { name: what }).click();
}

const hold = (page: Page, one: string, other: string) =>
  page.getByLabel(`Hold the link between ${one} and ${other}`).click();

const letGo = (page: Page, one: string, other: string) =>
  page.getByLabel(`Let go the link between ${one} and ${other}`).click();

const logged = (page: Page, text: string | RegExp) =>
  page.locator(".network-log li", { hasText: text }).first().waitFor();

describe("the playground's store", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  async function store(query = "?tab=store"): Promise<OpenedPage> {
    const opened = await playground.open(query);
    await opened.page.locator(".picture").waitFor();
    return opened;
  }

  it("has what is put at one node read at all, and gone when it is removed at another", async () => {
    const { page, errors } = await store();
    await does(page, "n1", "Put", "green");
    for (const name of ["n1", "n2", "n3"])
      await node(page, name).locator(".versions", { hasText: '"green" n1/1:1' }).waitFor();
    await does(page, "n2", "Get");
    await page.getByText("n2 reads at cart/tea: green").waitFor();
    await does(page, "n3", "Remove");
    await logged(page, "tombstone n3/1:1 names n1/1:1");
    await node(page, "n1").getByText("names n1/1:1").waitFor();
    expect(await page.locator(".versions").count()).to.equal(0);
    await page.getByRole("button", { name: "Clean up" }).click();
    await logged(page, "clean-up: n1 lets 2 go, n2 lets 2 go, n3 lets 2 go");
    for (const name of ["n1", "n2", "n3"]) {
      expect(await node(page, name).textContent()).to.contain("no put, no tombstone");
      expect(await node(page, name).textContent()).to.contain("n1/1:1");
    }
    expect(errors).to.deep.equal([]);
    await page.context().close();
  });

  it("keeps both of two values that were put at once, the same winner everywhere", async () => {
    const { page } = await store();
    await hold(page, "n1", "n2");
    await hold(page, "n1", "n3");
    await does(page, "n1", "Put", "green");
    await does(page, "n2", "Put", "black");
    await node(page, "n3").locator(".versions", { hasText: "black" }).waitFor();
    expect(await verdict(page).textContent()).to.contain("Not yet the same");
    await letGo(page, "n1", "n2");
    await letGo(page, "n1", "n3");
    await verdict(page).getByText("Agreed").waitFor();
    const winners = await page.locator(".versions .winner").allTextContents();
    expect(new Set(winners).size).to.equal(1);
    expect(winners).to.have.length(3);
    expect(winners[0]).to.match(/^"black" n2\/1:1/);
    expect(await page.locator(".versions .sibling").count()).to.equal(3);
    await does(page, "n3", "Put", "white");
    await logged(page, "in place of n1/1:1, n2/1:1");
    expect(await node(page, "n1").locator(".versions").textContent()).to.equal('"white" n3/1:1 ');
    await page.context().close();
  });

  it("brings nothing back when a copy of a put comes after the clean-up", async () => {
    const { page } = await store();
    await hold(page, "n1", "n3");
    await does(page, "n1", "Put", "green");
    await page.getByLabel('Message cart/tea = "green" from n1 to n3').click();
    await page.getByRole("button", { name: "keep a copy" }).click();
    await page.getByLabel(/Message copy of/).waitFor();
    await letGo(page, "n1", "n3");
    await does(page, "n2", "Remove");
    await page.getByRole("button", { name: "Clean up" }).click();
    await logged(page, "clean-up: n1 lets 2 go");
    await page.getByLabel(/Message copy of/).click();
    await page.getByRole("button", { name: "deliver" }).click();
    await logged(page, "which is gone here: nothing comes back");
    expect(await page.locator(".versions").count()).to.equal(0);
    await page.getByText("no put, no tombstone").nth(2).waitFor();
    await page.context().close();
  });

  it("keeps a tombstone until every node has it", async () => {
    const { page } = await store();
    await page.getByRole("button", { name: "One is not heard from" }).click();
    await node(page, "n1").getByText("names n1/1:1").waitFor();
    await logged(page, "clean-up: n1 lets 1 go, n2 lets 1 go, n3 lets nothing go");
    await node(page, "n3").locator(".versions", { hasText: "green" }).waitFor();
    await letGo(page, "n1", "n3");
    await letGo(page, "n2", "n3");
    await page.getByRole("button", { name: "Clean up" }).click();
    await verdict(page).getByText("Agreed").waitFor();
    await page.getByText("no put, no tombstone").nth(2).waitFor();
    await page.context().close();
  });

  it("tells its stories, goes back in them, and has them in links", async () => {
    const { page } = await store();
    await page.getByRole("button", { name: "Put while it is removed" }).click();
    for (const name of ["n1", "n2", "n3"])
      await node(page, name).locator(".versions", { hasText: '"black" n3/1:1' }).waitFor();
    const end = await page.locator(".network-nodes").textContent();
    await page.keyboard.press("Control+s");
    await page.getByText("the link is copied").waitFor();
    const link = await page.evaluate("navigator.clipboard.readText()");
    await page.locator(".time input").fill("1");
    await node(page, "n1").locator(".versions", { hasText: "green" }).waitFor();
    await page.locator(".network-log li").nth(3).waitFor({ state: "detached" });
    const { page: other } = await store(String(link).slice(playground.url.length));
    await node(other, "n1").locator(".versions", { hasText: "black" }).waitFor();
    expect(await other.locator(".network-nodes").textContent()).to.equal(end);
    await other.context().close();
    await page.context().close();
  });

  it("runs the rules of the program, where they are those of a store", async () => {
    const text = await readFile(new URL("../../programs/kv.dl", import.meta.url), "utf8");
    // The winner reversed: the least dot.
    const reversed = text.replace("!later(k1, k2, _, dot)", "!later(k1, k2, dot, _)");
    for (const [program, winner] of [
      [text, /black/],
      [reversed, /green/],
    ] as const) {
      const shared = { main: "kv.dl", files: { "kv.dl": program }, tab: "store" as const };
      const { page } = await store(`#${await encoded(shared)}`);
      await page.getByText("They run the program's own rules").waitFor();
      await page.getByRole("button", { name: "Two puts at once" }).click();
      const first = page.locator(".versions .winner").first();
      await page.getByText("★ winner").first().waitFor();
      expect(await first.textContent()).to.match(winner);
      await page.context().close();
    }
  });

  it("is used with keys alone, and fits a phone", async () => {
    const { page } = await playground.open("?tab=store", { width: 390, height: 800 });
    await page.getByRole("button", { name: "Answers" }).click();
    await page.locator(".picture").waitFor();
    await page.getByLabel("Hold the link between n1 and n2").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Let go the link between n1 and n2").waitFor();
    await page.getByLabel("Value").focus();
    await page.keyboard.press("Enter");
    await node(page, "n3").locator(".versions", { hasText: "green" }).waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).to.be.at.most(390);
    await page.context().close();
  });
});
