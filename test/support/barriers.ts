import axe from "axe-core";
import type { Page } from "playwright-core";

/** What a reader of a page would stumble over, as `rule: element`. axe is evaluated in the page, as
 * a policy may keep scripts of others out. */
export async function barriers(page: Page): Promise<string[]> {
  if (await page.evaluate<boolean>("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) =>
          id + ": " + target.join(" ") + " (" + failureSummary.replace(/\\s+/g, " ") + ")")))`,
  );
}
