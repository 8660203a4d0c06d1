import { expect } from "chai";

import { servedPlayground, write } from "../support/browser.ts";

describe("the playground's explanations", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("prove a row that is clicked, one level after the other", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await page.locator(".rows tbody tr", { hasText: "a" }).nth(2).click();
    const proof = page.getByRole("tree", { name: "Proof" });
    await proof.getByText('reach("a", "d")').waitFor();
    const closed = proof.getByRole("treeitem", { expanded: false });
    const items = proof.getByRole("treeitem");
    const before = await items.count();
    await closed.first().click();
    const after = await items.count();
    expect(after).to.be.greaterThan(before);
    // The same by keys: to the root, closed, and open again with all that was below it closed.
    await proof.getByRole("treeitem").first().focus();
    await page.keyboard.press("ArrowLeft");
    expect(await items.count()).to.equal(1);
    await page.keyboard.press("ArrowRight");
    expect(await items.count()).to.equal(before);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    expect(await page.evaluate("document.activeElement.ariaExpanded")).to.equal("true");
    await page.context().close();
  });

  it("say why a row is not there", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await page.getByLabel("A fact that does not hold").fill('reach("d", "a")');
    await page.getByRole("button", { name: "Why not?" }).click();
    await page.getByText("does not hold").first().waitFor();
    expect(await page.locator(".explain pre").textContent()).to.match(/fails {2}/);
    await page.context().close();
  });

  it("tell a program that needs no coordination from one that does, and prove it", async () => {
    const { page } = await playground.open("?example=coordination/reach&tab=monotonicity");
    await page.getByText("No coordination needed.").waitFor();
    await page.goto(`${playground.url}?example=coordination/unreached&tab=monotonicity`);
    await page.getByText("Coordination needed.").waitFor();
    await page.locator(".witness .wrong", { hasText: "withdrawn" }).waitFor();
    await page.locator(".edge.negation.point").waitFor();
    await page.getByRole("button", { name: /unreached reads reach: negation/ }).click();
    const line = await page.locator(".cm-activeLine").innerText();
    expect(line).to.include('!reach("a", y)');
    await page.context().close();
  });

  it("mend a finding by one of its remedies", async () => {
    const { page } = await playground.open("?tab=monotonicity");
    await write(
      page,
      ".decl p(x: number) input\n.decl q(x: number) input\n" +
        ".decl r(x: number) output\nr(x) :- p(x), !q(x).\n",
    );
    await page.getByText("Coordination needed.").waitFor();
    const detail = page.getByRole("region", { name: "Relation r" });
    await detail.getByRole("button", { name: /Declare "r" as `snapshot`/ }).click();
    await page.getByText("r(x: number) snapshot").waitFor();
    await page.context().close();
  });

  it("show the plan and the code of each stratum", async () => {
    const { page } = await playground.open("?example=coordination/reach&tab=plan");
    const stratum = page.locator(".stratum", { hasText: "reach" });
    await stratum.locator("summary").click();
    expect(await stratum.locator("pre").first().innerText()).to.match(/scan|probe/);
    await page.context().close();
  });
});
