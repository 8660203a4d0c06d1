// The playground as nodes serve it, in a real browser: at `calm node`, at `calm kv serve`, and by
// `calm playground`.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Browser } from "playwright-core";

import { NodeClient } from "../../src/client/node-client.ts";
import { barriers } from "../support/barriers.ts";
import { browser, needBrowser, openedPage, type OpenedPage } from "../support/browser.ts";
import { builtCommand } from "../support/built-command.ts";
import { project } from "../programs/folder.ts";

describe("the playground beside a node", function () {
  this.timeout(120_000);
  const home = mkdtempSync(join(tmpdir(), "calm-ui-"));
  const running = new Set<ChildProcess>();
  let chromium: Browser | undefined;

  before(async function () {
    needBrowser(this);
    const vite = join(project, "node_modules/vite/bin/vite.js");
    execFileSync(process.execPath, [vite, "build", "playground"], { cwd: project, stdio: "pipe" });
    chromium = await browser();
  });
  afterEach(async () => {
    for (const child of running) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
  after(async () => {
    await chromium?.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Starts a command; resolves with the address that it says it listens at. */
  async function started(...args: string[]): Promise<string> {
    const child = spawn(process.execPath, [builtCommand(), ...args], { cwd: home });
    running.add(child);
    child.on("exit", () => running.delete(child));
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        child.emit("said");
      });
    for (;;) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url !== undefined) return url;
      if (child.exitCode !== null) throw new Error(`it has ended: ${said}`);
      await Promise.race([once(child, "said"), once(child, "exit")]);
    }
  }

  async function opened(url: string): Promise<OpenedPage> {
    if (chromium === undefined) throw new Error("there is no browser");
    return openedPage(await chromium.newPage(), url);
  }

  it("shows what a node's relations hold, and follows its outputs", async () => {
    const program = join(home, "reach.dl");
    writeFileSync(
      program,
      [
        ".decl link(x: symbol, y: symbol)\n.input link",
        ".decl reach(x: symbol, y: symbol)\n.output reach",
        "reach(x, y) :- link(x, y).\nreach(x, z) :- reach(x, y), link(y, z).\n",
      ].join("\n"),
    );
    const data = join(home, "node");
    const url = await started(
      "node",
      program,
      "--id",
      "a",
      "--listen",
      "127.0.0.1:0",
      "--data",
      data,
    );
    const { page, errors } = await opened(`${url}/ui/`);
    await page.getByRole("tab", { name: "Node", selected: true }).waitFor();
    await page.getByText("none: it is alone").waitFor();
    await page.getByRole("button", { name: "reach", exact: true }).click();
    const tuples = page.getByRole("region", { name: "Tuples of reach" });
    await tuples.getByText("followed: 0 tuples").waitFor();
    const client = new NodeClient(url);
    await client.insert("link", [
      ["a", "b"],
      ["b", "c"],
    ]);
    await tuples.getByText("followed: 3 tuples, none is ever withdrawn").waitFor();
    expect(await tuples.locator("tbody tr").count()).to.equal(3);
    await client.insert("link", [["c", "d"]]);
    await tuples.getByText("followed: 6 tuples").waitFor();
    await page.getByRole("row", { name: /^link 3/ }).waitFor();
    // It asks as `calm query` does, and inserts: its own node lets it.
    const question = page.getByRole("region", { name: "Question" });
    await question.getByLabel("Goal").fill('reach("a", X)');
    await question.getByRole("button", { name: "Ask" }).click();
    await question.getByText("It holds: 3 answers; no answer is ever withdrawn.").waitFor();
    await question.getByRole("cell", { name: "d" }).waitFor();
    await page.getByRole("button", { name: "link", exact: true }).click();
    const form = page.getByRole("form", { name: "Insert into link" });
    await form.getByLabel("x symbol").fill("d");
    await form.getByLabel("y symbol").fill("e");
    await form.getByRole("button", { name: "Insert" }).click();
    await form.getByText("It is durable at the node.").waitFor();
    await page.getByRole("row", { name: /^reach 10/ }).waitFor();
    expect(await barriers(page), "the node").to.deep.equal([]);
    // The rest of the playground works beside a node as elsewhere: the policy lets it.
    await page.getByRole("tab", { name: "Results" }).click();
    await page.locator(".right table tbody tr").first().waitFor();
    expect(errors).to.deep.equal([]);
    await page.getByRole("tab", { name: "Node" }).click();
    await question.getByLabel("Goal").fill("nowhere(X)");
    await question.getByLabel("Goal").press("Enter");
    await question.getByText(/nowhere/).waitFor();
    await page.close();
  });

  it("asks for the token of a store that wants one, and shows the store", async () => {
    const token = join(home, "token");
    writeFileSync(token, "a secret of the store\n".replaceAll(" ", "-"), { mode: 0o600 });
    const flags = ["--listen", "127.0.0.1:0", "--ephemeral", "--token", token];
    const url = await started("kv", "serve", ...flags);
    const client = new NodeClient(url, { token: "a-secret-of-the-store" });
    await client.kv().put("ada", "name", "Ada");
    const { page } = await opened(`${url}/ui/`);
    const form = page.getByRole("form", { name: "Token" });
    await form.getByLabel("Token").fill("another");
    await form.getByRole("button", { name: "Ask with it" }).click();
    await form.getByText("not the token").waitFor();
    expect(await barriers(page), "the form of the token").to.deep.equal([]);
    await form.getByLabel("Token").fill("a-secret-of-the-store");
    await form.getByRole("button", { name: "Ask with it" }).click();
    await page.getByRole("button", { name: "live", exact: true }).click();
    const tuples = page.getByRole("region", { name: "Tuples of live" });
    await tuples.getByText("Ada", { exact: true }).waitFor();
    await client.kv().put("bob", "name", "Bob");
    await tuples.getByText("Bob", { exact: true }).waitFor();
    // What only the store itself follows is read.
    await page.getByRole("button", { name: "cell", exact: true }).click();
    const cells = page.getByRole("region", { name: "Tuples of cell" });
    await cells.getByText("bob", { exact: true }).waitFor();
    await page.close();
  });

  it("is served by calm playground, where it knows of no node", async () => {
    const url = await started("playground", "--port", "0");
    const { page, errors } = await opened(`${url}/?example=02-reachability`);
    await page.locator(".right table tbody tr").first().waitFor();
    expect(await page.getByRole("tab", { name: "Node" }).count()).to.equal(0);
    expect(errors).to.deep.equal([]);
    await page.close();
  });
});
