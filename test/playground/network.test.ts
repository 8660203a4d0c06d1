import { expect } from "chai";
import type { Page } from "playwright-core";

import { run, type ServedPlayground, servedPlayground } from "../support/browser.ts";

const verdict = (page: Page) => page.locator(".verdict");

/** Waits until the verdict says something. */
async function comesTo(page: Page, hasText: RegExp): Promise<void> {
  await page.locator(".verdict", { hasText }).waitFor();
}

/** Opens the network of an example, before its first step. */
async function networkOf(playground: ServedPlayground, example: string): Promise<Page> {
  const { page } = await playground.open(`?example=${example}&tab=network`);
  await page.locator(".picture").waitFor();
  return page;
}

/** Lets chance go on until the network is quiet. */
async function toTheEnd(page: Page): Promise<void> {
  await page.getByRole("button", { name: "To the end" }).click();
  await page.waitForFunction(
    "document.querySelector('.time input').value > 5 && " +
      "document.querySelector('.message') === null",
  );
}

describe("the playground's network", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("converges for a monotone program, whatever is lost, repeated, cut and crashed", async () => {
    const page = await networkOf(playground, "coordination/reach");
    await page.getByLabel("Loss").selectOption("0.3");
    await page.getByLabel("Duplicates").selectOption("0.3");
    await page.getByLabel("Cut the link between n1 and n2").click();
    for (let step = 0; step < 6; step++)
      await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.getByRole("group", { name: "Network" }).getByLabel("Crash node n3").click();
    await page.getByRole("button", { name: "To the end" }).click();
    expect(await page.locator(".facts .wrong").count()).to.equal(0);
    await page.getByRole("group", { name: "Network" }).getByLabel("Restart node n3").click();
    await page.getByLabel("Heal the link between n1 and n2").click();
    await toTheEnd(page);
    await comesTo(page, /Converged/);
    expect(await page.locator(".facts .wrong").count()).to.equal(0);
    await page.context().close();
  });

  it("has a node tell what is wrong for one that is not, unless nodes wait for all", async () => {
    const page = await networkOf(playground, "coordination/unreached");
    await toTheEnd(page);
    await comesTo(page, /Wrong/);
    expect(await page.locator(".facts .wrong").count()).to.be.greaterThan(0);
    await page.getByLabel("They").selectOption("wait");
    await page.getByText("waits for").first().waitFor();
    await page.getByLabel("Cut the link between n2 and n3").click();
    await page.getByRole("button", { name: "To the end" }).click();
    await verdict(page).getByText("do not answer").waitFor();
    await page.getByLabel("Heal the link between n2 and n3").click();
    await toTheEnd(page);
    await comesTo(page, /Converged/);
    expect(await page.locator(".facts .wrong").count()).to.equal(0);
    await page.context().close();
  });

  it("has the same program converge where one node puts its facts in order", async () => {
    const page = await networkOf(playground, "coordination/unreached");
    await toTheEnd(page);
    await page.getByRole("button", { name: "Put facts in one order" }).click();
    await page.getByText("sequencer; at epoch").waitFor();
    const epochs = async (): Promise<string[]> => page.locator(".machine-text").allTextContents();
    // Who cannot reach the sequencer stays where it is, and tells nothing wrong.
    await page.getByLabel("Cut the link between n1 and n3").click();
    await page.getByLabel("Loss").selectOption("0.3");
    await page.getByLabel("Duplicates").selectOption("0.3");
    await page.getByRole("button", { name: "To the end" }).click();
    await verdict(page).getByText("that is the price of an order").waitFor();
    expect((await epochs())[2]).to.equal("epoch 0");
    expect(await page.locator(".facts .wrong").count()).to.equal(0);
    await page.getByLabel("Heal the link between n1 and n3").click();
    await toTheEnd(page);
    await comesTo(page, /Converged.*same answers in the same order/);
    expect(new Set(await epochs()).size).to.equal(1);
    expect(await page.locator(".facts .earlier").count()).to.equal(0);
    await page.context().close();
  });

  it("says why it does not run transactions, or what is evaluated in parts", async () => {
    const { page } = await playground.open("?example=bank&tab=network");
    await page.getByText("carried out in the order of a log").waitFor();
    await page.getByRole("tab", { name: "Results" }).click();
    await run(
      page,
      ".decl seat(room: number, by: symbol) input partition(room)\n" +
        ".decl taken(room: number) output\ntaken(r) :- seat(r, _).\n",
    );
    await page.getByRole("tab", { name: "Network" }).click();
    await page.getByText("It is evaluated in parts").waitFor();
    await page.context().close();
  });

  it("does all that is asked for before the first of it is answered", async () => {
    const page = await networkOf(playground, "coordination/reach");
    await page.evaluate(`{
      const buttons = [...document.querySelectorAll("button")];
      const step = buttons.find(({ textContent }) => textContent === "Step");
      for (let clicks = 0; clicks < 6; clicks++) step.click();
    }`);
    await page.locator(".time", { hasText: "6 / 6" }).waitFor();
    await page.context().close();
  });

  it("goes back in time, and on again", async () => {
    const page = await networkOf(playground, "coordination/unreached");
    await toTheEnd(page);
    const end = await page.locator(".network-log").textContent();
    const slider = page.locator('.time input[type="range"]');
    await slider.fill("0");
    await page.locator(".network-log li").first().waitFor({ state: "detached" });
    await toTheEnd(page);
    expect(await page.locator(".network-log").textContent()).to.equal(end);
    await page.context().close();
  });

  it("has one message dropped, repeated and delivered by hand", async () => {
    const page = await networkOf(playground, "coordination/reach");
    await page.getByRole("button", { name: "Step", exact: true }).click();
    const message = page.locator(".message").first();
    await message.click();
    await page.getByRole("button", { name: "duplicate" }).click();
    await page.locator(".network-log", { hasText: "twice" }).waitFor();
    await page.getByRole("button", { name: "drop" }).click();
    await page.locator(".message.lost").waitFor();
    await toTheEnd(page);
    expect(await page.locator(".network-log").textContent()).to.match(/sends .* again/);
    await comesTo(page, /Converged/);
    await page.context().close();
  });

  it("deals the input out as it is dragged", async () => {
    const page = await networkOf(playground, "coordination/reach");
    const fact = page.getByRole("region", { name: "Node n1" }).getByText('link("a", "b")').first();
    await fact.dragTo(page.getByRole("region", { name: "Node n3" }).locator("h3"));
    await page
      .getByRole("region", { name: "Node n3" })
      .locator("li", { hasText: 'link("a", "b")' })
      .waitFor();
    await toTheEnd(page);
    await comesTo(page, /Converged/);
    await page.context().close();
  });

  it("runs programs as their own rules send", async () => {
    const page = await networkOf(playground, "multicast");
    expect(await page.getByLabel("They").innerText()).to.equal("as the rules send");
    await toTheEnd(page);
    await page.context().close();
  });
});
