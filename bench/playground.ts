// `npm run bench:playground`: the playground in a real browser. How long a key takes, from when it is
// pressed to when the page is painted, in a program of a thousand lines; and how long a transitive
// closure of a million tuples takes beside `calm run`, in turn on the same machine. `--assert` ends
// with 1 where a target is missed; `--json` is for machines.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";

import { encoded, type Shared } from "../playground/src/link.ts";
import { Playground } from "../test/support/browser.ts";
import { builtCommand } from "../test/support/built-command.ts";
import { measured, median } from "./measure.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const targets = { keyMs: 50, ratio: 2 };
const rounds = 5;
const keysTyped = 200;
/** Between keys, as of somebody who types fast; and now and then a rest in which the text is checked. */
const [keyMs, restMs, keysToRest] = [60, 400, 25];

const { values: flags } = scriptOptions({
  options: {
    assert: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

/** A program of 1,000 lines, all of which are read again after each key. */
const long = Array.from({ length: 250 }, (_, at) =>
  [
    `.decl link${at}(from: symbol, to: symbol) input`,
    `.decl reach${at}(from: symbol, to: symbol)`,
    `reach${at}(x, y) :- link${at}(x, y).`,
    `reach${at}(x, z) :- reach${at}(x, y), link${at}(y, z).`,
  ].join("\n"),
).join("\n");

/** A chain: each of so many nodes reaches all after it. */
const chainNodes = 1_415;
const closure =
  ".decl edge(x: number, y: number)\n.input edge\n.decl path(x: number, y: number)\n" +
  ".printsize path\npath(x, y) :- edge(x, y).\npath(x, z) :- path(x, y), edge(y, z).\n";
const edges = Array.from({ length: chainNodes - 1 }, (_, at) => `${at}\t${at + 1}\n`).join("");
const tuples = (chainNodes * (chainNodes - 1)) / 2;

const folder = mkdtempSync(join(tmpdir(), "calm-bench-playground-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});
writeFileSync(join(folder, "closure.dl"), closure);
writeFileSync(join(folder, "edge.facts"), edges);

/** Runs the closure in a page of its own; returns the milliseconds from when the page begins to run
 * it, with all that it loads for that, to when its answers are there. */
async function inPage(playground: Playground): Promise<number> {
  const shared: Shared = {
    main: "closure.dl",
    files: { "closure.dl": closure, "edge.facts": edges },
    tab: "results",
    limits: { seconds: 300, tuples: 2 * tuples },
  };
  const { page } = await playground.open(`#${await encoded(shared)}`, undefined, watchRuns);
  const line = page.locator(".run-line[data-kind=done]");
  await line.waitFor({ timeout: 300_000 });
  const shown = await page.locator(".relations").innerText();
  if (!shown.includes(tuples.toLocaleString("en"))) throw new Error(`not the closure: ${shown}`);
  const ms = await page.evaluate<number>("times.done - times.running");
  await page.context().close();
  return ms;
}

/** In the page: when its run began and ended, as it shows it. */
const watchRuns = `
  globalThis.times = {};
  new MutationObserver(() => {
    const kind = document.querySelector(".run-line")?.dataset.kind;
    if (kind !== undefined) times[kind] ??= performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true });`;

/** In the page: how long after each key that was pressed there was a frame with what it did. */
const watchKeys = `
  globalThis.keys = [];
  addEventListener("keydown", ({ timeStamp }) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => keys.push(performance.now() - timeStamp);
      port2.postMessage(0);
    });
  }, { capture: true });`;

/** Returns how long each key took, and what of the processor the page's thread used for one: the
 * latter says more where the machine has other work. */
async function typed(
  playground: Playground,
): Promise<{ readonly keys: readonly number[]; readonly cpuMs: number }> {
  const shared: Shared = { main: "long.dl", files: { "long.dl": long }, tab: "results" };
  const { page } = await playground.open(`#${await encoded(shared)}`, undefined, watchKeys);
  await page.locator(".run-line[data-kind=done]").waitFor();
  await page.locator(".cm-content").click();
  const metrics = await page.context().newCDPSession(page);
  await metrics.send("Performance.enable", { timeDomain: "threadTicks" });
  const cpuMs = async (): Promise<number> => {
    const { metrics: all } = await metrics.send("Performance.getMetrics");
    return 1000 * (all.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
  };
  const before = await cpuMs();
  await type(page, "\nreach7(x, w) :- reach7(x, y), link8(y, z), !link9(z, w).");
  const used = (await cpuMs()) - before;
  const keys = await page.evaluate<number[]>("keys");
  await page.context().close();
  return { keys: keys.sort((a, b) => a - b), cpuMs: used / keys.length };
}

async function type(page: Page, text: string): Promise<void> {
  for (let at = 0; at < keysTyped; at++) {
    const letter = text[at % text.length] ?? " ";
    if (letter === "\n") await page.keyboard.press("Control+End");
    await page.keyboard.press(letter === "\n" ? "Enter" : letter);
    await page.waitForTimeout(at % keysToRest === keysToRest - 1 ? restMs : keyMs);
  }
}

const playground = await Playground.start();
try {
  const page: number[] = [];
  const command: number[] = [];
  const args = [builtCommand(), "run", join(folder, "closure.dl"), "-F", folder];
  for (let round = 0; round < rounds; round++) {
    page.push(await inPage(playground));
    const [run] = measured([{ name: "calm run", args }], 1);
    if (run?.stdout.includes(String(tuples)) !== true)
      throw new Error(`not the closure: ${run?.stdout}`);
    command.push(run.wallMs);
  }
  const { keys, cpuMs } = await typed(playground);
  const at = (part: number): number => keys[Math.floor(keys.length * part)] ?? NaN;
  const result = {
    keys: { count: keys.length, cpuMs, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: keys.at(-1) ?? NaN },
    closure: {
      tuples,
      pageMs: median(page),
      commandMs: median(command),
      ratio: median(page) / median(command),
    },
  };
  const met = result.keys.p99Ms < targets.keyMs && result.closure.ratio <= targets.ratio;
  if (flags.json) console.log(JSON.stringify({ ...result, targets, met }));
  else {
    const ms = (value: number): string => `${value.toFixed(0)} ms`;
    const { p50Ms, p99Ms, maxMs, count } = result.keys;
    console.log(
      `a key in ${String(long.split("\n").length)} lines: ${ms(p50Ms)}, of ${count} keys 99 % within ${ms(p99Ms)}, ` +
        `all within ${ms(maxMs)} (target ${ms(targets.keyMs)}); of the processor ${ms(result.keys.cpuMs)} each`,
    );
    const { pageMs, commandMs, ratio } = result.closure;
    console.log(
      `closure of ${tuples.toLocaleString("en")} tuples: page ${ms(pageMs)}, calm run ${ms(commandMs)}: ` +
        `${ratio.toFixed(2)} x (target ${targets.ratio} x)`,
    );
    if (!met) console.log("a target is missed");
  }
  process.exitCode = met || !flags.assert ? 0 : 1;
} finally {
  await playground.stop();
}
