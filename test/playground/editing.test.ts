import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ran, servedPlayground, write } from "../support/browser.ts";

describe("the playground", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("runs an example without a complaint, and shows its answers", async () => {
    const { page, errors } = await playground.open("?example=02-reachability");
    await ran(page);
    expect(await page.locator(".run-line").textContent()).to.match(/what it expects is met/);
    expect(await page.locator(".rows tbody tr").count()).to.be.greaterThan(1);
    expect(await page.locator(".tok-directive").count()).to.be.greaterThan(1);
    expect(errors).to.deep.equal([]);
    await page.context().close();
  });

  it("says what is wrong while one types, and mends it by a click", async () => {
    const { page } = await playground.open();
    await write(page, ".decl p(x: number)\np(1).\np(y) :- q(y).\n.output p\n");
    await page.getByText('relation "q" is not declared').first().waitFor();
    await page.locator(".cm-lintRange-error").hover();
    await page.locator(".cm-diagnosticAction", { hasText: "Declare it" }).click();
    await ran(page);
    const text = await page.locator(".cm-content").innerText();
    expect(text).to.include(".decl q(");
    await page.context().close();
  });

  it("ends a program that does not end, when it is told to and by itself", async () => {
    const { page } = await playground.open();
    const endless = ".decl n(x: number)\nn(0).\nn(x + 1) :- n(x).\n.output n\n";
    await page.getByRole("button", { name: "Limits of a run" }).click();
    await page.getByLabel("Tuples derived").fill("1000000000");
    await page.getByLabel("Seconds").fill("300");
    await page.keyboard.press("Escape");
    await ran(page);
    await write(page, endless);
    await page.getByText(/running… [\d,]{7,} tuples/).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator(".run-line[data-kind=stopped]").waitFor();
    expect(await page.locator(".run-line").textContent()).to.equal("Stopped: you stopped it.");
    await page.getByRole("button", { name: "Limits of a run" }).click();
    await page.getByLabel("Seconds").fill("1");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("it ran for 1 s, the limit").waitFor();
    await write(page, endless.replace("n(x).", "n(x), x < 10."));
    await ran(page);
    expect(await page.locator(".relations").textContent()).to.match(/n\s*11/);
    await page.context().close();
  });

  it("shares what is seen by a link, which another browser opens", async () => {
    const { page } = await playground.open();
    await write(page, '.decl shared(x: symbol)\nshared("by a link").\n.output shared\n');
    await ran(page);
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByText("the link is copied").waitFor();
    const link = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(link).to.match(/#v1=[\w-]+$/);
    await page.context().close();
    const other = await playground.open(new URL(link).hash);
    await other.page.getByText("by a link").nth(1).waitFor();
    await other.page.context().close();
  });

  it("opens the links of the first version", async () => {
    const links = JSON.parse(
      readFileSync(new URL("./links.json", import.meta.url), "utf8"),
    ) as readonly { readonly hash: string; readonly shows: string }[];
    for (const { hash, shows } of links) {
      const { page } = await playground.open(`#${hash}`);
      await page.getByText(shows).first().waitFor();
      await page.context().close();
    }
  });

  it("keeps what is open over a reload", async () => {
    const { page } = await playground.open();
    await write(page, ".decl kept(x: number)\nkept(7).\n.output kept\n");
    // At once: what was typed last has not been checked yet.
    await page.reload();
    await page.getByText("kept(7)").waitFor();
    await page.context().close();
  });
});
