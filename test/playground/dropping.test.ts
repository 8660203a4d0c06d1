import { expect } from "chai";
import type { Locator } from "playwright-core";

import { ran, run, servedPlayground } from "../support/browser.ts";

/** Drops a file on an element, as from a folder. */
async function drop(on: Locator, name: string, text: string): Promise<void> {
  const carried = await on.page().evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    return transfer;
  })()`);
  await on.dispatchEvent("dragover", { dataTransfer: carried });
  await on.dispatchEvent("drop", { dataTransfer: carried });
}

const program =
  ".decl edge(from: symbol, to: number)\n.input edge\n" +
  ".decl two(x: number)\n.output two\ntwo(2 * x) :- edge(_, x).\n";

describe("the playground takes files", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("for the relation on which they are dropped, as its .input reads them", async () => {
    const { page, errors } = await playground.open();
    await run(page, program);
    await drop(page.getByText("+ facts of edge"), "any.csv", "to,from\n1,a\n2,b\n");
    await page.getByText("any.csv holds the facts of edge now").waitFor();
    await page.locator(".relations", { hasText: /two\s*2/ }).waitFor();
    expect(await page.getByLabel("from, row 2").inputValue()).to.equal("b");
    const results = page.getByRole("group", { name: "Relations" });
    await drop(results.getByRole("button", { name: /edge/ }), "x.json", '[["c", 5]]');
    await page.locator(".relations", { hasText: /two\s*1/ }).waitFor();
    expect(await page.getByLabel("to, row 1").inputValue()).to.equal("5");
    await page.getByLabel("Load…").setInputFiles({
      name: "y.tsv",
      mimeType: "text/plain",
      buffer: Buffer.from("c\t5\nd\t6\ne\t7\n"),
    });
    await page.locator(".relations", { hasText: /two\s*3/ }).waitFor();
    expect(errors).to.deep.equal([]);
    await page.context().close();
  });

  it("says at the row what is wrong with it, until it is mended there", async () => {
    const { page } = await playground.open();
    await run(page, program);
    await drop(page.locator("main"), "edge.csv", "a,1\nb,two\n");
    const wrong = page.getByLabel("to, row 2");
    await page.locator(".grid tr.wrong .row-error").waitFor();
    expect(await wrong.getAttribute("aria-invalid")).to.equal("true");
    await page
      .locator(".problems")
      .getByRole("button", { name: /edge\.facts:2/ })
      .waitFor();
    await wrong.fill("2");
    await wrong.press("Tab");
    await page.locator(".relations", { hasText: /two\s*2/ }).waitFor();
    await ran(page);
    expect(await page.locator(".row-error").count()).to.equal(0);
    await page.context().close();
  });

  it("refuses one that does not fit, and keeps the facts that there are", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await ran(page);
    const file = page.getByRole("button", { name: "link.facts", exact: true });
    await drop(file, "bad.csv", "only one column\n");
    await page.getByText("bad.csv is not taken: line 1: 1 of 2 columns").waitFor();
    await page.locator(".relations", { hasText: /reach\s*6/ }).waitFor();
    await page.context().close();
  });
});
